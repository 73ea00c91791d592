"""explain CASE: why a case stands as it does (design 11.17): plan, unanswered orders, outbox, parked keys, deliveries,
next checks. It shows codes and times, never a person's data."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import text

from deploy.command_line.opened import opened
from deploy.command_line.options import FOLDER, Data, installation
from deploy.local.installation import Installation
from deploy.local.system import GATEWAY
from gateway.cases.problems import CaseUnknown
from kernel.public_service.clock import TZ
from kernel.service import Service

_CASE = text("""
    SELECT id, case_no, life_event, status, version, progress, region, confirmed, doubted, holds, submitted_at
    FROM cases WHERE case_no = :case_no""")
_ROWS = text("""
    SELECT type, owner, round, state, reason, order_no, answered, outcome_version, sent, wanted, step, due_at
    FROM case_procedures WHERE case_id = :case ORDER BY position, round""")
_ASKS = text("""
    SELECT kind, role, region, due_at FROM gateway_tasks
    WHERE case_id = :case AND closed_at IS NULL ORDER BY opened_at""")
_DELIVERIES = text("""
    SELECT department, type, kind, state, attempts, failure, next_check_at, leased_until
    FROM deliveries WHERE case_id = :case AND current ORDER BY opened_at, id""")
_OUTBOX = text("SELECT seq, topic, created_at FROM outbox WHERE key = :key ORDER BY seq")
_MAIL = text("SELECT seq, consumer, topic, created_at FROM mail WHERE key = :key ORDER BY seq")
_PARKED = text("SELECT consumer, topic, reason, attempts, parked_at FROM parked_keys WHERE key = :key")
_PARKED_OUTBOX = text("SELECT topic, reason, parked_at FROM parked_outbox WHERE key = :key")
_CHECKS = text("""
    SELECT type, state, step, order_no, version, next_check_at FROM procedures
    WHERE case_id = :case AND ended_at IS NULL ORDER BY next_check_at NULLS LAST, type""")

_ENDED = frozenset({"done", "refused", "not_applicable", "withdrawn", "undone"})


def explain(
    case: Annotated[str, typer.Argument(help="办件编号 / case number")],
    data: Data = FOLDER,
) -> None:
    """一个件为什么停在这里：计划、未答复的指令、发件箱、停放、送件、下次检查。Why a case stands as it does."""
    print("\n".join(asyncio.run(_explained(installation(data), case))))


async def _explained(place: Installation, case_no: str) -> list[str]:
    async with opened(place) as services:
        case = next(iter(await _read(services[GATEWAY], _CASE, case_no=case_no)), None)
        if case is None:
            raise CaseUnknown()
        lines = list(_head(case))
        lines += await _board(services[GATEWAY], case)
        for name, service in services.items():
            lines += await _messages(name, service, str(case["id"]))
        for name, service in services.items():
            checks = await _read(service, _CHECKS, case=case["id"])
            lines += [f"  {name}: {_pairs(row)}" for row in checks]
    return lines


async def _read(service: Service, statement: Any, **parameters: Any) -> Sequence[Mapping[str, Any]]:
    async with service.transactions.begin() as tx:
        return [dict(row) for row in (await tx.execute(statement, parameters)).mappings()]


def _head(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"{case['case_no']}  {case['life_event']}  {case['status']}  v{case['version']}  {case['id']}"
    yield f"  {_pairs({name: case[name] for name in ('region', 'submitted_at', 'progress', 'confirmed', 'doubted')})}"
    if case["holds"]:
        yield f"  暂扣 holds: {', '.join(case['holds'])}"


async def _board(gateway: Service, case: Mapping[str, Any]) -> list[str]:
    rows = await _read(gateway, _ROWS, case=case["id"])
    lines = ["", "计划 · plan"]
    lines += [f"  {_row(row)}" for row in rows]
    lines += ["", "未答复的指令 · unanswered orders"]
    lines += [
        f"  {row['type']}: {row['sent']} #{row['order_no']}，已答复到 answered {row['answered']}"
        for row in rows
        if row["order_no"] > row["answered"]
    ]
    lines += ["", "网关待办 · the gateway's own tasks"]
    lines += [f"  {_pairs(row)}" for row in await _read(gateway, _ASKS, case=case["id"])]
    lines += ["", "送部门 · deliveries"]
    lines += [f"  {_pairs(row)}" for row in await _read(gateway, _DELIVERIES, case=case["id"])]
    return [
        *lines,
        "",
        "消息和停放 · messages and parked keys; 未办结与下次检查 · open procedures and next checks",
    ]


def _row(row: Mapping[str, Any]) -> str:
    """One line of the plan: what it waits for stands behind it."""
    known = {name: row[name] for name in ("reason", "step", "wanted", "due_at") if row[name] is not None}
    sign = " " if row["state"] in _ENDED else "·"
    return f"{sign} {row['type']:<38} {row['state']:<15} {_pairs(known)}".rstrip()


async def _messages(name: str, service: Service, key: str) -> list[str]:
    lines = [f"  {name} outbox: {_pairs(row)}" for row in await _read(service, _OUTBOX, key=key)]
    lines += [f"  {name} mail: {_pairs(row)}" for row in await _read(service, _MAIL, key=key)]
    lines += [f"  {name} 停放 parked: {_pairs(row)}" for row in await _read(service, _PARKED, key=key)]
    lines += [
        f"  {name} 停放 parked outbox: {_pairs(row)}" for row in await _read(service, _PARKED_OUTBOX, key=key)
    ]
    return lines


def _pairs(row: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}={_shown(value)}" for name, value in row.items() if value is not None)


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(TZ).isoformat(timespec="seconds")
    return str(value)
