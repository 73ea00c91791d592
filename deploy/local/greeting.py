"""What `lianban up` prints: one address, and whom one may be there."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.sign_in.directory import DemoUser
from kernel.public_service.access import Role

_SHOWN = (Role.CITIZEN, Role.WINDOW_CLERK, Role.TOWNSHIP_OFFICER, Role.COUNTY_SUPERVISOR, Role.FUNERAL_HOME)


def greeting(
    address: str, users: Iterable[DemoUser], *, departments: str, people: int, logs: Path, seconds: float
) -> str:
    """The whole text."""
    lines = [
        "",
        f"  联办已启动 · Lianban is up   {address}",
        "",
        f"  演示登录（打开网址后点选；人和事都是虚构的，共 {people} 人） · Demo sign-ins (all invented):",
        *(f"    {user.user:<28} {user.title}" for user in _some(list(users))),
        "    …                            全部身份见登录页 · all of them on the sign-in page",
        "",
        f"  接口 API   {address}/openapi.json     模拟部门 Departments   {departments}/police",
        f"  日志 Logs  {logs}     （{seconds:.1f} s）",
        "  Ctrl-C 结束 · Ctrl-C ends it",
        "",
    ]
    return "\n".join(lines)


def _some(users: Sequence[DemoUser]) -> list[DemoUser]:
    """The first user of each role that one meets first, of the first county that has one."""
    firsts: dict[Role, DemoUser] = {}
    for user in users:
        firsts.setdefault(user.role, user)
    return [firsts[role] for role in _SHOWN if role in firsts]
