"""`eldercare.stop_benefits` (row 9): the dead person's own elder care ends by itself (R24, R53, EC-012).

Allowances end with the month of death; what was paid beyond is put on record as overpaid (its recovery is a signed
decision of its own). A corrected date computes anew; an undo puts everything back with arrears, line by line.
"""

from datetime import date, datetime

from casework.procedure import Procedure, Ruling, done, not_applicable, too_late, unchanged, undone
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.eldercare.commands import apply as apply
from services.eldercare.domain.effects import Died
from services.eldercare.domain.items import Care, Item
from services.eldercare.domain.restoring import restore
from services.eldercare.domain.stopping import stop
from services.eldercare.queries import gather as gather


def open(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Stops all that runs; not applicable when the person holds nothing. Either way no grant after the death."""
    items = facts.running()
    died = Died(procedure.subject, died_on(procedure))
    if not items and not facts.charged:
        return not_applicable("holds_nothing", result={"stopped": []}, effects=(died,))
    return _stop(procedure, facts, items, died)


def correct(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Another date of death: last months and overpayments are computed anew, only differences are booked."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    items = facts.ended_by(procedure.id) + facts.running()
    return _stop(procedure, facts, items, Died(procedure.subject, died_on(procedure)))


def withdraw(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """What the state must do runs on (G5): after confirmation only a revocation takes it back."""
    return too_late(procedure, at) if procedure.state is OwnerState.DONE else unchanged(procedure)


def undo(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Restored with arrears; claims are cancelled. What cannot be put back as it was gets a note and what is next."""
    lives = Died(procedure.subject, None)
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure, effects=(lives,))
    back = restore(facts, procedure.id, at.astimezone(TZ).date())
    return undone(
        UndoKind.RESTORE,
        result={
            "stopped": [],
            "restored": list(back.restored),
            "arrears_fen": back.arrears_fen,
            "arrears": [dict(line) for line in back.arrears],
            "notes": [dict(note) for note in back.notes],
        },
        memory={},
        effects=(*back.effects, lives),
    )


def died_on(procedure: Procedure) -> date:
    """The day of death in the public service's time zone, as the case's newest version knows it."""
    return procedure.occurred_at.astimezone(TZ).date()


def _stop(procedure: Procedure, facts: Care, items: tuple[Item, ...], died: Died) -> Ruling:
    outcome = stop(facts, items, procedure.id, procedure.occurred_at)
    return done(
        {"stopped": [dict(line) for line in outcome.stopped]}, memory={}, effects=(*outcome.effects, died)
    )
