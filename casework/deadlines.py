"""Clocks: 50, 80 and 100 % of a limit, and the instants that modules asked for (design 5 "Clocks").

No timer rows: one partial index on `next_check_at` of unfinished procedures. A check sees the moment it was due, not
the moment it fired.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from casework.office import Office
from casework.procedure import Act
from casework.rows import Row, lock_procedures, write_procedures
from casework.settle import next_check as next_check_of
from casework.settle import outcome_of
from casework.tasks import act_on
from casework.work import reports
from contracts.outcomes import OutcomesReported
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

_NEXT = text("SELECT min(next_check_at) FROM procedures WHERE ended_at IS NULL")
_DUE = text(
    """SELECT id, next_check_at = wake_at AS wakes FROM procedures
        WHERE ended_at IS NULL AND next_check_at <= :now
        ORDER BY next_check_at, id LIMIT :limit FOR UPDATE SKIP LOCKED"""
)
_WAKING = text(
    """SELECT id, wake_at FROM procedures
        WHERE ended_at IS NULL AND next_check_at <= :now AND next_check_at = wake_at
        ORDER BY next_check_at, id LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class Fired:
    """How many checks ran, and what they have to tell."""

    count: int
    reports: list[OutcomesReported]


async def next_check(tx: Transaction) -> datetime | None:
    """The earliest instant at which the clock must look at something; none when nothing waits."""
    found: datetime | None = (await tx.execute(_NEXT)).scalar()
    return found.astimezone(TZ) if found else None


async def run_due(tx: Transaction, *, office: Office, now: datetime, limit: int = 500) -> Fired:
    """Run up to `limit` due checks, each at its own instant. Call again while `count` is not zero."""
    woken = await _wake(tx, office, now, limit)
    if woken.count:
        return woken
    due = (await tx.execute(_DUE, {"now": now, "limit": limit})).all()
    marked = [row.id for row in due if not row.wakes]
    rows = await lock_procedures(tx, marked)
    after = [(row, _escalated(row)) for row, _ in rows.values()]
    await write_procedures(tx, [row for _, row in after])
    told = [(row.case_id, outcome_of(row, at=before.next_check_at or now)) for before, row in after]
    return Fired(len(after), reports(told, owner=office.owner))


async def _wake(tx: Transaction, office: Office, now: datetime, limit: int) -> Fired:
    """Clock acts change things for people: they go the way of every act, persons locked first."""
    waking = (await tx.execute(_WAKING, {"now": now, "limit": limit})).all()
    told: list[OutcomesReported] = []
    for instant, procedures in _by_instant(waking).items():
        acts = dict.fromkeys(procedures, Act("clock"))
        told.extend(await act_on(acts, tx=tx, office=office, at=instant))
    return Fired(len(waking), told)


def _by_instant(waking: Sequence[object]) -> dict[datetime, list[UUID]]:
    instants: dict[datetime, list[UUID]] = {}
    for row in waking:
        instants.setdefault(row.wake_at.astimezone(TZ), []).append(row.id)  # type: ignore[attr-defined]
    return instants


def _escalated(row: Row) -> Row:
    at = row.next_check_at or row.changed_at
    after = replace(row, escalation=row.escalation + 1, version=row.version + 1, changed_at=at, signal=None)
    after.next_check_at = next_check_of(after)
    return after
