"""A department's answer: what it makes of the procedure. Pure decisions; `done` is the point of no return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from contracts.outcomes import OwnerState
from gateway.exchange.changes import Change, without_task
from gateway.exchange.delivery import TAKEN_BACK, Delivery, DeliveryState
from gateway.exchange.department_tasks import TaskKind
from gateway.exchange.taking import undo_done
from kernel.public_service.sealing import Sealed

Word = Literal["done", "refused", "need_more", "wrong_person", "cancelled"]
NOTHING_HELD = "nothing_held"


class Verdict(StrEnum):
    """How one answer was taken: each of a list is answered for itself."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """A department's word on one request. `result` is what may be shown; `sealed` everything it said."""

    word: Word
    reason: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What a rule needs besides the rows: when, and ids for a new request and a task."""

    at: datetime
    new_id: UUID
    task_id: UUID


def take_answer(
    delivery: Delivery, siblings: Sequence[Delivery], answer: Answer, holds: frozenset[str], moment: Moment
) -> tuple[Verdict, Change]:
    """The verdict and what changes. `siblings` are all deliveries of the procedure, `holds` stand on the case."""
    verdict = _screen(delivery, answer, holds)
    if verdict is Verdict.HELD:
        # Sent again with the same id once the hold is released: the department then repeats its answer.
        return verdict, Change((replace(delivery, state=DeliveryState.PENDING, leased_until=None),))
    if verdict is not Verdict.ACCEPTED:
        return verdict, Change()
    heard = replace(
        delivery, answer=answer.word, sealed=answer.sealed, answered_at=moment.at, leased_until=None,
    )  # fmt: skip
    if delivery.state is DeliveryState.REPLACED:
        return verdict, _late(heard, siblings, answer, moment)
    if delivery.state in TAKEN_BACK:
        return verdict, _while_cancelling(delivery, heard, answer, moment)
    if delivery.kind == "undo":
        return verdict, Change((_undo_answered(heard, answer, moment),))
    return verdict, Change((_answered(heard, answer, moment),))


def _screen(delivery: Delivery, answer: Answer, holds: frozenset[str]) -> Verdict:
    """Said before, contradicting what was said, or forbidden while a hold stands."""
    if delivery.state is DeliveryState.CANCELLED:
        return Verdict.DUPLICATE if answer.word in ("cancelled", delivery.answer) else Verdict.CONFLICT
    if delivery.answer == answer.word and delivery.state not in TAKEN_BACK:
        return Verdict.DUPLICATE
    if delivery.answer is not None and not _may_follow(delivery):
        return Verdict.CONFLICT
    if answer.word == "cancelled" and delivery.state not in TAKEN_BACK:
        return Verdict.CONFLICT
    if answer.word == "done" and delivery.kind != "undo" and holds.intersection(delivery.held_by):
        return Verdict.HELD
    return Verdict.ACCEPTED


def _may_follow(delivery: Delivery) -> bool:
    """After a call for papers, a refused undo or a cancellation another word may come; `done` is the last one."""
    open_undo = delivery.kind == "undo" and delivery.outcome is OwnerState.UNDOING
    return delivery.answer == "need_more" or open_undo or delivery.state in TAKEN_BACK


def _late(heard: Delivery, siblings: Sequence[Delivery], answer: Answer, moment: Moment) -> Change:
    """An answer to a request that a newer one replaced: the act it did is known, the newer one decides."""
    current = next((row for row in siblings if row.current), None)
    if answer.word != "done" or current is None or current.done_at is not None:
        return Change((heard,))
    return Change((heard, replace(current, done_at=moment.at)))


def _while_cancelling(delivery: Delivery, heard: Delivery, answer: Answer, moment: Moment) -> Change:
    """`done` came first: too late to withdraw, or to be undone; every other end means that nothing was done."""
    if answer.word == "need_more":
        return Change((heard,))
    if answer.word != "done":
        return Change(
            (
                without_task(
                    heard, state=DeliveryState.CANCELLED, outcome=OwnerState.WITHDRAWN, reason="withdrawn"
                ),
            )
        )
    acted = replace(heard, state=DeliveryState.ANSWERED, done_at=moment.at, result=answer.result)
    if delivery.cancel_for == "undo":
        return undo_done(acted, new_id=moment.new_id, asked_at=moment.at)
    return Change(
        (
            without_task(
                acted, outcome=OwnerState.DONE, too_late_at=moment.at, cancel_for=None, reason=answer.reason
            ),
        )
    )


def _undo_answered(heard: Delivery, answer: Answer, moment: Moment) -> Delivery:
    """Confirmed, or a person finds out why not."""
    heard = replace(heard, state=DeliveryState.ANSWERED)
    if answer.word == "done":
        return without_task(heard, outcome=OwnerState.UNDONE, undo_kind=heard.undo, reason=heard.undo_reason)
    return with_task(
        heard, "undo_refused", moment, outcome=OwnerState.UNDOING, reason=answer.reason or answer.word
    )


def _answered(heard: Delivery, answer: Answer, moment: Moment) -> Delivery:
    heard = replace(heard, state=DeliveryState.ANSWERED, result=answer.result or heard.result)
    if answer.word == "done":
        done_at = heard.done_at or moment.at
        return without_task(heard, outcome=OwnerState.DONE, reason=answer.reason, done_at=done_at)
    if answer.word == "need_more":
        return with_task(
            heard, "need_more", moment, outcome=OwnerState.PAUSED, reason=answer.reason or "need_more"
        )
    if heard.done_at is not None:
        reason = answer.reason or answer.word
        return with_task(heard, "correction_refused", moment, outcome=OwnerState.OPEN, reason=reason)
    if answer.word == "wrong_person":
        values = {
            "outcome": OwnerState.STUCK,
            "reason": answer.reason or "wrong_person",
            "signal": "wrong_person",
        }
        if heard.evidence:
            return without_task(
                heard, **values
            )  # the planner asks the county window about the identity itself
        return with_task(heard, "wrong_person", moment, **values)
    nothing = answer.reason == NOTHING_HELD
    outcome = OwnerState.NOT_APPLICABLE if nothing else OwnerState.REFUSED
    return without_task(heard, outcome=outcome, reason=answer.reason or "refused_by_department")


def with_task(delivery: Delivery, kind: TaskKind, moment: Moment, **values: Any) -> Delivery:
    """The next outcome version, with a task for a person at the county."""
    return without_task(delivery, task_id=moment.task_id, task_kind=kind, task_at=moment.at, **values)
