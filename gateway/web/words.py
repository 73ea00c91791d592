"""What screens say: states, colours, roles, owners, limits and instants in words, Chinese first, English beside.

Kind words are a rule (design 9): towards a family nothing is "overdue", nothing counts down.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from contracts.catalog_files import Catalogue, load_catalogue
from gateway.web.word_lists import CODES, MEMBERS, REASONS
from kernel.public_service.access import Action, Role, role_may
from kernel.public_service.clock import TZ

STATES: Mapping[str, tuple[str, str, str]] = {
    # state: (sign, Chinese, English); the sign tells it without colour
    "waiting": ("○", "等前面的事项", "Waits for another step"),
    "open": ("◐", "办理中", "In progress"),
    "paused": ("‖", "暂停，等补充", "Paused"),
    "offered": ("?", "由您决定", "Your choice"),
    "done": ("✓", "已办结", "Done"),
    "refused": ("✕", "不予办理", "Refused"),
    "not_applicable": ("–", "不需要办", "Not needed"),
    "withdrawn": ("↩", "已撤回", "Withdrawn"),
    "undoing": ("↺", "正在恢复", "Being undone"),
    "undone": ("↺", "已恢复", "Undone"),
    "stuck": ("!", "正在人工核实", "Being checked by a person"),
}
CASE_STATUS: Mapping[str, tuple[str, str]] = {
    "accepted": ("已受理", "Accepted"),
    "in_progress": ("办理中", "In progress"),
    "finished": ("全部办结", "Finished"),
    "withdrawing": ("正在撤回", "Being withdrawn"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "revoking": ("正在撤销并恢复", "Being revoked"),
    "revoked": ("已撤销并恢复", "Revoked"),
}
COLOURS: Mapping[str, tuple[str, str]] = {
    "none": ("时间充足", "In time"),
    "blue": ("已过一半时间", "Half the time has passed"),
    "yellow": ("时间将到", "The time is nearly over"),
    "red": ("已超过办理时限", "Past the limit"),
}
# How far the pressing of a late step has come (staff only; a family reads that we are at it).
ESCALATIONS: Mapping[str, tuple[str, str]] = {
    "none": ("", ""),
    "half": ("", ""),
    "reminded": ("已提醒", "Reminded"),
    "county": ("县里督办", "With the county"),
}
PROVISIONAL = "（暂定，放假安排公布后再定）"
ROLES: Mapping[str, tuple[str, str]] = {
    "citizen": ("群众", "Citizen"),
    "agent": ("代办人", "Agent"),
    "window_clerk": ("窗口工作人员", "Window clerk"),
    "township_officer": ("乡镇（街道）经办人", "Township officer"),
    "village_assistant": ("村（社区）协理员", "Village assistant"),
    "county_supervisor": ("县级审核人", "County supervisor"),
    "registrar": ("婚姻登记员", "Marriage registrar"),
    "funeral_home": ("殡仪馆", "Funeral home"),
    "provider": ("养老服务机构", "Eldercare provider"),
    "surveyor": ("入户调查员", "Surveyor"),
    "finance": ("财务", "Finance"),
    "hotline": ("热线", "Hotline"),
    "department": ("联办部门", "Co-handling department"),
    "auditor": ("监督检查", "Auditor"),
    "operator": ("系统运行", "Operator"),
    "account_admin": ("账号管理", "Account administrator"),
    "audit_admin": ("审计管理", "Audit administrator"),
}
SERVICES: Mapping[str, tuple[str, str]] = {
    "assistance": ("民政 · 社会救助", "Social assistance"),
    "eldercare": ("民政 · 养老服务", "Eldercare"),
    "funeral": ("民政 · 殡葬服务", "Funeral service"),
    "marriage": ("民政 · 婚姻登记", "Marriage registry"),
    "gateway": ("联办窗口", "Lianban window"),
}
ORIGINS: Mapping[str, tuple[str, str]] = {
    "ex_officio": ("政府主动办", "Done for you"),
    "applied": ("按您的意愿办", "At your wish"),
}
UNITS: Mapping[str, tuple[str, str]] = {
    "hour": ("小时", "hours"),
    "WD": ("个工作日", "working days"),
    "CD": ("天", "days"),
    "month": ("个月", "months"),
}
COUNTED_FROM: Mapping[str, tuple[str, str]] = {
    "accepted": ("受理之日起", "from acceptance"),
    "event": ("事件发生之日起", "from the event"),
    "step": ("本环节开始起", "from the start of the step"),
}
REVOCATION_KINDS: Mapping[str, tuple[str, str]] = {
    "wrong_match": ("认错了人", "Wrong person"),
    "certificate_void": ("死亡证明被注销", "The certificate is void"),
    "court_revoked": ("法院撤销死亡宣告", "A court revoked the declaration"),
}
# Why somebody is looked up: logged with the search (design 7).
PURPOSES: Mapping[str, tuple[str, str]] = {
    "window": ("窗口办事", "At the window"),
    "case": ("办理联办件", "Work on a case"),
    "visit": ("入户走访、探访", "A visit at home"),
    "recheck": ("复核待遇", "A recheck"),
    "question": ("答复群众询问", "A citizen's question"),
}


@lru_cache
def catalogue() -> Catalogue:
    """The catalogue of this process."""
    return load_catalogue()


def role_name(role: str) -> str:
    """The role in Chinese; an unknown code stays as it is."""
    return ROLES.get(role, (role, role))[0]


def owner_name(owner: str) -> str:
    """The owner in Chinese: one of our services or a department of the catalogue."""
    department = catalogue().departments.get(owner)
    return department.name if department else SERVICES.get(owner, (owner, owner))[0]


def owner_name_en(owner: str) -> str:
    """The owner in English."""
    department = catalogue().departments.get(owner)
    return department.name_en if department else SERVICES.get(owner, (owner, owner))[1]


def procedure_name(kind: str | None) -> str:
    """The name of a procedure type in the catalogue; empty for none."""
    for event in catalogue().life_events.values():
        for row in event.procedures:
            if row.type == kind:
                return row.name
    return kind or ""


def region_name(code: str | None) -> str:
    """All names of the path; an unknown code stays as it is."""
    tree = catalogue().tree
    if not code:
        return ""
    if code == "000000":
        return "全国"
    return tree.full_name(code) if code in tree else code


def moment(instant: str | datetime | None) -> str:
    """2026年3月1日 9:05, Asia/Shanghai."""
    if not instant:
        return ""
    at = (datetime.fromisoformat(instant) if isinstance(instant, str) else instant).astimezone(TZ)
    return f"{at.year}年{at.month}月{at.day}日 {at.hour}:{at.minute:02}"


def day(instant: str | datetime | None) -> str:
    """2026年3月1日."""
    return moment(instant).split(" ")[0]


def due_words(instant: str | None, *, provisional: bool) -> str:
    """The last day, and in words that it may still move: its year's holidays are not announced yet."""
    return f"{day(instant)}{PROVISIONAL if provisional else ''}" if instant else ""


