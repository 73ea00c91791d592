"""The clock of the gateway's own tasks: 50, 80 and 100 % of their time, as those of the owners have (G7, design 5).

Past its limit a task stands at the county too, and the timeline says so. Silence decides nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.limits import Times, keeping_fired
from casework.new_calendar import Page
from contracts.acts import ESCALATED
from gateway.cases import asks, board
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import Input, QuestionEscalated
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ

_NEXT = text("SELECT min(next_check_at) FROM gateway_tasks WHERE closed_at IS NULL")
# One instant at a time: the cases move at the moment the checks were due.
_DUE = text("""
    SELECT id, case_id, next_check_at FROM gateway_tasks
    WHERE closed_at IS NULL AND next_check_at =
        (SELECT min(next_check_at) FROM gateway_tasks WHERE closed_at IS NULL AND next_check_at <= :now)
    ORDER BY id LIMIT :limit""")
# Looked at again under the locks of the cases: another worker, or a decision, may have been here first.
_CLIMB = text("""
    UPDATE gateway_tasks SET escalation = escalation + 1,
        next_check_at = CASE escalation WHEN 0 THEN warn_at WHEN 1 THEN due_at END
    WHERE id = ANY(CAST(:ids AS uuid[])) AND closed_at IS NULL AND next_check_at = :at
    RETURNING case_id, procedure, escalation""")

_OPEN = text("""
    SELECT id, kind, opened_at, due_at, half_at, warn_at, provisional, escalation FROM gateway_tasks
    WHERE closed_at IS NULL AND due_at >= :since AND id > :after ORDER BY id LIMIT :limit FOR UPDATE""")
_MOVE = text("""
    UPDATE gateway_tasks t SET due_at = n.due_at, half_at = n.half_at, warn_at = n.warn_at, provisional = n.provisional,
        next_check_at = CASE t.escalation WHEN 0 THEN n.half_at WHEN 1 THEN n.warn_at WHEN 2 THEN n.due_at END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:due_at AS timestamptz[]), CAST(:half_at AS timestamptz[]),
         CAST(:warn_at AS timestamptz[]), CAST(:provisional AS boolean[]))
         AS n (id, due_at, half_at, warn_at, provisional)
    WHERE t.id = n.id""")


async def next_check(tx: Transaction) -> datetime | None:
    """The earliest instant at which a task's time must be looked at; none when nothing waits."""
    found: datetime | None = (await tx.execute(_NEXT)).scalar()
    return found.astimezone(TZ) if found else None


async def run_due(tx: Transaction, *, moves: Moves, now: datetime, limit: int = 500) -> int:
    """Run the earliest due checks, all of one instant; how many. Call again until it is zero."""
    due = (await tx.execute(_DUE, {"now": now, "limit": limit})).all()
    if not due:
        return 0
    at = due[0].next_check_at.astimezone(TZ)
    cases = await board.load(tx, {row.case_id for row in due}, moves.plans)
    climbed = (await tx.execute(_CLIMB, {"ids": [row.id for row in due], "at": at})).all()
    late: dict[UUID, list[Input]] = defaultdict(list)
    for row in climbed:
        if row.escalation >= ESCALATED:
            late[row.case_id].append(QuestionEscalated(row.procedure))
    if late:
        await moves.move_loaded(tx, [(cases[case], late[case]) for case in late], at=at, actor="clock")
    return len(climbed)


@dataclass(frozen=True, slots=True)
class QuestionsStage:
    """Open questions on a new calendar: the instants that have not come yet move (casework/new_calendar.py)."""

    calendar: WorkingCalendar

    async def __call__(
        self, tx: Transaction, *, since: datetime, after: UUID, limit: int, at: datetime
    ) -> Page:
        found = (await tx.execute(_OPEN, {"since": since, "after": after, "limit": limit})).all()
        if not found:
            return Page(None)
        moved = [(row, times) for row in found if (times := self._moved(row)) is not None]
        if moved:
            await tx.execute(
                _MOVE, {"ids": [row.id for row, _ in moved], **_columns(times for _, times in moved)}
            )
        return Page(found[-1].id, len(moved))

    def _moved(self, row: Any) -> Times | None:
        given = Times(row.due_at, row.half_at, row.warn_at, row.provisional)
        anew = keeping_fired(given, asks.marks_of(row.kind, row.opened_at, self.calendar), row.escalation)
        return None if anew == given else anew


def _columns(moved: Iterable[Times]) -> dict[str, list[Any]]:
    times = list(moved)
    names = ("due_at", "half_at", "warn_at", "provisional")
    return {name: [getattr(one, name) for one in times] for name in names}
