"""`funeral.farewell` (row 4a): in a hall or from afar, on a real slot, before the cremation (FN-019, FN-021, FN-029).

A hall's time is taken for good when it is booked and free again when it is given back. A farewell that is booked keeps
the cremation from being booked, and from starting, before its end; one that is only wished for keeps nobody waiting.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from casework import generic
from casework.procedure import Act, Procedure, Ruling, opened, undone
from contracts.outcomes import OwnerState
from contracts.terms import HoldKind, UndoKind
from kernel.public_service.clock import TZ
from services.funeral.commands.farewells import apply_farewells as apply
from services.funeral.domain.effects import BookHall, HallHeld, ReleaseHall
from services.funeral.domain.facts import FarewellFacts
from services.funeral.domain.halls import Hall
from services.funeral.domain.instants import wished_instant
from services.funeral.problems import CremationSooner, HallTaken, hall_unknown, instant_unknown
from services.funeral.procedures.under_hold import refuse_under_hold, under_hold
from services.funeral.queries.halls import gather_farewells as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "undo", "withdraw"]

BOOK, HOLD = "book", "hold"


def open(procedure: Procedure, facts: FarewellFacts, *, at: datetime) -> Ruling:
    """Waits for the home to book a hall."""
    return _shown(procedure, facts, generic.open(procedure, facts, at=at))


def advance(procedure: Procedure, facts: FarewellFacts, act: Act, *, at: datetime) -> Ruling:
    """Booked, rebooked, held, impossible; or a hold (an infection) that has come or gone."""
    facts = _heeded(procedure, facts)
    refuse_under_hold(procedure, facts, act)
    if act.kind == "decision" and act.decision == "booked":
        return _shown(procedure, facts, _book(procedure, facts, act, at))
    ruling = generic.advance(procedure, facts, act, at=at)
    if ruling.state is OwnerState.DONE:
        result = {**procedure.result, "held_at": at.astimezone(TZ).isoformat()}
        return replace(ruling, result=result, effects=(HallHeld(),))
    if act.kind == "decision":
        ruling = replace(ruling, result={}, effects=(ReleaseHall(),))
    return _shown(procedure, facts, ruling)


def withdraw(procedure: Procedure, facts: FarewellFacts, *, at: datetime) -> Ruling:
    """The hall is free again; one that was held was held."""
    return _given_back(generic.withdraw(procedure, facts, at=at))


def correct(procedure: Procedure, facts: FarewellFacts, *, at: datetime) -> Ruling:
    """Another wish (a hall, or from afar) needs another room; everything else stays booked."""
    booked = facts.booking
    if procedure.running and procedure.step == HOLD and booked and booked.kind != _kind(procedure):
        ruling = opened(BOOK, reason="wish_changed", result={}, effects=(ReleaseHall(),))
        return _shown(procedure, facts, ruling)
    return _shown(procedure, facts, generic.correct(procedure, facts, at=at))


def undo(procedure: Procedure, facts: FarewellFacts, *, at: datetime) -> Ruling:
    """Not held yet: given back. Held: a note is all there is."""
    if procedure.running:
        return undone(UndoKind.NONE, result={}, effects=(ReleaseHall(),))
    return generic.undo(procedure, facts, at=at)


def _given_back(ruling: Ruling) -> Ruling:
    if ruling.state is OwnerState.WITHDRAWN:
        return replace(ruling, result={}, effects=(ReleaseHall(),))
    return ruling


def _heeded(procedure: Procedure, facts: FarewellFacts) -> FarewellFacts:
    """An infection keeps people out of a hall; from afar they may take leave (FN-029)."""
    if _kind(procedure) != "remote":
        return facts
    return replace(facts, holds=tuple(hold for hold in facts.holds if hold.kind is not HoldKind.INFECTION))


def _kind(procedure: Procedure) -> str:
    """A remote farewell where the family wishes one; else a hall."""
    return "remote" if procedure.fields.get("/wishes/farewell") == "remote" else "hall"


def _book(procedure: Procedure, facts: FarewellFacts, act: Act, at: datetime) -> Ruling:
    starts_at = wished_instant(str(act.data["starts_at"]), at=at)
    if starts_at is None or starts_at < at - timedelta(minutes=1):
        raise instant_unknown("/data/starts_at")
    hall = _hall(procedure, facts, act.data.get("hall"), starts_at)
    ends_at = hall.end_of(starts_at)
    if facts.cremation_at is not None and facts.cremation_at < ends_at:
        raise CremationSooner(extra={"cremation_at": facts.cremation_at.astimezone(TZ).isoformat()})
    result = {
        "kind": hall.kind, "hall": hall.name, "starts_at": starts_at.astimezone(TZ).isoformat(),
        "ends_at": ends_at.astimezone(TZ).isoformat(),
    }  # fmt: skip
    return opened(HOLD, result=result, effects=(BookHall(hall, starts_at),))


def _hall(procedure: Procedure, facts: FarewellFacts, named: str | None, starts_at: datetime) -> Hall:
    """The hall named; else the first free one, in the home where the body is if it can be."""
    halls = [hall for hall in facts.halls if hall.kind == _kind(procedure)]
    if named:
        chosen = [hall for hall in halls if hall.answers_to(named)]
        if not chosen:
            raise hall_unknown([hall.name for hall in halls])
    else:
        chosen = sorted(halls, key=lambda hall: (hall.home != facts.home, hall.code))
    free = next((hall for hall in chosen if hall.free_at(starts_at)), None)
    if free is None:
        raise HallTaken(extra={"starts_at": starts_at.astimezone(TZ).isoformat()})
    return free


def _shown(procedure: Procedure, facts: FarewellFacts, ruling: Ruling) -> Ruling:
    known: dict[str, Any] = {
        "infectious": bool(procedure.fields.get("/deceased/infectious")), "kind": _kind(procedure),
    }  # fmt: skip
    if procedure.fields.get("/wishes/farewell_on"):
        known["farewell_on"] = procedure.fields["/wishes/farewell_on"]
    heeded = _heeded(procedure, facts)
    return under_hold(procedure, heeded, replace(ruling, task_facts={**known, **ruling.task_facts}))
