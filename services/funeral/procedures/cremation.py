"""`funeral.cremation` (row 4): a slot is booked, two operators check the identity, the start cannot be taken back.

R22, FN-001. Before the start a withdrawal gives the slot back; from the start on it is too late, and an undo leaves a
note only. The start needs positive clearance: everything that allows it is in this database (`domain.clearance`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from casework import generic
from casework.procedure import (
    Act,
    Procedure,
    Ruling,
    done,
    noted,
    opened,
    too_late,
    unchanged,
    undoing,
    undone,
    withdrawn,
)
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.funeral.commands.slots import apply_cremations as apply
from services.funeral.domain.clearance import Looked, missing, proof_text
from services.funeral.domain.effects import Book, Finish, Leave, NotExpected, Number, Release, Start, Tag
from services.funeral.domain.facts import CremationFacts
from services.funeral.domain.holds import police_gave_free
from services.funeral.domain.instants import wished_instant
from services.funeral.domain.slots import Slot
from services.funeral.problems import (
    FarewellFirst,
    HoldStands,
    NoSlotFree,
    NotCleared,
    SlotElsewhere,
    SlotTaken,
    instant_unknown,
    missing_errors,
    operators_needed,
    pacemaker_first,
    slot_unknown,
    tag_differs,
)
from services.funeral.procedures.under_hold import under_hold
from services.funeral.queries.cremations import gather_cremations as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "undo", "withdraw"]

IDENTIFY, START = "identify", "start"
# What the desk was shown last, in `memory`: a start that was cleared on something else is refused.
PROOF = "proof"


def open(procedure: Procedure, facts: CremationFacts, *, at: datetime) -> Ruling:
    """Waits for the funeral home to book; paused when a hold stands already."""
    return _prepared(procedure, facts, generic.open(procedure, facts, at=at))


def advance(procedure: Procedure, facts: CremationFacts, act: Act, *, at: datetime) -> Ruling:
    """Book, start, rebook, finish, refuse; or a hold that has come or gone."""
    if act.kind != "decision":
        return (
            _prepared(procedure, facts, unchanged(procedure))
            if _may_stop(procedure)
            else unchanged(procedure)
        )
    if act.decision == "booked":
        return _book(procedure, facts, act, at)
    if act.decision == "start":
        return _start(procedure, facts, act, at)
    if act.decision == "finish":
        return _finish(procedure, at)
    ruling = generic.advance(procedure, facts, act, at=at)
    return _prepared(procedure, facts, replace(ruling, result={}, effects=(Release(),)))


def withdraw(procedure: Procedure, facts: CremationFacts, *, at: datetime) -> Ruling:
    """Before the start the slot is given back; afterwards it is too late (the row lock has decided which)."""
    if _may_stop(procedure):
        return withdrawn("withdrawn", result={}, effects=(Release(), NotExpected()))
    if procedure.running or procedure.state in (OwnerState.DONE, OwnerState.UNDOING):
        return too_late(procedure, at)
    return unchanged(procedure)


def correct(procedure: Procedure, facts: CremationFacts, *, at: datetime) -> Ruling:
    """The task shows what the newer form says; a slot stays booked, a refusal is opened anew."""
    if procedure.state is OwnerState.REFUSED:
        return _prepared(procedure, facts, generic.correct(procedure, facts, at=at))
    return _prepared(procedure, facts, unchanged(procedure)) if _may_stop(procedure) else unchanged(procedure)


def undo(procedure: Procedure, facts: CremationFacts, *, at: datetime) -> Ruling:
    """Before the start nothing has happened yet; during it the end is awaited; afterwards a note is all there is."""
    if _may_stop(procedure):
        return undone(UndoKind.NONE, result={}, effects=(Release(), NotExpected()))
    if procedure.running:
        return undoing(procedure.terms.step(START), reason="irreversible")
    if procedure.state is OwnerState.DONE:
        return noted()
    return unchanged(procedure)


def _may_stop(procedure: Procedure) -> bool:
    return procedure.running and procedure.no_return_at is None


def _book(procedure: Procedure, facts: CremationFacts, act: Act, at: datetime) -> Ruling:
    slot = _chosen(facts, act.data, at)
    tag, effects = _tagged(facts, slot, at)
    result = {
        "slot": slot.name,
        "home": slot.home.name,
        "starts_at": slot.starts_at.astimezone(TZ).isoformat(),
        "body_tag": tag,
    }
    return _prepared(procedure, facts, opened(IDENTIFY, result=result, effects=(Book(slot), *effects)))


def _chosen(facts: CremationFacts, data: Mapping[str, Any], at: datetime) -> Slot:
    """In the home where the body is, and not before a farewell that is booked has ended."""
    earliest = at
    if facts.farewell is not None and facts.farewell.held_at is None:
        earliest = max(at, facts.farewell.ends_at)
    kept_at = facts.body.home if facts.body is not None and facts.body.here else None
    if data.get("slot"):
        return _named(facts, str(data["slot"]), kept_at, earliest, at)
    table = facts.timetable if kept_at is None else facts.timetable.at(kept_at)
    slot = next(table.free(max(earliest, _not_before(data, at))), None)
    if slot is None:
        raise NoSlotFree()
    return slot


def _named(facts: CremationFacts, name: str, kept_at: Any, earliest: datetime, at: datetime) -> Slot:
    slot = facts.timetable.find(name)
    if slot is None or slot.starts_at < at:
        raise slot_unknown()
    if facts.timetable.is_taken(slot):
        raise SlotTaken(extra={"slot": slot.name})
    if kept_at is not None and slot.home.id != kept_at:
        raise SlotElsewhere(extra={"slot": slot.name})
    if slot.starts_at < earliest:
        raise FarewellFirst(extra={"farewell_ends_at": earliest.astimezone(TZ).isoformat()})
    return slot


def _not_before(data: Mapping[str, Any], at: datetime) -> datetime:
    """The wish, at most a year ahead: nobody waits longer, and no home plans further."""
    if not data.get("not_before"):
        return at
    wished = wished_instant(str(data["not_before"]), at=at)
    if wished is None:
        raise instant_unknown()
    return wished


def _tagged(facts: CremationFacts, slot: Slot, at: datetime) -> tuple[str, tuple[object, ...]]:
    """The body's tag; one that the family brings is expected, and tagged, in the home of the slot."""
    body = facts.body
    if body is not None and body.left_at is None and (body.here or body.home == slot.home.id):
        return body.tag, ()
    number = facts.tags[slot.home.id].next(at)
    return number.text, (Number(number), Tag(slot.home.id, number.text))


