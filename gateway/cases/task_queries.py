"""The queue: tasks of the owners (from the board) and of the gateway itself, in the reader's scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.acts import COUNTY_STANDS_IN_FOR, ESCALATED
from contracts.outcomes import Task
from gateway.cases import asks
from gateway.cases.problems import TaskUnknown
from gateway.cases.standing import parsed
from gateway.cases.views import colour, escalation_word, instant, local
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor, Role, region_prefix

_ENDED = "('done', 'refused', 'not_applicable', 'withdrawn', 'undone')"
_ALL = f"""
    SELECT p.task_id AS id, p.case_id, p.id AS procedure, p.type, p.owner, p.step, p.task_role AS role,
           p.task_region AS region, p.task, p.due_at, p.half_at, p.warn_at, p.outcome_version AS version,
           NULL::text AS kind, NULL::jsonb AS facts, NULL::timestamptz AS opened_at, p.provisional,
           p.escalation, p.paused_at, p.state, c.case_no, c.life_event, c.plan
    FROM case_procedures p JOIN cases c ON c.id = p.case_id
    WHERE p.task_id IS NOT NULL AND p.state NOT IN {_ENDED}
    UNION ALL
    SELECT g.id, g.case_id, g.procedure, p.type, 'gateway', g.kind, g.role, g.region, NULL::jsonb,
           g.due_at, g.half_at, g.warn_at, g.version, g.kind, g.facts, g.opened_at, g.provisional,
           g.escalation, NULL::timestamptz, 'open', c.case_no, c.life_event, c.plan
    FROM gateway_tasks g JOIN cases c ON c.id = g.case_id LEFT JOIN case_procedures p ON p.id = g.procedure
    WHERE g.closed_at IS NULL"""
_ONE = text(f"SELECT * FROM ({_ALL}) t WHERE id = :id")
_CLOSED = text("""
    SELECT p.case_id FROM case_tasks t JOIN case_procedures p ON p.id = t.procedure WHERE t.task_id = :id
    UNION ALL SELECT g.case_id FROM gateway_tasks g WHERE g.id = :id AND g.closed_at IS NOT NULL LIMIT 1""")


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """`after`: the last item's (due or infinity, id) of the page before. `escalation`: so many marks passed."""

    owner: str | None = None
    region: str | None = None
    due_before: datetime | None = None
    life_event: str | None = None
    after: tuple[str, UUID] | None = None
    limit: int = 50
    escalation: int = 0


async def list_tasks(tx: Transaction, chosen: TaskFilter, actor: Actor) -> list[Any]:
    """Most urgent first; one more than asked tells that there is a next page."""
    conditions, parameters = _scope(actor)
    for name in ("owner", "life_event"):
        if value := getattr(chosen, name):
            conditions.append(f"{name} = :chosen_{name}")
            parameters[f"chosen_{name}"] = value
    if chosen.region:
        conditions.append("region LIKE :region")
        parameters["region"] = region_prefix(chosen.region) + "%"
    if chosen.escalation:
        conditions.append("escalation >= :escalation")
        parameters["escalation"] = chosen.escalation
    if chosen.due_before:
        conditions.append("due_at < :due_before")
        parameters["due_before"] = chosen.due_before
    if chosen.after:
        conditions.append(
            "(coalesce(due_at, 'infinity'), id) > (CAST(CAST(:after_due AS text) AS timestamptz), :after_id)"
        )
        parameters |= {"after_due": chosen.after[0], "after_id": chosen.after[1]}
    statement = f"""SELECT * FROM ({_ALL}) t WHERE {" AND ".join(conditions) or "true"}
        ORDER BY coalesce(due_at, 'infinity'), id LIMIT :most"""
    rows = await tx.execute(text(statement), {**parameters, "most": chosen.limit + 1})
    return list(rows.mappings().all())


