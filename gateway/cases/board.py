"""The board: cases and their rows, loaded under lock and saved in one statement for many cases (design 5).

The version guard lives in the planner; here rows are only read, locked and written, set by set.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from contracts.catalog import LifeEvent
from contracts.orders import Verb
from contracts.terms import HoldKind, UndoReason
from gateway.cases.planner.model import Ask, Case, CaseStatus, Row, RowState
from gateway.cases.plans import Plans
from gateway.cases.standing import Standing, parsed
from kernel.messaging.transaction import Transaction

_CASES = """
    SELECT id, case_no, plan, subject, applicant, reporters, persons, region, regions, form, verified, vouchers,
           progress, kin, channel, submitted_at, asks, status, version, occurred_at, confirmed, doubted, reviewed,
           cleared_at, special, settled, unheard, issuer_reported, revocation, signing, holds, conditions, answers,
           wishes
    FROM cases WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id"""
_LOCKED = text(_CASES + " FOR NO KEY UPDATE")
_READ = text(_CASES)
# The order of `Row`'s fields, after the case.
_ROWS = text("""
    SELECT case_id, id, type, round, state, reason, order_no, answered, outcome_version, sent, wanted, undo_reason,
           by_gateway, too_late, last_sign_of_life, lapses_at, body_released, escalation
    FROM case_procedures WHERE case_id = ANY(CAST(:ids AS uuid[])) ORDER BY case_id, position, round""")


async def load(
    tx: Transaction, ids: Iterable[UUID], plans: Plans, *, lock: bool = True
) -> dict[UUID, Standing]:
    """The cases by id, locked in the order of their ids. Cases that are not there are left out."""
    wanted = {"ids": sorted(ids)}
    cases = (await tx.execute(_LOCKED if lock else _READ, wanted)).all()
    if not cases:
        return {}
    rows: dict[UUID, list[Row]] = defaultdict(list)
    for case_id, *values in (await tx.execute(_ROWS, wanted)).all():
        rows[case_id].append(_row(values))
    events = await plans.of(tx, {case.plan for case in cases})
    return {case.id: _standing(case, events[case.plan], rows[case.id]) for case in cases}


def _row(values: Sequence[Any]) -> Row:
    (id_, kind, round_, state, reason, order, answered, version, sent, wanted, undo, by_gateway, too_late, sign,
     lapses, released, escalation) = values  # fmt: skip
    return Row(
        id_, kind, round_, RowState(state), reason, order, answered, version, sent and Verb(sent),
        wanted and Verb(wanted), undo and UndoReason(undo), by_gateway, too_late, sign, lapses, released,
        escalation,
    )  # fmt: skip


def _standing(row: Any, event: LifeEvent, rows: list[Row]) -> Standing:
    case = Case(
        id=row.id, event=event, status=CaseStatus(row.status), version=row.version, occurred_at=row.occurred_at,
        confirmed=row.confirmed, doubted=row.doubted, reviewed=row.reviewed, cleared_at=row.cleared_at,
        special=frozenset(row.special), settled=frozenset(row.settled), unheard=frozenset(row.unheard),
        issuer_reported=row.issuer_reported, revocation=row.revocation and UndoReason(row.revocation),
        signing=row.signing and UndoReason(row.signing), holds=frozenset(HoldKind(kind) for kind in row.holds),
        conditions=parsed(row.conditions), answers=parsed(row.answers), wishes=parsed(row.wishes), rows=tuple(rows),
    )  # fmt: skip
    return Standing(
        case=case, case_no=row.case_no, plan=row.plan, subject=row.subject, applicant=row.applicant,
        reporters=tuple(row.reporters), persons={role: UUID(key) for role, key in parsed(row.persons).items()},
        region=row.region, regions=parsed(row.regions), form_text=row.form, verified=tuple(row.verified),
        vouchers=parsed(row.vouchers),
        progress=row.progress, kin=tuple(row.kin), channel=row.channel, submitted_at=row.submitted_at,
        asks=frozenset(_ask(*kept) for kept in parsed(row.asks)),
    )  # fmt: skip


def _ask(kind: Any, row: str | None, code: str = "") -> Ask:
    """A question as the case keeps it; older rows have no code."""
    return Ask(kind, UUID(row) if row else None, code or None)


# What an outcome shows: replaced together, only by an outcome of a greater version.
_SHOWN = (
    "result", "step", "task", "task_id", "task_role", "task_region", "due_at", "half_at", "warn_at", "provisional",
    "escalation", "too_late_at", "undo_kind", "paused_at",
)  # fmt: skip
_KEPT = (
    "region", "state", "reason", "order_no", "answered", "sent", "wanted", "undo_reason", "by_gateway", "too_late",
    "last_sign_of_life", "lapses_at", "outcome_version", "body_released",
)  # fmt: skip
_CASE_VALUES = (
    "subject", "status", "version", "progress", "persons", "applicant", "reporters", "kin", "regions", "verified",
    "vouchers", "occurred_at", "confirmed", "doubted", "reviewed", "special", "settled", "unheard", "cleared_at",
    "issuer_reported", "revocation", "signing", "holds",
    "conditions", "answers", "wishes", "asks", "open_types", "changed_at",
)  # fmt: skip
_SAVE = text(f"""
    WITH new_case AS MATERIALIZED (SELECT * FROM json_populate_recordset(NULL::cases, CAST(:cases AS json))),
    new_row AS MATERIALIZED (SELECT * FROM json_populate_recordset(NULL::case_procedures, CAST(:rows AS json))),
    moved AS (
        UPDATE cases c SET {", ".join(f"{name} = n.{name}" for name in _CASE_VALUES)},
            form = coalesce(n.form, c.form)
        FROM new_case n WHERE c.id = n.id
    ), rows AS (
        INSERT INTO case_procedures AS p
        SELECT * FROM new_row
        ON CONFLICT (id) DO UPDATE SET
            {", ".join(f"{name} = EXCLUDED.{name}" for name in _KEPT)},
            {
    ", ".join(
        f"{name} = CASE WHEN EXCLUDED.outcome_version > p.outcome_version "
        f"THEN EXCLUDED.{name} ELSE p.{name} END"
        for name in _SHOWN
    )
},
            opened_at = coalesce(p.opened_at, EXCLUDED.opened_at),
            offered_at = coalesce(p.offered_at, EXCLUDED.offered_at),
            ended_at = CASE WHEN p.state = EXCLUDED.state THEN p.ended_at ELSE EXCLUDED.ended_at END
    ), tasks AS (
        INSERT INTO case_tasks (task_id, procedure) SELECT task_id, id FROM new_row WHERE task_id IS NOT NULL
        ON CONFLICT DO NOTHING
    ), told AS (
        INSERT INTO case_timeline (case_id, at, actor, version, notes)
        SELECT case_id, at, actor, version, notes
        FROM json_populate_recordset(NULL::case_timeline, CAST(:timeline AS json))
    )
    INSERT INTO case_changes (case_id, progress) SELECT id, progress FROM new_case""")


async def save(
    tx: Transaction,
    cases: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    timeline: Sequence[Mapping[str, Any]],
) -> None:
    """Write cases, changed rows, timeline and feed in one statement.

    A row's shown part (result, step, task, limits) is replaced only by an outcome of a greater version.
    """
    await tx.execute(_SAVE, {"cases": as_json(cases), "rows": as_json(rows), "timeline": as_json(timeline)})


def as_json(value: Any) -> str:
    """JSON text of rows for `json_populate_recordset`; asyncpg's own UUID is written as a string."""
    return orjson.dumps(value, default=str).decode()
