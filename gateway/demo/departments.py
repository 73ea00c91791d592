"""The moods of the simulated departments, kept at the gateway and handed to the simulators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import httpx
from sqlalchemy import text

from gateway.desk import Desk
from gateway.exchange import leases
from gateway.exchange.bell import ring_after_commit
from gateway.exchange.department_client import DepartmentClient, department_http
from gateway.exchange.exchange import Exchange
from kernel.errors import Unavailable

Mode = Literal["prompt", "slow", "error", "silent", "wrong", "manual"]
_ALL = text("SELECT department, mode, delay_seconds FROM demo_departments")
_SET = text("""
    INSERT INTO demo_departments (department, mode, delay_seconds) VALUES (:department, :mode, :delay)
    ON CONFLICT (department) DO UPDATE SET mode = EXCLUDED.mode, delay_seconds = EXCLUDED.delay_seconds""")
_TIMEOUT_SECONDS = 3.0


class SimulatorAway(Unavailable):
    """模式已经保存，模拟部门暂时没有应答，启动后会自动读取。
    The mode is stored; the simulator did not answer and reads it when it starts."""


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """One department and how its simulator behaves."""

    id: str
    name: str
    name_en: str
    reached_by: str
    mode: Mode
    delay_seconds: float


async def departments(exchange: Exchange) -> Sequence[DemoDepartment]:
    """All of the catalogue, in its order; prompt unless set otherwise."""
    async with exchange.desk.open() as tx:
        stored = {row.department: (row.mode, row.delay_seconds) for row in await tx.execute(_ALL)}
    return [
        DemoDepartment(one.id, one.name, one.name_en, one.reached_by, *stored.get(one.id, ("prompt", 0.0)))
        for one in exchange.limits.departments.values()
    ]


async def set_mode(desk: Desk, department: str, mode: Mode, delay_seconds: float) -> None:
    """Store it, then tell the simulator. Raises SimulatorAway when that does not answer.

    Unless a person takes over, what somebody has pulled and left lying is free for the simulator at once.
    """
    async with desk.open() as tx:
        await tx.execute(_SET, {"department": department, "mode": mode, "delay": delay_seconds})
        if mode != "manual":
            await leases.freed(tx, department)
            ring_after_commit(tx)
    settings = desk.settings
    async with department_http(timeout_seconds=_TIMEOUT_SECONDS) as http:
        client = DepartmentClient(http, settings.departments_url, settings.department_addresses)
        body = {"mode": mode, "delay_seconds": delay_seconds}
        try:
            answer = await http.put(f"{client.address(department)}/mode", json=body)
            answer.raise_for_status()
        except (httpx.HTTPError, OSError) as error:
            raise SimulatorAway(extra={"department": department}) from error
