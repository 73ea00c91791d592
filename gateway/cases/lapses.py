"""Offers that nobody answered end at their own instant (design 4, `offer_lapses`), which a new calendar moves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.new_calendar import Page
from contracts.catalog import ProcedureRow
from gateway.cases import board
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import DueCheck
from gateway.cases.plans import Plans
from gateway.cases.record import lapses_at
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar

_NEXT = text("SELECT min(lapses_at) FROM case_procedures WHERE state = 'offered'")
# Of the earliest instant that is due, cases that have an offer lapsing then.
_DUE = text("""
    SELECT DISTINCT lapses_at, case_id FROM case_procedures WHERE state = 'offered' AND lapses_at =
        (SELECT min(lapses_at) FROM case_procedures WHERE state = 'offered' AND lapses_at <= :now)
    ORDER BY case_id LIMIT :limit""")
_OFFERED = text("""
    SELECT id, case_id, type, offered_at, lapses_at FROM case_procedures
    WHERE state = 'offered' AND lapses_at >= :since AND offered_at IS NOT NULL AND id > :after
    ORDER BY id LIMIT :limit""")
# Looked at again under the locks of the cases: the family may have answered.
_MOVE = text("""
    UPDATE case_procedures p SET lapses_at = n.lapses_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lapses AS timestamptz[])) AS n (id, lapses_at)
    WHERE p.id = n.id AND p.state = 'offered'""")


async def next_lapse(tx: Transaction) -> datetime | None:
    """When the next offer lapses; None when no offer has an end."""
    found: datetime | None = (await tx.execute(_NEXT)).scalar()
    return found


async def run_due(tx: Transaction, *, moves: Moves, now: datetime, limit: int = 500) -> int:
    """End the offers of the earliest due instant, seen at that instant. Returns how many cases were looked at.

    Two workers: the second waits for the cases and finds no offer any more.
    """
    due = (await tx.execute(_DUE, {"now": now, "limit": limit})).all()
    if due:
        moved = [(row.case_id, [DueCheck()]) for row in due]
        await moves.move(tx, moved, at=due[0].lapses_at, actor="system")
    return len(due)


class OffersStage:
    """Offers on a new working calendar (casework/new_calendar.py): an end that has not come yet moves."""

    def __init__(self, plans: Plans, calendar: WorkingCalendar) -> None:
        self._plans = plans
        self._calendar = calendar

    async def __call__(
        self, tx: Transaction, *, since: datetime, after: UUID, limit: int, at: datetime
    ) -> Page:
        found = (await tx.execute(_OFFERED, {"since": since, "after": after, "limit": limit})).all()
        if not found:
            return Page(None)
        cases = await board.load(tx, {row.case_id for row in found}, self._plans)
        moved: list[tuple[UUID, datetime]] = []
        for row in found:
            ends = self._ends(row, cases[row.case_id].case.event.row(row.type))
            if ends is not None and ends != row.lapses_at:
                moved.append((row.id, ends))
        if moved:
            await tx.execute(_MOVE, {"ids": [one for one, _ in moved], "lapses": [end for _, end in moved]})
        return Page(found[-1].id, len(moved))

    def _ends(self, row: Any, spec: ProcedureRow) -> datetime | None:
        return lapses_at(spec, row.offered_at, self._calendar)