def yuan(fen: int) -> str:
    """1,050.00 元 from integer fen."""
    return f"{fen // 100:,}.{fen % 100:02} 元" if fen >= 0 else f"-{yuan(-fen)}"


def limit_words(limit: Mapping[str, Any] | None) -> tuple[str, str]:
    """A limit `{amount, unit, from}` or `{none: reason}` in both languages."""
    if not limit or limit.get("none"):
        reason = (limit or {}).get("none") or "没有法定时限"
        return str(reason), "No fixed limit"
    unit, since = UNITS[limit["unit"]], COUNTED_FROM[limit["from"]]
    return f"{since} {limit['amount']} {unit[0]}内", f"within {limit['amount']} {unit[1]} {since[1]}"


def may_report(role: str) -> bool:
    """Whether the role reports life events on the pages."""
    return role_may(Role(role), Action.REPORT_CASE)


def may_read_assets(role: str) -> bool:
    """Whether the role may ever read where a dead person's assets are held."""
    return role_may(Role(role), Action.READ_ASSETS)


def has_desk(role: str) -> bool:
    """Whether the role has a queue of tasks."""
    return role_may(Role(role), Action.LIST_TASKS)


def sends_letters(role: str) -> bool:
    """Whether the role prints and brings letters."""
    return role_may(Role(role), Action.SEND_LETTERS)


def files_decisions(role: str) -> bool:
    """Whether the role files what townships decided by a delegated power."""
    return role_may(Role(role), Action.FILE_DECISIONS)


def reads_overpayments(role: str) -> bool:
    """Whether the role sees what was paid too much."""
    return role_may(Role(role), Action.READ_OVERPAYMENTS)


def may_search(role: str) -> bool:
    """Whether the role looks people up."""
    return role_may(Role(role), Action.SEARCH_PEOPLE)


def sees_bed_offers(role: str) -> bool:
    """Whether the role sees beds that are kept for people on waiting lists."""
    return role_may(Role(role), Action.READ_BED_OFFERS)


def takes_declarations(role: str) -> bool:
    """Whether the role takes declarations about a marriage."""
    return role_may(Role(role), Action.DECLARE_UNWILLING)


def sees_awards_in_life(role: str) -> bool:
    """Whether the role sees awards enjoyed in life."""
    return role_may(Role(role), Action.READ_AWARDS_IN_LIFE)


def checks_grants(role: str) -> bool:
    """Whether the role signs grants that came after a death."""
    return role_may(Role(role), Action.CHECK_GRANT)


def books_visits(role: str) -> bool:
    """Whether the role ever books visits to where somebody rests."""
    return role_may(Role(role), Action.BOOK_VISIT)


def reads_people(role: str) -> bool:
    """Whether the role reads what people hold."""
    return role_may(Role(role), Action.READ_PERSON)


def code(value: Any) -> str:
    """A code of a result or a decision in words; what is no known code stays as it is."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(code(member) for member in value) or "无"
    if isinstance(value, Mapping):
        return "；".join(f"{CODES.get(name, name)} {code(member)}" for name, member in value.items())
    return CODES.get(str(value), str(value))


def shown(name: str, value: Any) -> str:
    """A member of a result or of facts in words: money in 元, instants as 年月日, codes as Chinese."""
    if name.endswith("_fen") and isinstance(value, int) and not isinstance(value, bool):
        return yuan(value)
    if isinstance(value, str) and name.endswith(("_at", "_of_life")) and "T" in value:
        return moment(value)
    if isinstance(value, Mapping):
        # A number of ours beside the name of the thing says nothing to a reader.
        told = {key: member for key, member in value.items() if key != "hold" or "kind" not in value}
        return "；".join(f"{member_name(key)} {shown(key, member)}" for key, member in told.items())
    if isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        return "\n".join(shown("", member) for member in value)
    if name == "proof" and isinstance(value, str) and value:
        return "、".join(_proof(*each.split(" ")) for each in value.split(", "))
    return "无" if value in (None, "", []) else code(value)


def _proof(type: str, version: str) -> str:
    return f"{procedure_name(type)}（第 {version} 版）"


def member_name(name: str) -> str:
    """The name of a member of a result in Chinese; an unknown one stays as it is."""
    return MEMBERS.get(name, name)


def reason_words(reason: str | None) -> str:
    """Why a procedure stands as it does; a sentence stays as it is."""
    if not reason:
        return ""
    return REASONS.get(reason, CODES.get(reason, reason))
