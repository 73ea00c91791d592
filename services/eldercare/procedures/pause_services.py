"""`eldercare.pause_services` (row 9a): on a relative's word, suspend what has not been paid or delivered yet (R24).

Declared only, so every step of it can be taken back: a withdrawal or an undo lifts exactly what it suspended.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casework.procedure import Act, Procedure, Ruling, done, too_late, unchanged, undone, withdrawn
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.eldercare.commands import apply as apply
from services.eldercare.domain.effects import Hold, Lift
from services.eldercare.domain.items import WAITED_FOR, Care, Item
from services.eldercare.queries import gather_items

gather = gather_items


def open(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Suspends all that runs and tells when somebody of ours last met the person."""
    return _suspend(procedure, facts)


def correct(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Looks again: new holdings are suspended too, the last sign of life is told anew."""
    return _suspend(procedure, facts) if procedure.state is OwnerState.DONE else unchanged(procedure)


def withdraw(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Lifted: services and payments go on as if nothing had been said."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    if procedure.confirmed:
        return too_late(procedure, at)
    return withdrawn("lifted", memory={}, effects=_lifts(procedure, facts))


def undo(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Lifted, also after confirmation: the person lives."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return undone(UndoKind.RESTORE, memory={}, effects=_lifts(procedure, facts))


def advance(procedure: Procedure, facts: Care, act: Act, *, at: datetime) -> Ruling:
    """Somebody met the person (`answer` `sign_of_life`): told to the planner when it was after the reported death."""
    if act.kind != "answer" or act.decision != "sign_of_life" or procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return done(_result(procedure, facts, facts.held_by(procedure.id)), signal=_signal(procedure, facts))


def _suspend(procedure: Procedure, facts: Care) -> Ruling:
    fresh = tuple(item for item in facts.running() if item.held_by is None)
    held = tuple(item for item in facts.running() if item.held_by == procedure.id) + fresh
    return done(
        _result(procedure, facts, held),
        memory={"suspended": [str(item.id) for item in held]},
        effects=tuple(Hold(item) for item in fresh),
        signal=_signal(procedure, facts),
    )


def _lifts(procedure: Procedure, facts: Care) -> tuple[Lift, ...]:
    return tuple(Lift(item) for item in facts.held_by(procedure.id))


def _result(procedure: Procedure, facts: Care, held: Sequence[Item]) -> dict[str, Any]:
    sign = facts.last_sign_of_life
    return {
        "suspended": [
            {"hold": str(item.id), "kind": item.kind} for item in held if item.source not in WAITED_FOR
        ],
        "last_sign_of_life": sign.astimezone(TZ).isoformat() if sign else None,
    }


def _signal(procedure: Procedure, facts: Care) -> str | None:
    sign = facts.last_sign_of_life
    return "sign_of_life" if sign is not None and sign > procedure.occurred_at else None
