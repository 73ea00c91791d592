"""Requests by which one procedure of ours asks several sources (R28). Pure decisions.

Each is a delivery with a key of its own (`source_key`) and the asking procedure in `asked_by`. It is pushed, pulled,
repeated and cancelled like every delivery, but nobody is asked about its silence and no hold keeps it: the procedure
that asks has a limit of its own and says what was not answered. Of an answer only "has or has not, and where" is kept,
sealed: a word that would tell it (`refused`, nothing held) is kept as `done`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from casework.procedure import Procedure
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from gateway.cases.standing import OWNER
from gateway.exchange.answering import NOTHING_HELD, Answer, Moment, Verdict, Word
from gateway.exchange.changes import Change, follow, tell
from gateway.exchange.delivery import RUNNING, TAKEN_BACK, Delivery, DeliveryState, Kind
from kernel.public_service.sealing import Sealed, Sealer

_LONG_NUMBER = re.compile(r"\d{6,}[\dXx]?")
_MOST_PLACES, _LONGEST_PLACE = 10, 60
_STATES: Mapping[str, OwnerState] = {
    "done": OwnerState.DONE, "refused": OwnerState.REFUSED, "need_more": OwnerState.PAUSED,
    "wrong_person": OwnerState.STUCK,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a source said: `held` none when it answered without saying so; `places` are the offices that hold it."""

    held: bool | None
    places: tuple[str, ...] = ()


def source_key(procedure: UUID, department: str) -> UUID:
    """The key under which a procedure's request to one source is kept, the same whenever it asks again."""
    return uuid5(procedure, department)


def ask(
    procedure: Procedure, department: str, request_type: str, *, new_id: UUID, due_at: datetime, at: datetime
) -> Delivery:
    """The first request to a source. `due_at`: until when the answer is waited for."""
    return Delivery(
        id=new_id, procedure=source_key(procedure.id, department), case_id=procedure.case, case_no=procedure.case_no,
        case_version=procedure.case_version, type=request_type, department=department, region=procedure.region,
        kind="task", state=DeliveryState.PENDING, order_no=1, version=1, outcome=OwnerState.OPEN, step="answer",
        undo=UndoKind.ANNOTATE, opened_at=at, due_at=due_at, asked_by=procedure.id,
    )  # fmt: skip


def ask_again(delivery: Delivery, *, new_id: UUID, due_at: datetime) -> Change:
    """The question has changed. A request that nobody can have seen goes out as the form now stands."""
    if delivery.state is DeliveryState.PENDING and delivery.sent_at is None and delivery.replaces is None:
        return Change()
    ended = delivery.kind == "undo" or delivery.state is DeliveryState.CANCELLED
    kind: Kind = "task" if ended else "correction"
    return _followed(delivery, kind, OwnerState.OPEN, new_id, due_at=due_at)


def take_back(delivery: Delivery, *, reason: str, new_id: UUID) -> Change:
    """The question falls: what was not sent is dropped, what was not answered is cancelled, an answer is voided."""
    if delivery.kind == "undo" or delivery.state in TAKEN_BACK or delivery.state is DeliveryState.CANCELLED:
        return Change()
    if delivery.state is DeliveryState.PENDING and delivery.sent_at is None and delivery.replaces is None:
        dropped = tell(
            delivery,
            state=DeliveryState.CANCELLED,
            outcome=OwnerState.WITHDRAWN,
            reason=reason,
            leased_until=None,
        )
        return Change((dropped,))
    if delivery.state in RUNNING:
        recalled = tell(delivery, state=DeliveryState.CANCELLING, undo_reason=reason, leased_until=None)
        return Change((recalled,))
    return _void(delivery, reason, new_id)


def _void(delivery: Delivery, reason: str, new_id: UUID) -> Change:
    return _followed(delivery, "undo", OwnerState.UNDOING, new_id, undo_reason=reason, due_at=delivery.due_at)


def _followed(delivery: Delivery, kind: Kind, outcome: OwnerState, new_id: UUID, **values: Any) -> Change:
    """A further request takes the place of this one, and what was answered to this one is forgotten."""
    change = follow(delivery, kind, outcome, new_id=new_id, asked_at=delivery.opened_at, **values)
    return Change(tuple(replace(row, sealed=None) for row in change.updated), change.created)


def take_source_answer(delivery: Delivery, answer: Answer, moment: Moment) -> tuple[Verdict, Change]:
    """The verdict and what changes. `done` is the last word; after any other one another may come."""
    if delivery.state is DeliveryState.REPLACED:
        return Verdict.ACCEPTED, Change()
    if delivery.state is DeliveryState.CANCELLED:
        same = answer.word in ("cancelled", delivery.answer)
        return (Verdict.DUPLICATE if same else Verdict.CONFLICT), Change()
    if delivery.state in TAKEN_BACK:
        return Verdict.ACCEPTED, _while_taken_back(delivery, answer, moment)
    if delivery.answer == answer.word:
        return Verdict.DUPLICATE, Change()
    if delivery.answer == "done" or answer.word == "cancelled":
        return Verdict.CONFLICT, Change()
    heard = tell(
        delivery, state=DeliveryState.ANSWERED, answer=answer.word, sealed=answer.sealed, answered_at=moment.at,
        leased_until=None, outcome=_STATES[answer.word],
    )  # fmt: skip
    if delivery.kind == "undo":
        confirmed = answer.word == "done"
        outcome = OwnerState.UNDONE if confirmed else OwnerState.UNDOING
        heard = replace(
            heard, sealed=None, outcome=outcome, undo_kind=UndoKind.ANNOTATE if confirmed else None
        )
    return Verdict.ACCEPTED, Change((heard,))


def _while_taken_back(delivery: Delivery, answer: Answer, moment: Moment) -> Change:
    """It had answered before it heard: its record is voided. What it said is not wanted any more, and not kept."""
    if answer.word == "done":
        answered = replace(delivery, state=DeliveryState.ANSWERED, answer="done", answered_at=moment.at)
        return _void(answered, delivery.undo_reason or "withdrawn", moment.new_id)
    cancelled = tell(
        delivery, state=DeliveryState.CANCELLED, answer=answer.word, answered_at=moment.at, leased_until=None,
        outcome=OwnerState.WITHDRAWN,
    )  # fmt: skip
    return Change((cancelled,))


def heard_of_source(
    word: Word, reason: str | None, data: Mapping[str, Any], delivery: Delivery, sealer: Sealer
) -> Answer:
    """The answer as it may be kept: nothing public, no amounts; has or has not, and where, sealed for the gateway."""
    nothing = word == "refused" and reason == NOTHING_HELD
    if not (nothing or word == "done") or delivery.kind == "undo":
        return Answer(word)
    said = Said(False) if nothing else Said(_held(data), _places(data))
    content = {"held": said.held, "places": list(said.places)}
    return Answer("done", sealed=sealer.seal(content, delivery.case_id, OWNER))


def _held(data: Mapping[str, Any]) -> bool | None:
    held = data.get("held")
    return held if isinstance(held, bool) else None


def _places(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of banks and offices; a long number among them (an account, an identity) is left out."""
    given = data.get("places")
    named = [one.strip() for one in given if isinstance(one, str)] if isinstance(given, list) else []
    return tuple(_LONG_NUMBER.sub("…", one)[:_LONGEST_PLACE] for one in named if one)[:_MOST_PLACES]


def said_in(sealed: Sealed, case: UUID, sealer: Sealer) -> Said:
    """What a source said, opened for a reader who may know it."""
    content = sealer.open(sealed, case, OWNER)
    return Said(content["held"], tuple(content["places"]))
