"""`funeral.cremation` (row 4): a slot is booked, two operators check the identity, the start cannot be taken back.

R22, FN-001. Before the start a withdrawal gives the slot back; from the start on it is too late, and an undo leaves a
note only. No start while a hold named by the catalogue row stands: police, court, a dispute, an unknown identity.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
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
from services.funeral.commands import apply_cremations as apply
from services.funeral.domain import Book, Facts, Finish, Release, Slot, Start
from services.funeral.problems import (
    HoldStands,
    NoSlotFree,
    SlotTaken,
    instant_unknown,
    operators_needed,
    pacemaker_first,
    slot_unknown,
)
from services.funeral.procedures.held_steps import under_hold
from services.funeral.queries import gather_cremations as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "undo", "withdraw"]

IDENTIFY, START = "identify", "start"
_MOST_DAYS_AHEAD = 366


def open(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """Waits for the funeral home to book; paused when a hold stands already."""
    return _prepared(procedure, facts, generic.open(procedure, facts, at=at))


def advance(procedure: Procedure, facts: Facts, act: Act, *, at: datetime) -> Ruling:
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


def withdraw(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """Before the start the slot is given back; afterwards it is too late (the row lock has decided which)."""
    if _may_stop(procedure):
        return withdrawn("withdrawn", result={}, effects=(Release(),))
    if procedure.running or procedure.state in (OwnerState.DONE, OwnerState.UNDOING):
        return too_late(procedure, at)
    return unchanged(procedure)


def correct(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """The task shows what the newer form says; a slot stays booked, a refusal is opened anew."""
    if procedure.state is OwnerState.REFUSED:
        return _prepared(procedure, facts, generic.correct(procedure, facts, at=at))
    return _prepared(procedure, facts, unchanged(procedure)) if _may_stop(procedure) else unchanged(procedure)


def undo(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """Before the start nothing has happened yet; during it the end is awaited; afterwards a note is all there is."""
    if _may_stop(procedure):
        return undone(UndoKind.NONE, result={}, effects=(Release(),))
    if procedure.running:
        return undoing(procedure.terms.step(START), reason="irreversible")
    if procedure.state is OwnerState.DONE:
        return noted()
    return unchanged(procedure)


def _may_stop(procedure: Procedure) -> bool:
    return procedure.running and procedure.no_return_at is None


def _book(procedure: Procedure, facts: Facts, act: Act, at: datetime) -> Ruling:
    slot = _chosen(facts, act.data, at)
    result = {
        "slot": slot.name,
        "home": slot.home.name,
        "starts_at": slot.starts_at.astimezone(TZ).isoformat(),
    }
    return _prepared(procedure, facts, opened(IDENTIFY, result=result, effects=(Book(slot),)))


def _chosen(facts: Facts, data: Mapping[str, Any], at: datetime) -> Slot:
    if data.get("slot"):
        slot = facts.timetable.find(data["slot"])
        if slot is None or slot.starts_at < at:
            raise slot_unknown()
        if facts.timetable.is_taken(slot):
            raise SlotTaken(extra={"slot": slot.name})
        return slot
    slot = next(facts.timetable.free(max(at, _not_before(data, at))), None)
    if slot is None:
        raise NoSlotFree()
    return slot


def _not_before(data: Mapping[str, Any], at: datetime) -> datetime:
    """The wish, at most a year ahead: nobody waits longer, and no home plans further."""
    if not data.get("not_before"):
        return at
    try:
        wished = datetime.fromisoformat(data["not_before"])
    except ValueError as error:
        raise instant_unknown() from error
    if wished.tzinfo is None or wished > at + timedelta(days=_MOST_DAYS_AHEAD):
        raise instant_unknown()
    return wished


def _start(procedure: Procedure, facts: Facts, act: Act, at: datetime) -> Ruling:
    kinds = facts.forbidding(procedure.terms.held_by)
    if kinds:
        raise HoldStands(extra={"kinds": list(kinds)})
    operators = [str(each).strip() for each in act.data.get("operators", ())]
    if len(operators) != 2 or not all(operators) or operators[0] == operators[1]:
        raise operators_needed()
    if procedure.fields.get("/deceased/pacemaker") and not act.data.get("pacemaker_removed"):
        raise pacemaker_first()
    result = {**procedure.result, "started_at": at.astimezone(TZ).isoformat()}
    return opened(START, result=result, effects=(Start((operators[0], operators[1])),))


def _finish(procedure: Procedure, at: datetime) -> Ruling:
    result = {**procedure.result, "cremated_at": at.astimezone(TZ).isoformat()}
    if procedure.state is OwnerState.UNDOING:
        return noted(result=result, effects=(Finish(),))
    return done(result, effects=(Finish(),))


def _prepared(procedure: Procedure, facts: Facts, ruling: Ruling) -> Ruling:
    """What the desk must know before it starts; paused while a hold stands."""
    fields = procedure.fields
    known = {
        "infectious": bool(fields.get("/deceased/infectious")),
        "pacemaker": bool(fields.get("/deceased/pacemaker")),
        "custom": bool(fields.get("/deceased/ethnic_custom")),
    }
    return under_hold(procedure, facts, replace(ruling, task_facts={**known, **ruling.task_facts}))
