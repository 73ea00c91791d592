"""A hold stops the clock of the steps it forbids: what we do not send nobody owes an answer to (life-events G10)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.exchange import rows
from gateway.exchange.changes import Change, tell
from gateway.exchange.clock import on_clock
from gateway.exchange.limits import Limits
from gateway.exchange.orders import write_changes
from kernel.messaging.transaction import Transaction


async def holds_stand(
    tx: Transaction, holds: Mapping[UUID, frozenset[str]], *, moves: Moves, limits: Limits, at: datetime
) -> None:
    """Stop or start the clocks of these cases' requests; `holds` stand on each case now. The cases are locked."""
    standing = await rows.held_of_cases(tx, holds)
    changed = []
    for delivery in standing:
        held = bool(holds[delivery.case_id].intersection(delivery.held_by))
        after = on_clock(delivery, at, limits, held=held)
        if after != delivery:
            changed.append(tell(after))
    await write_changes(tx, [Change((row,)) for row in changed])
    told = [(row.case_id, [OutcomeArrived(row.as_outcome(at))]) for row in changed]
    if told:
        await moves.move(tx, told, at=at, actor="system")
