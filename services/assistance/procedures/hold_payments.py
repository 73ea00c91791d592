"""`assistance.hold_payments` (row 9a): on a relative's word, suspend what is not released yet (R24, FN-003).

Declared only, so every step can be taken back: a withdrawal or an undo lifts exactly what this procedure suspended.
"""

from datetime import date, datetime
from typing import Any

from casework.procedure import Act, Procedure, Ruling, done, too_late, unchanged, undone, withdrawn
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.assistance.commands import apply as apply
from services.assistance.domain.suspending import lift, suspend, suspended
from services.assistance.domain.values import Standing
from services.assistance.queries import gather as gather


def open(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Suspends, and tells when somebody of ours last met the person."""
    return _suspend(procedure, facts)


def correct(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Looks again: new payments are suspended too, the last sign of life is weighed against the new date."""
    return _suspend(procedure, facts) if procedure.state is OwnerState.DONE else unchanged(procedure)


def withdraw(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Lifted before confirmation; after it the state's duty runs on."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    if procedure.confirmed:
        return too_late(procedure, at)
    return withdrawn("lifted", effects=lift(facts, procedure.id))


def undo(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Lifted, also after confirmation: the person lives."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return undone(UndoKind.RESTORE, effects=lift(facts, procedure.id))


def advance(procedure: Procedure, facts: Standing, act: Act, *, at: datetime) -> Ruling:
    """Somebody met the person (`answer` `sign_of_life`): the planner is told the newest sign."""
    if act.kind != "answer" or act.decision != "sign_of_life" or procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return done({**procedure.result, **_sign(facts)}, signal=_signal(procedure, facts))


def _suspend(procedure: Procedure, facts: Standing) -> Ruling:
    held = suspended(facts, procedure.id)
    return done(
        {"suspended": [{"hold": str(each.id), "kind": each.kind} for each in held], **_sign(facts)},
        effects=suspend(
            facts, procedure.id, confirmed_on=_died_on(procedure) if procedure.confirmed else None
        ),
        signal=_signal(procedure, facts),
    )


def _died_on(procedure: Procedure) -> date:
    return procedure.occurred_at.astimezone(TZ).date()


def _sign(facts: Standing) -> dict[str, Any]:
    sign = facts.last_sign_of_life
    return {"last_sign_of_life": sign.astimezone(TZ).isoformat() if sign else None}


def _signal(procedure: Procedure, facts: Standing) -> str | None:
    sign = facts.last_sign_of_life
    return "sign_of_life" if sign is not None and sign > procedure.occurred_at else None
