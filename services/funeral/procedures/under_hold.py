"""What a hold does to every procedure whose catalogue row heeds it (`held_by`).

A hold forbids to enter the point of no return and to end as done; everything else may be prepared meanwhile. While
one stands the procedure is paused, so that its limit stands still (a legal reason, G10).
"""

from dataclasses import replace

from casework.procedure import Act, Procedure, Ruling
from casework.steps import find_step
from contracts.outcomes import OwnerState
from services.funeral.domain.facts import Facts
from services.funeral.problems import HoldStands, missing_errors


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
    reason = None if ruling.reason == "hold" else ruling.reason
    return replace(ruling, state=OwnerState.OPEN, reason=reason, pause_reason=None, task_facts=task_facts)


def refuse_under_hold(procedure: Procedure, facts: Facts, act: Act) -> None:
    """Raises HoldStands when a hold stands and the decision cannot be taken back."""
    kinds = facts.forbidding(procedure.terms.held_by)
    if act.kind == "decision" and kinds and _irreversible(procedure, act):
        errors = missing_errors([f"hold_{kind.value}" for kind in kinds])
        raise HoldStands(extra={"kinds": list(kinds)}, errors=errors)


def _irreversible(procedure: Procedure, act: Act) -> bool:
    step = find_step(procedure.terms, procedure.step)
    decisions = step.decisions if step else ()
    chosen = next((each for each in decisions if each.id == act.decision), None)
    if chosen is None:
        return False
    return chosen.ends == "done" or (
        chosen.to is not None and chosen.to == procedure.terms.point_of_no_return
    )
