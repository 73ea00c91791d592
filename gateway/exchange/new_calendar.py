"""Deliveries on a new working calendar: what a department owes and has not come due yet is reckoned again."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from casework.new_calendar import Page
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.exchange import rows
from gateway.exchange.changes import Change, tell
from gateway.exchange.clock import next_check, reckoned
from gateway.exchange.delivery import Delivery
from gateway.exchange.limits import Limits
from gateway.exchange.locking import lock_cases
from gateway.exchange.orders import write_changes
from kernel.messaging.transaction import Transaction

# What silence is counted from is told by no row: whatever is awaited is looked at.
_PAGE = text("""
    SELECT id, procedure, case_id FROM deliveries
    WHERE current AND (due_at >= :since OR next_check_at >= :since) AND done_at IS NULL AND id > :after
    ORDER BY id LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class DeliveriesStage:
    """Marks and next checks move; the planner is told where the board shows them (casework/new_calendar.py)."""

    moves: Moves
    limits: Limits

    async def __call__(
        self, tx: Transaction, *, since: datetime, after: UUID, limit: int, at: datetime
    ) -> Page:
        found = (await tx.execute(_PAGE, {"since": since, "after": after, "limit": limit})).all()
        if not found:
            return Page(None)
        await lock_cases(tx, (row.case_id for row in found))
        locked = await rows.of_procedures(tx, (row.procedure for row in found))
        standing = [row for deliveries in locked.values() for row in deliveries if row.current]
        moved = [(row, after_) for row in standing if (after_ := self._moved(row)) is not None]
        await write_changes(tx, [Change((row,)) for _, row in moved])
        told = [
            (row.case_id, [OutcomeArrived(row.as_outcome(at))])
            for was, row in moved
            if row.version > was.version
        ]
        if told:
            await self.moves.move(tx, told, at=at, actor="system")
        return Page(found[-1].id, len(moved))

    def _moved(self, delivery: Delivery) -> Delivery | None:
        anew = reckoned(delivery, self.limits)
        anew = replace(anew, next_check_at=next_check(anew, self.limits))
        if anew == delivery:
            return None
        shown = (delivery.due_at, delivery.half_at, delivery.warn_at, delivery.provisional)
        same = (anew.due_at, anew.half_at, anew.warn_at, anew.provisional) == shown
        return anew if same else tell(anew)
