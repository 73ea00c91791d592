"""`funeral.transport` (row 3): a body is collected, gets its tag, is kept, and is released (R22, FN-011, FN-013).

The tag is the home's, given at the collection or, where the family brings the body, at the booking of the cremation.
Days are counted while the body lies in the home; days under a hold are not charged. From the release on nothing can
be taken back; a family that withdraws while the body is kept takes it elsewhere, so the release comes next.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done, noted, opened, undoing, undone
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.funeral.commands.bodies import apply_bodies as apply
from services.funeral.domain.effects import Keep, Leave, NotExpected, Number, Tag
from services.funeral.domain.facts import BodyFacts
from services.funeral.domain.holds import spans
from services.funeral.domain.keeping import keeping
from services.funeral.domain.slots import Home
from services.funeral.problems import NoHome, fault
from services.funeral.procedures.under_hold import refuse_under_hold, under_hold
from services.funeral.queries.bodies import gather_bodies as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "undo", "withdraw"]

KEEP, RELEASE = "keep", "release"


def open(procedure: Procedure, facts: BodyFacts, *, at: datetime) -> Ruling:
    """Waits for the home to collect; paused when a hold stands already."""
    return _shown(procedure, facts, generic.open(procedure, facts, at=at))


def correct(procedure: Procedure, facts: BodyFacts, *, at: datetime) -> Ruling:
    """The task shows what the newer form says; the tag stays."""
    return _shown(procedure, facts, generic.correct(procedure, facts, at=at))


def advance(procedure: Procedure, facts: BodyFacts, act: Act, *, at: datetime) -> Ruling:
    """Collected, ready to be released, released; or a hold that has come or gone."""
    refuse_under_hold(procedure, facts, act)
    if act.kind == "decision" and act.decision == "collected":
        return _shown(procedure, facts, _collected(procedure, facts, act.data, at))
    if act.kind == "decision" and act.decision == "released":
        return _released(procedure, facts, str(act.data["to"]), at)
    return _shown(procedure, facts, generic.advance(procedure, facts, act, at=at))


def withdraw(procedure: Procedure, facts: BodyFacts, *, at: datetime) -> Ruling:
    """Nothing collected: withdrawn. Kept: the family takes the body elsewhere, the release is the next step."""
    if procedure.running and procedure.step == KEEP:
        return _shown(procedure, facts, opened(RELEASE, reason="withdrawn"))
    return generic.withdraw(procedure, facts, at=at)


def undo(procedure: Procedure, facts: BodyFacts, *, at: datetime) -> Ruling:
    """A body that lies in the home goes on lying there: whose it is, and where it goes, a person decides."""
    if procedure.running and procedure.step in (KEEP, RELEASE):
        return undoing(procedure.terms.step(RELEASE), reason="body_kept")
    if procedure.running:
        return undone(UndoKind.NONE, effects=(NotExpected(),))
    return generic.undo(procedure, facts, at=at)


def _collected(procedure: Procedure, facts: BodyFacts, data: Mapping[str, Any], at: datetime) -> Ruling:
    home = _home(facts, data)
    body = facts.body if facts.body is not None and facts.body.left_at is None else None
    named = str(data.get("body_tag") or "").strip()
    effects: tuple[object, ...] = (Keep(data.get("place_kept")),)
    if body is not None and body.home == home.id and named in ("", body.tag):
        tag = body.tag
    else:
        number = facts.tags[home.id].next(at)
        tag = named or number.text
        effects = (*(() if named else (Number(number),)), Tag(home.id, tag), *effects)
    result = {"home": home.name, "body_tag": tag, "kept_from": at.astimezone(TZ).isoformat()}
    return opened(KEEP, result=result, effects=effects)


def _home(facts: BodyFacts, data: Mapping[str, Any]) -> Home:
    """The home named, else the one that expects the body, else the county's first."""
    homes = facts.homes.homes
    if not homes:
        raise NoHome()
    lying = next(
        (home for home in homes if facts.body and facts.body.here and home.id == facts.body.home), None
    )
    if lying is not None:
        return lying
    named = data.get("home")
    if named:
        found = next((home for home in homes if named in (home.code, home.name)), None)
        if found is None:
            known = "、".join(home.name for home in homes)
            raise fault("/data/home", "home_unknown", "本县没有这家殡仪馆。", "This county has no such home.",
                        f"可选：{known}", f"One of: {known}")  # fmt: skip
        return found
    expecting = facts.body.home if facts.body is not None and facts.body.left_at is None else None
    return next((home for home in homes if home.id == expecting), homes[0])


def _released(procedure: Procedure, facts: BodyFacts, to: str, at: datetime) -> Ruling:
    result = {**procedure.result, "released_to": to, "released_at": at.astimezone(TZ).isoformat()}
    body = facts.body
    if body is not None and body.kept_from is not None:
        until = min(body.kept_until or at, at)
        kept = keeping(body.kept_from, until, spans(facts.holds, procedure.terms.held_by), facts.prices)
        result |= {
            "kept_days": kept.days, "held_days": kept.held_days, "charged_days": kept.days - kept.held_days,
            "keeping_fen": kept.charge_fen,
        }  # fmt: skip
    effects = (Leave(to, left=to != "cremation"),)
    if procedure.state is OwnerState.UNDOING:
        return noted(result=result, effects=effects)
    return done(result, effects=effects)


def _shown(procedure: Procedure, facts: BodyFacts, ruling: Ruling) -> Ruling:
    """What the desk must know; paused while a hold stands."""
    if ruling.state is OwnerState.UNDOING:
        return ruling
    known: dict[str, Any] = {"infectious": bool(procedure.fields.get("/deceased/infectious"))}
    if facts.body is not None and facts.body.left_at is None:
        known["body_tag"] = facts.body.tag
    result = ruling.result if ruling.result is not None else procedure.result
    if result.get("body_tag"):
        known["body_tag"] = result["body_tag"]
    return under_hold(procedure, facts, replace(ruling, task_facts={**known, **ruling.task_facts}))
