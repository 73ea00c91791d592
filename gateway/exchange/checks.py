"""Due checks of deliveries: 50, 80 and 100 % of a limit or of silence (G7, design 5).

No timer rows: `next_check_at` on the current delivery. A check sees the instant it was due. Two workers: the second
waits for the cases and finds nothing due any more.
"""

from datetime import datetime

from sqlalchemy import text

from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.exchange import rows
from gateway.exchange.changes import Change
from gateway.exchange.clock import checked
from gateway.exchange.limits import Limits
from gateway.exchange.locking import lock_cases
from gateway.exchange.orders import write_changes
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

_NEXT = text("SELECT min(next_check_at) FROM deliveries WHERE next_check_at IS NOT NULL")
# One instant at a time: the cases move at the moment the checks were due.
_DUE = text("""
    SELECT procedure, case_id, next_check_at FROM deliveries
    WHERE next_check_at = (SELECT min(next_check_at) FROM deliveries WHERE next_check_at <= :now)
    ORDER BY id LIMIT :limit""")


async def next_check(tx: Transaction) -> datetime | None:
    """The earliest instant at which a delivery must be looked at; none when nothing waits."""
    found: datetime | None = (await tx.execute(_NEXT)).scalar()
    return found.astimezone(TZ) if found else None


async def run_due(tx: Transaction, *, moves: Moves, limits: Limits, now: datetime, limit: int = 500) -> int:
    """Run the earliest due checks, all of one instant; how many. Call again until it is zero."""
    due = (await tx.execute(_DUE, {"now": now, "limit": limit})).all()
    if not due:
        return 0
    await lock_cases(tx, (row.case_id for row in due))
    locked = await rows.of_procedures(tx, (row.procedure for row in due))
    at = due[0].next_check_at.astimezone(TZ)
    standing = [row for found in locked.values() for row in found if row.current]
    changed = [
        checked(row, at, limits)
        for row in standing
        if row.next_check_at is not None and row.next_check_at <= at
    ]
    await write_changes(tx, [Change((row,)) for row in changed])
    before = {row.id: row.version for row in standing}
    told = [row for row in changed if row.version > before[row.id]]
    if told:
        inputs = [(row.case_id, [OutcomeArrived(row.as_outcome(at))]) for row in told]
        await moves.move(tx, inputs, at=at, actor="clock")
    return len(changed)
