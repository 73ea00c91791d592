"""The verbs of a procedure that has no code: what its catalogue row describes (design 5).

System steps run at once, human steps wait on a task, a predicate is asked by casework before these verbs run. A plain
"officer at level X decides within N working days" procedure needs nothing else.
"""

from datetime import datetime
from typing import Any

from casework.procedure import (
    Act,
    Procedure,
    Ruling,
    done,
    not_applicable,
    noted,
    opened,
    refused,
    too_late,
    unchanged,
    undoing,
    undone,
    withdrawn,
)
from casework.steps import SIGN_UNDO, find_step, sign_undo, waits_until
from contracts.outcomes import OwnerState
from contracts.terms import StepDecision, UndoKind, UndoReason


class DecisionUnknown(Exception):
    """这个环节没有这种处理方式。
    This step has no such decision."""


def enter(procedure: Procedure, step_id: str | None, *, at: datetime | None = None, **more: Any) -> Ruling:
    """Start a step: system steps run through to the next human, department or waiting step, or to the end.

    `at` is the present instant; without it no step waits.
    """
    passed: list[str] = []
    step = find_step(procedure.terms, step_id)
    while step is not None and step.id not in passed:
        passed.append(step.id)
        if step.actor != "system":
            return opened(step.id, passed=tuple(passed), **more)
        until = waits_until(procedure, step)
        if until is not None and at is not None and at < until:
            return opened(step.id, passed=tuple(passed), wake_at=until, **more)
        step = find_step(procedure.terms, step.to)
    return done(passed=tuple(passed), **more)


def open(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    """The first step of the terms."""
    return enter(procedure, procedure.terms.first_step.id, at=at)


def advance(procedure: Procedure, facts: Any, act: Act, *, at: datetime) -> Ruling:
    """A decision of the present step, or the end of its wait. Other acts move nothing."""
    if procedure.state is OwnerState.UNDOING and procedure.step == SIGN_UNDO:
        return undone(procedure.terms.undo)
    if act.kind == "clock":
        return wait_over(procedure, at)
    if act.kind != "decision":
        return still(procedure)
    decision = _decision(procedure, act.decision)
    if decision.to is not None:
        return enter(procedure, decision.to, at=at)
    return end(decision, act)


def wait_over(procedure: Procedure, at: datetime, **more: Any) -> Ruling:
    """The wait of a system step has passed: the next step, or the end. At any other step nothing moves."""
    step = find_step(procedure.terms, procedure.step)
    until = _waits(procedure)
    if step is None or until is None:
        return unchanged(procedure)
    if at < until:
        return unchanged(procedure, wake_at=until)
    return enter(procedure, step.to, at=at, **more) if step.to else done(passed=(step.id,), **more)


def still(procedure: Procedure) -> Ruling:
    """Nothing moves; a wait goes on, to the end that the newest date of the event gives it."""
    return unchanged(procedure, wake_at=_waits(procedure))


def _waits(procedure: Procedure) -> datetime | None:
    step = find_step(procedure.terms, procedure.step)
    return waits_until(procedure, step) if step is not None and procedure.running else None


def end(decision: StepDecision, act: Act) -> Ruling:
    """The end a decision names; the human's data is the public result where it says nothing of a person."""
    if decision.ends == "refused":
        return refused(act.reason or decision.id)
    if decision.ends == "not_applicable":
        return not_applicable(act.reason or decision.id)
    return done({"decision": decision.id}, reason=act.reason)


def _decision(procedure: Procedure, name: str) -> StepDecision:
    step = find_step(procedure.terms, procedure.step)
    for decision in step.decisions if step else ():
        if decision.id == name:
            return decision
    raise DecisionUnknown(f"{procedure.type} {procedure.step}: {name}")


def withdraw(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    """Withdrawn before the point of no return; after it, and when done: unchanged, too late."""
    if procedure.state is OwnerState.DONE or (procedure.running and procedure.no_return_at is not None):
        return too_late(procedure, at)
    if procedure.running:
        return withdrawn("withdrawn")
    return unchanged(procedure)


def correct(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    """Open: the same step again on the newer form. Done: done once more. Refused: opened anew."""
    if procedure.state is OwnerState.REFUSED:
        return enter(procedure, procedure.terms.first_step.id, at=at, reason=None)
    return still(procedure)


def undo(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    """Taken back by kind. What a human decided needs a human's signature, unless the county signed the revocation."""
    if procedure.ended and procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    if procedure.terms.undo is UndoKind.NONE and _irreversible(procedure):
        return noted()
    if procedure.state in (OwnerState.DONE, OwnerState.UNDOING) and needs_signature(procedure):
        return undoing(sign_undo())
    return undone(procedure.terms.undo)


def _irreversible(procedure: Procedure) -> bool:
    return procedure.state is OwnerState.DONE or procedure.no_return_at is not None


def needs_signature(procedure: Procedure) -> bool:
    """A revocation carries the county's signature; a correction that makes a human's decision needless does not."""
    return procedure.human and procedure.undo_reason in (None, UndoReason.NOT_NEEDED)
