"""Orders for departments, carried out inside the planner's transaction: written is open (design 1)."""

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.orders import Verb
from contracts.outcomes import Outcome
from gateway.cases.orders import DepartmentOrder
from gateway.exchange import rows
from gateway.exchange.bell import ring_after_commit
from gateway.exchange.changes import Change
from gateway.exchange.clock import clocked
from gateway.exchange.delivery import Delivery
from gateway.exchange.limits import Limits
from gateway.exchange.taking import take
from kernel.messaging.transaction import Transaction


class TakeOrders:
    """`await take_orders(tx, orders)` → one outcome per order; the caller holds the locks of the cases.

    Idempotent by order number: a number that a procedure has seen answers what stands, with no new version.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    async def __call__(self, tx: Transaction, orders: Sequence[DepartmentOrder]) -> list[Outcome]:
        known = await rows.of_procedures(
            tx, (order.procedure for order in orders if order.verb is not Verb.OPEN or order.version > 0)
        )
        current = {key: next(row for row in found if row.current) for key, found in known.items()}
        changes: list[Change] = []
        outcomes: list[Outcome] = []
        for order in orders:
            stands = self._carry_out(order, current, changes)
            outcomes.append(stands.as_outcome(order.at))
        await write_changes(tx, changes)
        return outcomes

    def _carry_out(
        self, order: DepartmentOrder, current: dict[UUID, Delivery], changes: list[Change]
    ) -> Delivery:
        before = current.get(order.procedure)
        change = take(order, before, at=order.at, new_id=uuid7(), limits=self.limits)
        change = clocked(change, order.at, self.limits)
        if change.created is None and not change.updated and before is not None:
            return before
        changes.append(change)
        current[order.procedure] = change.current
        return change.current


async def write_changes(tx: Transaction, changes: Sequence[Change]) -> None:
    """Write what changed; the pusher is woken after the commit. Changes of one procedure come in their order."""
    created = {change.created.id: change.created for change in changes if change.created is not None}
    updated: dict[UUID, Delivery] = {}
    for change in changes:
        for row in change.updated:
            if row.id in created:
                created[row.id] = row
            else:
                updated[row.id] = row
    if created or updated:
        await rows.write(tx, updated=list(updated.values()), created=list(created.values()))
        ring_after_commit(tx)
