"""`funeral.ashes` (row 7): stored, buried in a lawful place, returned to nature, or handed to the family (R22).

FN-013, FN-015, FN-016, FN-027, FN-028. A place is one case's while the placement stands. Where the law lets a body be
buried instead of cremated, the burial is arranged here. What is arranged stands at the point of no return; a hold
forbids it and the hand-over. Ashes that nobody comes for are announced, and then stored until somebody does.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from casework import generic
from casework.procedure import Act, Procedure, Ruling, noted, opened, undoing, undone
from contracts.outcomes import OwnerState
from contracts.terms import Step, StepDecision
from kernel.public_service.clock import TZ
from services.funeral.commands.afterwards import apply_ashes as apply
from services.funeral.domain.effects import Leave, Place, Placed, Unplace
from services.funeral.domain.facts import AshesFacts, RestingPlace
from services.funeral.problems import (
    CollectorNotEntitled,
    NoProofForBurial,
    PlaceTaken,
    fault,
    place_unknown,
)
from services.funeral.procedures.taken_back import taken_back
from services.funeral.procedures.under_hold import refuse_under_hold, under_hold
from services.funeral.queries.afterwards import gather_ashes as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "undo", "withdraw"]

HANDOVER, FETCH = "handover", "fetch_back"
# Nobody's place: the sea has no plots, and what the family takes home is theirs.
_WITHOUT_PLACE = frozenset({"sea", "family"})
# Plots; R22: only for the dead.
_PLOTS = frozenset({"cemetery", "burial", "eco_burial"})


def open(procedure: Procedure, facts: AshesFacts, *, at: datetime) -> Ruling:
    """Waits for the family's arrangement; paused when a hold stands already."""
    return _shown(procedure, facts, generic.open(procedure, facts, at=at))


def correct(procedure: Procedure, facts: AshesFacts, *, at: datetime) -> Ruling:
    """The task shows what the newer form says; what is arranged stands."""
    return _shown(procedure, facts, generic.correct(procedure, facts, at=at))


def advance(procedure: Procedure, facts: AshesFacts, act: Act, *, at: datetime) -> Ruling:
    """Arranged, handed over, nobody comes; or a hold that has come or gone."""
    if act.kind == "decision" and procedure.step == FETCH:
        return _fetched(procedure, act)
    refuse_under_hold(procedure, facts, act)
    if act.kind == "decision" and act.decision == "arranged":
        return _shown(procedure, facts, _arranged(procedure, facts, act.data))
    if act.kind == "decision" and act.decision == "handed_over":
        return _handed_over(procedure, facts, act.data, at)
    if act.kind == "decision" and act.decision == "stored_unclaimed":
        return _stored_unclaimed(procedure, facts, at)
    ruling = generic.advance(procedure, facts, act, at=at)
    if act.kind == "decision" and act.decision in ("unclaimed", "impossible"):
        notice = {"noticed_on": _day(at)} if act.decision == "unclaimed" else {}
        ruling = replace(ruling, result=notice, effects=(Unplace(),))
    return _shown(procedure, facts, ruling)


def withdraw(procedure: Procedure, facts: AshesFacts, *, at: datetime) -> Ruling:
    """Before anything is arranged."""
    return taken_back(generic.withdraw(procedure, facts, at=at), Unplace())


def undo(procedure: Procedure, facts: AshesFacts, *, at: datetime) -> Ruling:
    """Stored, or only arranged: the place is free again. Out of our hands: a person has them fetched back."""
    ruling = generic.undo(procedure, facts, at=at)
    placed = facts.placement is not None and facts.placement.placed and facts.placement.kind != "store"
    if ruling.state is OwnerState.UNDONE and placed:
        return undoing(_fetch_back(), reason="out_of_our_hands")
    return taken_back(ruling, Unplace())


def _fetch_back() -> Step:
    return Step(
        id=FETCH, name="取回骨灰或遗骸", actor="funeral_home", level="county",
        decisions=(
            StepDecision(id="fetched", name="已取回", ends="done"),
            StepDecision(id="impossible", name="无法取回", ends="done", needs_reason=True),
        ),
    )  # fmt: skip


def _fetched(procedure: Procedure, act: Act) -> Ruling:
    if act.decision == "impossible":
        return noted(act.reason or "irreversible")
    return undone(procedure.terms.undo, memory={}, effects=(Unplace(),))


