"""A person's decision about a department that did not answer as it should. Pure decisions."""

from dataclasses import replace
from uuid import UUID

from contracts.outcomes import OwnerState
from gateway.exchange.answering import Answer, Moment, Verdict, take_answer
from gateway.exchange.changes import Change, follow, without_task
from gateway.exchange.delivery import TAKEN_BACK, Delivery, DeliveryState, Kind


def decide(
    delivery: Delivery, decision: str, reason: str | None, holds: frozenset[str], moment: Moment
) -> tuple[Verdict, Change]:
    """What follows from the decision on the task that stands. HELD: the act may not be taken as done yet."""
    if decision == "ask_again":
        return Verdict.ACCEPTED, _ask_again(delivery, moment)
    if decision == "department_did":
        return take_answer(replace(delivery, answer=None), [delivery], Answer("done", reason), holds, moment)
    if decision == "department_did_not" and delivery.state in TAKEN_BACK:
        return take_answer(
            replace(delivery, answer=None), [delivery], Answer("cancelled", reason), holds, moment
        )
    ends = {
        "department_did_not": OwnerState.NOT_APPLICABLE,
        "close_refused": OwnerState.REFUSED,
        "stands": OwnerState.DONE,
    }
    closed = without_task(
        delivery, state=DeliveryState.ANSWERED, outcome=ends[decision], reason=reason,
        answered_at=moment.at, answer=delivery.answer or "closed",
    )  # fmt: skip
    return Verdict.ACCEPTED, Change((closed,))


def _ask_again(delivery: Delivery, moment: Moment) -> Change:
    """The same request once more where no answer came; a new one where an answer did not suffice."""
    if delivery.task_kind == "silent":
        state = DeliveryState.CANCELLING if delivery.state in TAKEN_BACK else DeliveryState.PENDING
        return Change((without_task(delivery, state=state, asked_at=moment.at, rung=0, leased_until=None),))
    if delivery.task_kind == "undo_refused":
        return _again(delivery, OwnerState.UNDOING, moment.new_id, moment)
    return _again(delivery, OwnerState.OPEN, moment.new_id, moment)


def _again(delivery: Delivery, outcome: OwnerState, new_id: UUID, moment: Moment) -> Change:
    kind: Kind = "undo" if outcome is OwnerState.UNDOING else "correction"
    return follow(delivery, kind, outcome, new_id=new_id, asked_at=moment.at)
