"""Offers that nobody answered end at their own instant (design 4, `offer_lapses`)."""

from datetime import datetime

from sqlalchemy import text

from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import DueCheck
from kernel.messaging.transaction import Transaction

_NEXT = text("SELECT min(lapses_at) FROM case_procedures WHERE state = 'offered'")
# Of the earliest instant that is due, cases that have an offer lapsing then.
_DUE = text("""
    SELECT DISTINCT lapses_at, case_id FROM case_procedures WHERE state = 'offered' AND lapses_at =
        (SELECT min(lapses_at) FROM case_procedures WHERE state = 'offered' AND lapses_at <= :now)
    ORDER BY case_id LIMIT :limit""")


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