def _arranged(procedure: Procedure, facts: AshesFacts, data: Mapping[str, Any]) -> Ruling:
    kind = str(data["kind"])
    eco_kind = _eco_kind(procedure, data) if kind == "eco_burial" else None
    if kind in _PLOTS and not (procedure.evidence or facts.cremated):
        raise NoProofForBurial()
    if kind == "burial":
        _refuse_unlawful_burial(procedure, facts, data)
    place = _place(facts, eco_kind or kind, str(data.get("place") or "").strip())
    result: dict[str, Any] = {"kind": kind}
    if eco_kind:
        result["eco_kind"] = eco_kind
    if place is not None:
        result["place"] = f"{place.site} {place.code}"
    effects = (Unplace(), Place(kind, eco_kind, place.id if place else None))
    return opened(HANDOVER, result=result, effects=effects)


def _eco_kind(procedure: Procedure, data: Mapping[str, Any]) -> str:
    kind = data.get("eco_kind") or procedure.fields.get("/wishes/eco_kind")
    if not kind:
        raise fault("/data/eco_kind", "required", "请写明生态安葬方式。", "Say which kind of eco-burial.",
                    "请与家属确认。", "Ask the family.")  # fmt: skip
    return str(kind)


def _refuse_unlawful_burial(procedure: Procedure, facts: AshesFacts, data: Mapping[str, Any]) -> None:
    """A burial of the body has a lawful ground, and nobody is buried who has been cremated."""
    if facts.cremated:
        raise fault("/data/kind", "cremated", "已经火化，不能再土葬遗体。", "The body has been cremated.",
                    "请选择骨灰的安放方式。", "Choose where the ashes shall rest.")  # fmt: skip
    if not (data.get("lawful_ground") or procedure.fields.get("/deceased/ethnic_custom")):
        raise fault("/data/lawful_ground", "required", "请写明依法土葬的依据。",
                    "Say on what ground the body may be buried.", "土葬改革区，或尊重少数民族丧葬习俗。",
                    "An area where burial is lawful, or a custom that the law respects.")  # fmt: skip


def _place(facts: AshesFacts, kind: str, named: str) -> RestingPlace | None:
    """The place named (by site or code), else the first free one of that kind in the county."""
    if kind in _WITHOUT_PLACE:
        return None
    known = [place for place in facts.places if place.kind == kind]
    meant = [place for place in known if not named or named in (place.site, place.code)]
    if named and not meant:
        raise place_unknown(sorted({place.site for place in known}))
    chosen = next((place for place in meant if not place.taken), None)
    if chosen is None:
        raise PlaceTaken(extra={"kind": kind})
    return chosen


def _handed_over(procedure: Procedure, facts: AshesFacts, data: Mapping[str, Any], at: datetime) -> Ruling:
    """Carried out; to a family only into the hands of the named collector, or of whoever has his authority."""
    if data.get("collected_by") == "other" and not data.get("authorised"):
        raise CollectorNotEntitled()
    result = {**procedure.result, "handed_over_on": _day(at)}
    effects: tuple[object, ...] = (Placed(),)
    if procedure.result.get("kind") == "burial":
        effects = (*effects, Leave("burial", left=True))
    return Ruling(OwnerState.DONE, result=result, effects=effects)


def _stored_unclaimed(procedure: Procedure, facts: AshesFacts, at: datetime) -> Ruling:
    """Announced in vain: kept in the hall of ashes until somebody comes."""
    place = _place(facts, "store", "")
    assert place is not None, "a niche is a place"
    result = {
        **procedure.result, "kind": "store", "place": f"{place.site} {place.code}", "unclaimed": True,
        "handed_over_on": _day(at),
    }  # fmt: skip
    effects = (Unplace(), Place("store", None, place.id), Placed())
    return Ruling(OwnerState.DONE, result=result, effects=effects, passed=(HANDOVER,))


def _day(at: datetime) -> str:
    return at.astimezone(TZ).date().isoformat()


def _shown(procedure: Procedure, facts: AshesFacts, ruling: Ruling) -> Ruling:
    """What the desk must know: the wish, whether a collector is named; paused while a hold stands."""
    known: dict[str, Any] = {"collector_named": bool(procedure.fields.get("/wishes/collector"))}
    for name in ("ashes", "eco_kind"):
        if procedure.fields.get(f"/wishes/{name}"):
            known[name] = procedure.fields[f"/wishes/{name}"]
    return under_hold(procedure, facts, replace(ruling, task_facts={**known, **ruling.task_facts}))