def _scope(actor: Actor) -> tuple[list[str], dict[str, Any]]:
    """Tasks of one's own role and place; supervisors see every role's, departments and operators their own way."""
    if actor.role is Role.OPERATOR:
        return [], {}
    if actor.role is Role.DEPARTMENT:
        return ["owner = :mine"], {"mine": actor.owner}
    conditions, parameters = ["region LIKE :here"], {"here": region_prefix(actor.region) + "%"}
    if actor.role is not Role.COUNTY_SUPERVISOR:
        conditions.append("role = :role")
        parameters["role"] = actor.role.value
    if actor.role in (Role.REGISTRAR, Role.FUNERAL_HOME, Role.PROVIDER):
        conditions.append("owner = :mine")
        parameters["mine"] = actor.owner or ""
    return conditions, parameters


async def find_task(tx: Transaction, task: UUID) -> Any:
    """The open task as a mapping, or None."""
    return (await tx.execute(_ONE, {"id": task})).mappings().first()


async def decided_in(tx: Transaction, task: UUID) -> UUID | None:
    """The case in which there was such a task, now over; None when there never was one."""
    return (await tx.execute(_CLOSED, {"id": task})).scalar()


def task_of(row: Mapping[str, Any]) -> Task:
    """The task in the shape that owners give it."""
    if row["task"] is not None:
        return Task.model_validate(parsed(row["task"]))
    return Task(
        id=row["id"], step=row["kind"], name=asks.NAMES[row["kind"]][0], role=row["role"], region=row["region"],
        opened_at=row["opened_at"], due_at=row["due_at"], provisional=row["provisional"],
        decisions=asks.DECISIONS[row["kind"]], facts=parsed(row["facts"]),
    )  # fmt: skip


def task_view(row: Mapping[str, Any], *, name: str | None, actor: Actor, now: datetime) -> dict[str, Any]:
    """A task as api.md shows it. `name`: the procedure's name where the task is about one."""
    task = task_of(row)
    due = task.due_at or instant(row["due_at"])
    return {
        "id": str(task.id), "case_no": row["case_no"], "life_event": row["life_event"],
        "procedure": row["procedure"] and str(row["procedure"]), "type": row["type"], "name": task.name,
        "procedure_name": name, "owner": row["owner"], "step": task.step, "role": task.role, "region": task.region,
        "opened_at": local(task.opened_at), "due_at": local(due), "provisional": task.provisional,
        "colour": colour(row["paused_at"] or now, row["half_at"], row["warn_at"], instant(row["due_at"])),
        "escalation": escalation_word(row["escalation"]), "version": row["version"],
        "facts": task.facts, "may_decide": may_decide(row, actor),
        "decisions": [
            {"id": one.id, "name": one.name, "needs_reason": one.needs_reason, "data_schema": one.data}
            for one in task.decisions
        ],
    }  # fmt: skip


def cursor_of(row: Mapping[str, Any]) -> tuple[str, UUID]:
    """Where the next page begins after this row."""
    return (row["due_at"].isoformat() if row["due_at"] else "infinity"), row["id"]


def may_decide(row: Mapping[str, Any], actor: Actor) -> bool:
    """The task's own role; past the limit also the county, for what an office decides (life-events G7)."""
    escalated = row["escalation"] >= ESCALATED and row["role"] in COUNTY_STANDS_IN_FOR
    return row["role"] == actor.role.value or (escalated and actor.role is Role.COUNTY_SUPERVISOR)


def visible(row: Mapping[str, Any], actor: Actor) -> bool:
    """Whether this reader may know of the task."""
    if actor.role is Role.OPERATOR:
        return True
    if actor.role is Role.DEPARTMENT:
        return bool(row["owner"] == actor.owner)
    here = row["region"].startswith(region_prefix(actor.region))
    if actor.role in (Role.REGISTRAR, Role.FUNERAL_HOME, Role.PROVIDER):
        return here and row["owner"] == actor.owner and row["role"] == actor.role.value
    return here and (actor.role is Role.COUNTY_SUPERVISOR or row["role"] == actor.role.value)


async def required(tx: Transaction, task: UUID, actor: Actor) -> Mapping[str, Any]:
    """The open task in the reader's scope. Raises TaskUnknown."""
    row = await find_task(tx, task)
    if row is None or not visible(row, actor):
        raise TaskUnknown()
    return row
