"""Clocks of deliveries: 50, 80 and 100 % of a limit, and silence that becomes a person's task (G7, design 5).

No timer rows: `next_check_at` on the current delivery. A check sees the instant it was due.
"""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import text
from uuid_utils.compat import uuid7

from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.exchange import rows
from gateway.exchange.answering import Moment, with_task
from gateway.exchange.changes import Change, tell
from gateway.exchange.delivery import RUNNING, TAKEN_BACK, Delivery
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


async def run_due(tx: Transaction, *, moves: Moves, now: datetime, limit: int = 500) -> int:
    """Run the earliest due checks, all of one instant; how many. Call again until it is zero."""
    due = (await tx.execute(_DUE, {"now": now, "limit": limit})).all()
    if not due:
        return 0
    await lock_cases(tx, (row.case_id for row in due))
    locked = await rows.of_procedures(tx, (row.procedure for row in due))
    at = due[0].next_check_at.astimezone(TZ)
    standing = [row for found in locked.values() for row in found if row.current]
    changed = [
        checked(row, at) for row in standing if row.next_check_at is not None and row.next_check_at <= at
    ]
    await write_changes(tx, [Change((row,)) for row in changed])
    before = {row.id: row.version for row in standing}
    told = [row for row in changed if row.version > before[row.id]]
    if told:
        inputs = [(row.case_id, [OutcomeArrived(row.as_outcome(at))]) for row in told]
        await moves.move(tx, inputs, at=at, actor="clock")
    return len(changed)


def checked(delivery: Delivery, at: datetime) -> Delivery:
    """The next rung: half, nearly, over and asked for by a person. Silence is never approval and never refusal."""
    waits = delivery.state in RUNNING or delivery.state in TAKEN_BACK
    if not waits:
        return replace(delivery, next_check_at=None)
    counts = delivery.due_at is not None and delivery.kind == "task" and delivery.state in RUNNING
    if counts and delivery.escalation < 2:
        next_at = delivery.warn_at if delivery.escalation == 0 else delivery.due_at
        return tell(delivery, escalation=delivery.escalation + 1, next_check_at=next_at)
    moment = Moment(at, uuid7(), uuid4(), None)
    escalation = 3 if counts else delivery.escalation
    return with_task(
        delivery, "silent", moment, escalation=escalation, next_check_at=None,
        reason="department_silent",
    )  # fmt: skip