def _start(procedure: Procedure, facts: CremationFacts, act: Act, at: datetime) -> Ruling:
    _refuse_unless_cleared(procedure, facts, at)
    assert facts.body is not None, "cleared without a body"
    named = str(act.data.get("body_tag") or "").strip()
    if named and named != facts.body.tag:
        raise tag_differs()
    operators = [str(each).strip() for each in act.data.get("operators", ())]
    if len(operators) != 2 or not all(operators) or operators[0] == operators[1]:
        raise operators_needed()
    if procedure.fields.get("/deceased/pacemaker") and not act.data.get("pacemaker_removed"):
        raise pacemaker_first()
    result = {**procedure.result, "started_at": at.astimezone(TZ).isoformat()}
    start = Start((operators[0], operators[1]), facts.body.tag, proof_text(procedure.evidence))
    # The keeping ends here; whatever is left of the body is the home's until the ashes are handed over.
    return opened(START, result=result, effects=(start, Leave("cremation", left=False)))


def _refuse_unless_cleared(procedure: Procedure, facts: CremationFacts, at: datetime) -> None:
    """Raises HoldStands or NotCleared with everything that is missing, each with how it is mended."""
    codes = missing(_looked(procedure, facts), at=at)
    if not codes:
        return
    kinds = facts.forbidding(procedure.terms.held_by)
    if kinds:
        raise HoldStands(extra={"kinds": list(kinds)}, errors=missing_errors(codes))
    raise NotCleared(extra={"missing": list(codes)}, errors=missing_errors(codes))


def _looked(procedure: Procedure, facts: CremationFacts) -> Looked:
    return Looked(
        subject=procedure.subject,
        confirmed=procedure.confirmed,
        evidence=procedure.evidence,
        seen=procedure.memory.get(PROOF),
        holds=facts.forbidding(procedure.terms.held_by),
        police_gave_free=police_gave_free(facts.holds),
        body=facts.body,
        slot_home=facts.booking.home if facts.booking else None,
        farewell=facts.farewell,
    )


def _finish(procedure: Procedure, at: datetime) -> Ruling:
    result = {**procedure.result, "cremated_at": at.astimezone(TZ).isoformat()}
    effects = (Finish(), Leave("cremation", left=True))
    if procedure.state is OwnerState.UNDOING:
        return noted(result=result, effects=effects)
    return done(result, effects=effects)


def _prepared(procedure: Procedure, facts: CremationFacts, ruling: Ruling) -> Ruling:
    """What the desk must know before it starts, the proof among it; paused while a hold stands."""
    fields = procedure.fields
    result = ruling.result if ruling.result is not None else procedure.result
    proof = proof_text(procedure.evidence)
    known: dict[str, Any] = {
        "infectious": bool(fields.get("/deceased/infectious")),
        "pacemaker": bool(fields.get("/deceased/pacemaker")),
        "custom": bool(fields.get("/deceased/ethnic_custom")),
        "proof": proof,
    }
    if result.get("body_tag"):
        known["body_tag"] = result["body_tag"]
    if facts.farewell is not None and facts.farewell.held_at is None:
        known["farewell_ends_at"] = facts.farewell.ends_at.astimezone(TZ).isoformat()
    shown = replace(ruling, task_facts={**known, **ruling.task_facts}, memory={PROOF: proof})
    return under_hold(procedure, facts, shown)
