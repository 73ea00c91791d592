"""Generic steps that heed holds: transport, farewell, the hand-over of ashes (`held_by` of the catalogue row).

A hold forbids to enter the point of no return and to end as done; everything else may be prepared meanwhile. While
one stands the procedure is paused, so that its limit stands still (a legal reason, G10).
"""

from dataclasses import replace
from datetime import datetime

from casework import generic
from casework.procedure import Act, Procedure, Ruling
from casework.steps import find_step
from contracts.outcomes import OwnerState
from services.funeral.domain import Facts
from services.funeral.problems import HoldStands
from services.funeral.queries import gather_holds as gather

__all__ = ["advance", "correct", "gather", "open", "under_hold"]


def open(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """The first step; paused when a hold stands already."""
    return under_hold(procedure, facts, generic.open(procedure, facts, at=at))


def correct(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """As the generic steps do."""
    return under_hold(procedure, facts, generic.correct(procedure, facts, at=at))


def advance(procedure: Procedure, facts: Facts, act: Act, *, at: datetime) -> Ruling:
    """A decision, unless a hold forbids it (HoldStands); or a hold that has come or gone."""
    if act.kind == "decision" and facts.forbidding(procedure.terms.held_by) and _irreversible(procedure, act):
        raise HoldStands(extra={"kinds": list(facts.forbidding(procedure.terms.held_by))})
    return under_hold(procedure, facts, generic.advance(procedure, facts, act, at=at))


def under_hold(procedure: Procedure, facts: Facts, ruling: Ruling) -> Ruling:
    """Paused while a hold stands, open again when none does any more."""
    if ruling.state not in (OwnerState.OPEN, OwnerState.PAUSED):
        return ruling
    kinds = facts.forbidding(procedure.terms.held_by)
    task_facts = {**ruling.task_facts, "holds": list(kinds)}
    if kinds:
        return replace(
            ruling, state=OwnerState.PAUSED, reason="hold", pause_reason="hold", task_facts=task_facts
        )
    return replace(ruling, state=OwnerState.OPEN, reason=None, pause_reason=None, task_facts=task_facts)


def _irreversible(procedure: Procedure, act: Act) -> bool:
    step = find_step(procedure.terms, procedure.step)
    decisions = step.decisions if step else ()
    chosen = next((each for each in decisions if each.id == act.decision), None)
    if chosen is None:
        return False
    return chosen.ends == "done" or (
        chosen.to is not None and chosen.to == procedure.terms.point_of_no_return
    )
