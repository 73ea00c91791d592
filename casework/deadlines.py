"""Clocks: 50, 80 and 100 % of a limit, and the instants that modules asked for (design 5 "Clocks").

No timer rows: one partial index on `next_check_at` of unfinished procedures. A check sees the moment it was due, not
the moment it fired. One call runs one stretch of time, set-based: all marks up to the next clock act, or the acts of
one instant. Two workers share the rows: a mark is locked before it is read, an act is looked at again under its lock.
What else an owner's clock looks at (`Office.also_due`) takes its turn among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.also_due import AlsoDue, earliest
from casework.office import Office
from casework.procedure import Act
from casework.rows import CaseFile, Row, lock_procedures, write_procedures
from casework.settle import next_check as next_check_of
from casework.settle import outcome_of
from casework.tasks import locked_with_persons
from casework.work import job_for_act, reports, rule, settle
from contracts.outcomes import OutcomesReported
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

AGAIN_AFTER = timedelta(hours=1)

_NEXT = text("SELECT min(next_check_at) FROM procedures WHERE ended_at IS NULL")
_HEADS = text(
    """SELECT min(next_check_at) FILTER (WHERE next_check_at = wake_at) AS act,
              min(next_check_at) FILTER (WHERE next_check_at IS DISTINCT FROM wake_at) AS mark
         FROM procedures WHERE ended_at IS NULL AND next_check_at <= :now"""
)
_MARKED = text(
    """SELECT id FROM procedures
        WHERE ended_at IS NULL AND next_check_at <= :until AND next_check_at IS DISTINCT FROM wake_at
        ORDER BY next_check_at, id LIMIT :limit FOR UPDATE SKIP LOCKED"""
)
_WAKING = text(
    """SELECT id FROM procedures WHERE ended_at IS NULL AND next_check_at = :at AND wake_at = :at
        ORDER BY id LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class Fired:
    """How many checks ran, and what they have to tell. `failed`: acts that a verb refused; they come again later."""

    count: int
    reports: list[OutcomesReported]
    failed: tuple[Exception, ...] = ()


async def next_check(tx: Transaction, also_due: Sequence[AlsoDue] = ()) -> datetime | None:
    """The earliest instant at which the clock must look at something; none when nothing waits."""
    procedures: datetime | None = (await tx.execute(_NEXT)).scalar()
    also = await earliest(tx, also_due)
    found = [procedures.astimezone(TZ)] if procedures else []
    return min([*found, also[0]] if also else found, default=None)


async def run_due(tx: Transaction, *, office: Office, now: datetime, limit: int = 500) -> Fired:
    """Run up to `limit` due checks, the earliest first, each at its own instant. Call again until none is due."""
    heads = (await tx.execute(_HEADS, {"now": now})).one()
    also = await earliest(tx, office.also_due)
    first = min((at for at in (heads.act, heads.mark) if at is not None), default=None)
    comes_first = also is not None and also[0] <= now and (first is None or also[0] < first)
    if also is not None and comes_first and (fired := await also[1].run_due(tx, now=now, limit=limit)):
        return Fired(fired, [])
    if heads.act is not None and (heads.mark is None or heads.act < heads.mark):
        return await _wake(tx, office, heads.act.astimezone(TZ), limit)
    if heads.mark is None:
        return Fired(0, [])
    others = [heads.act, also[0] if also and also[0] >= heads.mark else None]
    return await _mark(tx, office, min([now, *(at for at in others if at is not None)]), limit)


async def _mark(tx: Transaction, office: Office, until: datetime, limit: int) -> Fired:
    marked = (await tx.execute(_MARKED, {"until": until, "limit": limit})).scalars().all()
    if not marked:
        return Fired(0, [])
    rows = await lock_procedures(tx, marked)
    after = [(row, _escalated(row)) for row, _ in rows.values()]
    await write_procedures(tx, [row for _, row in after])
    told = [
        (row.case_id, outcome_of(row, at=before.next_check_at or until)) for before, row in _timely(after)
    ]
    return Fired(len(after), reports(told, owner=office.owner))


def _timely(after: Sequence[tuple[Row, Row]]) -> list[tuple[Row, Row]]:
    """What happened first is told first."""
    return sorted(after, key=lambda pair: (pair[1].changed_at, pair[1].id))


def _escalated(row: Row) -> Row:
    at = row.next_check_at or row.changed_at
    after = replace(
        row,
        escalation=row.escalation + 1,
        version=row.version + 1,
        changed_at=at,
        signal=None,
        too_late_at=None,
    )
    after.next_check_at = next_check_of(after)
    return after


async def _wake(tx: Transaction, office: Office, at: datetime, limit: int) -> Fired:
    """Clock acts change things for people: they go the way of every act, persons locked first."""
    waking = (await tx.execute(_WAKING, {"at": at, "limit": limit})).scalars().all()
    rows = await locked_with_persons(waking, tx, office)
    still = {key: pair for key, pair in rows.items() if _wakes(pair[0], at)}
    jobs = [
        replace(job_for_act(*still[key], Act("clock"), office=office), group=key) for key in sorted(still)
    ]
    ruled = await rule(jobs, tx=tx, office=office, at=at)
    told = await settle(ruled.rulings, tx=tx, office=office, at=at)
    await write_procedures(tx, _put_off(still, ruled.failed))
    return Fired(len(ruled.rulings), told, tuple(ruled.failed.values()))


def _wakes(row: Row, at: datetime) -> bool:
    """Whether the row, now locked, still waits for this instant: another worker may have been here first."""
    return row.ended_at is None and row.wake_at == at and row.next_check_at == at


def _put_off(rows: dict[UUID, tuple[Row, CaseFile]], failed: dict[Any, Exception]) -> list[Row]:
    """A verb that raises stops nobody else: its procedure is tried again an hour later, its marks go on."""
    later = [replace(rows[key][0]) for key in failed]
    for row in later:
        row.wake_at = (row.wake_at or row.changed_at) + AGAIN_AFTER
        row.next_check_at = next_check_of(row)
    return later
