"""An order for a department: what it makes of the procedure's delivery (design 5). Pure decisions."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from gateway.cases.orders import DepartmentOrder
from gateway.exchange.changes import Change, follow, tell, without_task
from gateway.exchange.delivery import RUNNING, TAKEN_BACK, CancelFor, Delivery, DeliveryState
from gateway.exchange.limits import Limits

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
    check_at = limits.silent_at(current.department, at)
    if given.verb is Verb.WITHDRAW:
        return _withdraw(seen, check_at=check_at)
    if given.verb is Verb.CORRECT:
        return _correct(seen, new_id=new_id, check_at=check_at)
    if given.verb is Verb.UNDO:
        return _undo(seen, new_id=new_id, check_at=check_at)
    return Change((tell(seen),))


def _opened(given: DepartmentOrder, *, at: datetime, new_id: UUID, limits: Limits) -> Delivery:
    """The first request of a procedure: written is open."""
    terms = given.terms
    due = limits.of(terms.limit, event=given.occurred_at or at, accepted=given.accepted_at or at, step=at)
    return Delivery(
        id=new_id, procedure=given.procedure, case_id=given.case, case_no=given.case_no,
        case_version=given.case_version, type=given.type, department=given.owner, region=given.region, kind="task",
        state=DeliveryState.PENDING, order_no=given.number, version=given.version + 1, outcome=OwnerState.OPEN,
        step=terms.steps[0].id, undo=terms.undo, held_by=tuple(kind.value for kind in terms.held_by),
        evidence=given.evidence, opened_at=at, due_at=due.due_at, half_at=due.half_at, warn_at=due.warn_at,
        provisional=due.provisional, next_check_at=due.half_at or limits.silent_at(given.owner, at),
    )  # fmt: skip


def _unseen(delivery: Delivery) -> bool:
    """Whether the department cannot have heard of this act at all."""
    return delivery.state is DeliveryState.PENDING and delivery.sent_at is None and delivery.replaces is None


def _take_back(delivery: Delivery, purpose: CancelFor, check_at: datetime | None) -> Change:
    """Never sent: withdrawn at once. Else the same request id is cancelled, and the department arbitrates."""
    if _unseen(delivery):
        return Change((_withdrawn(delivery),))
    outcome = OwnerState.UNDOING if purpose == "undo" else OwnerState.OPEN
    return Change((
        without_task(
            delivery, state=DeliveryState.CANCELLING, cancel_for=purpose, outcome=outcome, leased_until=None,
            next_check_at=check_at,
        ),
    ))  # fmt: skip


def _withdrawn(delivery: Delivery) -> Delivery:
    return without_task(
        delivery, state=DeliveryState.CANCELLED, outcome=OwnerState.WITHDRAWN, reason="withdrawn", next_check_at=None,
        leased_until=None,
    )  # fmt: skip


def _at_department(delivery: Delivery) -> bool:
    """Whether the department still owes an act on this request (a call for papers keeps it there)."""
    return delivery.state in RUNNING or delivery.answer == "need_more"


def _withdraw(delivery: Delivery, *, check_at: datetime | None) -> Change:
    if delivery.done_at is not None and delivery.outcome not in _OVER:
        return Change((tell(delivery, too_late_at=delivery.done_at),))
    if delivery.outcome in _OVER or delivery.state in TAKEN_BACK:
        return Change((tell(delivery),))
    if _at_department(delivery):
        return _take_back(delivery, "withdraw", check_at)
    return Change((_withdrawn(delivery),))


def _correct(delivery: Delivery, *, new_id: UUID, check_at: datetime | None) -> Change:
    if delivery.outcome in _OVER - {OwnerState.REFUSED} or delivery.state in TAKEN_BACK:
        return Change((tell(delivery),))
    if delivery.state is DeliveryState.PENDING and delivery.sent_at is None:
        return Change((tell(delivery),))
    outcome = OwnerState.DONE if delivery.outcome is OwnerState.DONE else OwnerState.OPEN
    return follow(delivery, "correction", outcome, new_id=new_id, check_at=check_at)


def _undo(delivery: Delivery, *, new_id: UUID, check_at: datetime | None) -> Change:
    if delivery.outcome in _OVER:
        return Change((tell(delivery),))
    if delivery.done_at is not None:
        return undo_done(delivery, new_id=new_id, check_at=check_at)
    if delivery.state in TAKEN_BACK:
        return Change((tell(delivery, cancel_for="undo", outcome=OwnerState.UNDOING),))
    if _at_department(delivery):
        return _take_back(delivery, "undo", check_at)
    return Change((_withdrawn(delivery),))


def undo_done(delivery: Delivery, *, new_id: UUID, check_at: datetime | None) -> Change:
    """The department has acted: ask for the undo that the catalogue names; kind none is done with a note."""
    if delivery.undo is UndoKind.NONE:
        ended = DeliveryState.REPLACED if delivery.state in RUNNING else delivery.state
        return Change((
            without_task(
                delivery, state=ended, outcome=OwnerState.DONE, undo_kind=UndoKind.NONE, reason="irreversible",
                next_check_at=None,
            ),
        ))  # fmt: skip
    return follow(delivery, "undo", OwnerState.UNDOING, new_id=new_id, check_at=check_at, undo_kind=None)
