"""The clock of a delivery: the law's limit while the department owes the act itself, else its silence (G7). Pure.

50 and 80 % remind the department: the same request goes out once more and says so. After that its silence is a task
of the county. Both stand still while the department waits for papers, and while a hold keeps the request back (G10).
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import uuid4

from uuid_utils.compat import uuid7

from casework.limits import Times, keeping_fired
from contracts.acts import ESCALATED
from contracts.outcomes import OwnerState
from contracts.terms import Limit, LimitUnit
from gateway.exchange.answering import Moment, with_task
from gateway.exchange.changes import Change, tell
from gateway.exchange.delivery import RUNNING, TAKEN_BACK, Delivery, DeliveryState
from gateway.exchange.limits import Limits
from kernel.public_service.pauses import Pause, PauseReason

Reminder = Literal["half", "nearly", "late"]
_REMINDERS: tuple[Reminder | None, ...] = (None, "half", "nearly", "late")
_AGAIN = {
    DeliveryState.SENT: DeliveryState.PENDING,
    DeliveryState.TOLD: DeliveryState.CANCELLING,
}


def clocked(change: Change, at: datetime, limits: Limits) -> Change:
    """The change with its rows' clocks set."""
    created = None if change.created is None else on_clock(change.created, at, limits)
    return Change(tuple(on_clock(row, at, limits) for row in change.updated), created)


def on_clock(delivery: Delivery, at: datetime, limits: Limits, *, held: bool | None = None) -> Delivery:
    """The same with its pause begun or ended and its next check; the instants move by what the pause took.

    `held`: whether a hold keeps the request back now; none: as it was.
    """
    reason = _pause_reason(delivery, held)
    if reason != delivery.pause_reason:
        if delivery.paused_at is not None:
            pause = Pause(delivery.paused_at, at, delivery.pause_reason or PauseReason.PAPERS.value)
            delivery = reckoned(replace(delivery, pauses=(*delivery.pauses, pause)), limits)
        delivery = replace(delivery, pause_reason=reason, paused_at=at if reason else None)
    return replace(delivery, next_check_at=next_check(delivery, limits))


def _pause_reason(delivery: Delivery, held: bool | None) -> str | None:
    if delivery.outcome is OwnerState.PAUSED:
        return PauseReason.PAPERS.value
    if held is None:
        held = delivery.pause_reason == PauseReason.HOLD.value
    owed = delivery.state in RUNNING or delivery.state in TAKEN_BACK
    return PauseReason.HOLD.value if held and owed and delivery.kind != "undo" else None


def reckoned(delivery: Delivery, limits: Limits) -> Delivery:
    """The instants of the law's limit once more, marks that have fired as they were."""
    if delivery.limit_amount is None or delivery.limit_unit is None or delivery.limit_at is None:
        return delivery
    limit = Limit(amount=delivery.limit_amount, unit=LimitUnit(delivery.limit_unit), counted_from="step")
    anew = limits.since(limit, delivery.limit_at, delivery.pauses)
    given = Times(delivery.due_at, delivery.half_at, delivery.warn_at, delivery.provisional)
    kept = keeping_fired(given, anew, delivery.escalation)
    return replace(
        delivery, due_at=kept.due_at, half_at=kept.half_at, warn_at=kept.warn_at,
        provisional=kept.provisional,
    )  # fmt: skip


def by_law(delivery: Delivery) -> bool:
    """Whether the law's limit runs: the department owes the act itself and the limit is not over."""
    owes = delivery.state in RUNNING and delivery.kind != "undo" and delivery.done_at is None
    return owes and delivery.due_at is not None and delivery.escalation < ESCALATED


def next_check(delivery: Delivery, limits: Limits) -> datetime | None:
    """When the clock must look at it again; none when nothing is awaited, or a person already asks."""
    awaited = delivery.state in RUNNING or delivery.state in TAKEN_BACK
    if not awaited or not delivery.current or delivery.task_id is not None or delivery.paused_at is not None:
        return None
    if by_law(delivery):
        return (delivery.half_at, delivery.warn_at, delivery.due_at)[delivery.escalation]
    silence = limits.silence(delivery.department, delivery.asked_at or delivery.opened_at, delivery.pauses)
    return (silence.half_at, silence.warn_at, silence.due_at)[min(delivery.rung, 2)]


def checked(delivery: Delivery, at: datetime, limits: Limits) -> Delivery:
    """The next rung: half, nearly, over and asked for by a person. Silence is never approval and never refusal."""
    if next_check(delivery, limits) is None:
        return replace(delivery, next_check_at=None)
    lawful = by_law(delivery)
    if (delivery.escalation if lawful else delivery.rung) >= ESCALATED - 1:
        after = with_task(
            delivery, "silent", Moment(at, uuid7(), uuid4()), escalation=ESCALATED, reason="department_silent"
        )
    elif lawful:
        after = _sent_again(tell(delivery, escalation=delivery.escalation + 1))
    else:
        after = _sent_again(replace(delivery, rung=delivery.rung + 1))
    return on_clock(after, at, limits)


def _sent_again(delivery: Delivery) -> Delivery:
    """The same request id once more: one request, said twice."""
    return replace(delivery, state=_AGAIN.get(delivery.state, delivery.state), leased_until=None)


def reminder(delivery: Delivery) -> Reminder | None:
    """What a request that goes out again says of its time."""
    lawful = delivery.due_at is not None and delivery.done_at is None and delivery.kind != "undo"
    return _REMINDERS[max(delivery.escalation if lawful else 0, delivery.rung)]
