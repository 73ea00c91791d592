"""What a rule changes: rows that stand already, and at most one new request."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.outcomes import OwnerState
from gateway.exchange.delivery import RUNNING, Delivery, DeliveryState, Kind


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to update and the new request, if any. `current` is the procedure's newest delivery after it."""

    updated: tuple[Delivery, ...] = ()
    created: Delivery | None = None

    @property
    def current(self) -> Delivery:
        """The row that answers for the procedure now; only asked when something changed."""
        return self.created or next(row for row in self.updated if row.current)


def tell(delivery: Delivery, **values: Any) -> Delivery:
    """The next outcome version of a procedure; what was said once (signal, too late) is not said again."""
    return replace(
        delivery, **{"version": delivery.version + 1, "signal": None, "too_late_at": None, **values}
    )


def without_task(delivery: Delivery, **values: Any) -> Delivery:
    """`tell`, and the human task that stood is closed."""
    return tell(delivery, **{"task_id": None, "task_kind": None, "task_at": None, **values})


def follow(
    delivery: Delivery,
    kind: Kind,
    outcome: OwnerState,
    *,
    new_id: UUID,
    asked_at: datetime,
    **values: Any,
) -> Change:
    """A new request that takes the place of `delivery`, whose late answer is then only noted.

    The law's limit runs on while the first act is still owed; silence is counted from the new request.
    """
    pending = delivery.state in RUNNING or delivery.answer == "need_more"
    old = replace(
        delivery, state=DeliveryState.REPLACED if pending else delivery.state, current=False, task_id=None,
        task_kind=None, task_at=None, next_check_at=None, leased_until=None,
    )  # fmt: skip
    new = without_task(
        delivery, id=new_id, kind=kind, state=DeliveryState.PENDING, outcome=outcome, replaces=delivery.id,
        reason=None, answer=None, sealed=None, cancel_for=None, sent_at=None, leased_until=None, answered_at=None,
        asked_at=asked_at, rung=0, escalation=0 if delivery.done_at else delivery.escalation, **values,
    )  # fmt: skip
    return Change((old,), new)
