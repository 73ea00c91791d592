"""An order for a department: what it makes of the procedure's delivery (design 5). Pure decisions."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from gateway.cases.orders import DepartmentOrder
from gateway.exchange.changes import Change, follow, tell, without_task
from gateway.exchange.delivery import RUNNING, TAKEN_BACK, CancelFor, Delivery, DeliveryState
from gateway.exchange.limits import Limits
from kernel.public_service.pauses import PauseReason

_OVER = frozenset(
    {
        OwnerState.REFUSED,
        OwnerState.NOT_APPLICABLE,
        OwnerState.WITHDRAWN,
        OwnerState.UNDONE,
        OwnerState.UNDOING,
    }
)


def take(
    given: DepartmentOrder, current: Delivery | None, *, at: datetime, new_id: UUID, limits: Limits
) -> Change:
    """What follows from one order. An order number already seen changes nothing."""
    if current is None:
        return Change(created=_opened(given, at=at, new_id=new_id, limits=limits))
    if given.number <= current.order_no:
        return Change()
    seen = replace(current, order_no=given.number, case_version=given.case_version)
    if given.undo_reason is not None:
        seen = replace(seen, undo_reason=given.undo_reason.value)
    return _follow_up(given.verb, seen, at=at, new_id=new_id)


def _follow_up(verb: Verb, seen: Delivery, *, at: datetime, new_id: UUID) -> Change:
    if verb is Verb.WITHDRAW:
        return _withdraw(seen, asked_at=at)
    if verb is Verb.CORRECT:
        return _correct(seen, new_id=new_id, asked_at=at)
    if verb is Verb.UNDO:
        return _undo(seen, new_id=new_id, asked_at=at)
    return Change((tell(seen),))


def _opened(given: DepartmentOrder, *, at: datetime, new_id: UUID, limits: Limits) -> Delivery:
    """The first request of a procedure: written is open, and accepted by its own authority (life-events G1)."""
    terms = given.terms
    start = (given.occurred_at or at) if terms.limit.counted_from == "event" else at
    due = limits.since(terms.limit, start)
    return Delivery(
        id=new_id, procedure=given.procedure, case_id=given.case, case_no=given.case_no,
        case_version=given.case_version, type=given.type, department=given.owner, region=given.region, kind="task",
        state=DeliveryState.PENDING, order_no=given.number, version=given.version + 1, outcome=OwnerState.OPEN,
        step=terms.steps[0].id, undo=terms.undo, held_by=tuple(kind.value for kind in terms.held_by),
        evidence=given.evidence, opened_at=at, due_at=due.due_at, half_at=due.half_at, warn_at=due.warn_at,
        provisional=due.provisional, limit_amount=terms.limit.amount,
        limit_unit=terms.limit.unit and terms.limit.unit.value, limit_at=start if terms.limit.amount else None,
        asked_at=at, **_held(given, at),
    )  # fmt: skip


def _held(given: DepartmentOrder, at: datetime) -> dict[str, Any]:
    """A request that a hold keeps back from the first owes nothing yet."""
    held = given.holds.intersection(kind.value for kind in given.terms.held_by)
    return {"paused_at": at, "pause_reason": PauseReason.HOLD.value} if held else {}


def _unseen(delivery: Delivery) -> bool:
    """Whether the department cannot have heard of this act at all."""
    return delivery.state is DeliveryState.PENDING and delivery.sent_at is None and delivery.replaces is None


def _take_back(delivery: Delivery, purpose: CancelFor, asked_at: datetime) -> Change:
    """Never sent: withdrawn at once. Else the same request id is cancelled, and the department arbitrates."""
    if _unseen(delivery):
        return Change((_withdrawn(delivery),))
    outcome = OwnerState.UNDOING if purpose == "undo" else OwnerState.OPEN
    return Change((
        without_task(
            delivery, state=DeliveryState.CANCELLING, cancel_for=purpose, outcome=outcome, leased_until=None,
            asked_at=asked_at, rung=0,
        ),
    ))  # fmt: skip


def _withdrawn(delivery: Delivery) -> Delivery:
    return without_task(
        delivery, state=DeliveryState.CANCELLED, outcome=OwnerState.WITHDRAWN, reason="withdrawn", leased_until=None,
    )  # fmt: skip


def _at_department(delivery: Delivery) -> bool:
    """Whether the department still owes an act on this request (a call for papers keeps it there)."""
    return delivery.state in RUNNING or delivery.answer == "need_more"


def _withdraw(delivery: Delivery, *, asked_at: datetime) -> Change:
    if delivery.done_at is not None and delivery.outcome not in _OVER:
        return Change((tell(delivery, too_late_at=delivery.done_at),))
    if delivery.outcome in _OVER or delivery.state in TAKEN_BACK:
        return Change((tell(delivery),))
    if _at_department(delivery):
        return _take_back(delivery, "withdraw", asked_at)
    return Change((_withdrawn(delivery),))


def _correct(delivery: Delivery, *, new_id: UUID, asked_at: datetime) -> Change:
    if delivery.outcome in _OVER - {OwnerState.REFUSED} or delivery.state in TAKEN_BACK:
        return Change((tell(delivery),))
    if delivery.state is DeliveryState.PENDING and delivery.sent_at is None:
        return Change((tell(delivery),))
    outcome = OwnerState.DONE if delivery.outcome is OwnerState.DONE else OwnerState.OPEN
    return follow(delivery, "correction", outcome, new_id=new_id, asked_at=asked_at)


def _undo(delivery: Delivery, *, new_id: UUID, asked_at: datetime) -> Change:
    if delivery.outcome in _OVER:
        return Change((tell(delivery),))
    if delivery.done_at is not None:
        return undo_done(delivery, new_id=new_id, asked_at=asked_at)
    if delivery.state in TAKEN_BACK:
        return Change((tell(delivery, cancel_for="undo", outcome=OwnerState.UNDOING),))
    if _at_department(delivery):
        return _take_back(delivery, "undo", asked_at)
    return Change((_withdrawn(delivery),))


def undo_done(delivery: Delivery, *, new_id: UUID, asked_at: datetime) -> Change:
    """The department has acted: ask for the undo that the catalogue names; kind none is done with a note."""
    if delivery.undo is UndoKind.NONE:
        ended = DeliveryState.REPLACED if delivery.state in RUNNING else delivery.state
        return Change((
            without_task(
                delivery, state=ended, outcome=OwnerState.DONE, undo_kind=UndoKind.NONE, reason="irreversible",
            ),
        ))  # fmt: skip
    return follow(delivery, "undo", OwnerState.UNDOING, new_id=new_id, asked_at=asked_at, undo_kind=None)
