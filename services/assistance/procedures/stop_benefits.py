"""`assistance.stop_benefits` (row 9): what the dead person held ends with the month of death (R24, R80).

Own holdings end; the household's dibao goes on while somebody is left in it (its new amount is 9b's). A payment
released for a later month is overpaid: booked as recoverable, and recovered by its own signed decision only.
"""

from datetime import datetime

from casework.procedure import Act, Procedure, Ruling, done, not_applicable, too_late, unchanged, undone
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.assistance.commands import apply as apply
from services.assistance.domain.stopping import restore, stop
from services.assistance.domain.values import Standing
from services.assistance.queries import gather as gather


def open(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Stops everything; not applicable when the person holds nothing, alone or in a household."""
    return _stop(procedure, facts)


def correct(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Another date of death: last month and overpayment are recomputed, only differences are booked."""
    return _stop(procedure, facts) if procedure.state is OwnerState.DONE else unchanged(procedure)


def withdraw(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """A confirmed death is not withdrawn."""
    return too_late(procedure, at) if procedure.state is OwnerState.DONE else unchanged(procedure)


def undo(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Restored as if never stopped, months missed are owed as arrears, claims are taken back."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    effects = restore(facts, procedure.id, at.astimezone(TZ).date(), procedure.memory.get("overpaid", {}))
    return undone(UndoKind.RESTORE, memory={}, effects=effects)


def advance(procedure: Procedure, facts: Standing, act: Act, *, at: datetime) -> Ruling:
    """No step waits for anybody."""
    return unchanged(procedure)


def _stop(procedure: Procedure, facts: Standing) -> Ruling:
    died_on = procedure.occurred_at.astimezone(TZ).date()
    stopped = stop(facts, procedure.id, died_on, procedure.memory.get("overpaid", {}))
    if not stopped.touched:
        return not_applicable("holds_nothing", effects=stopped.effects)
    return done(
        {"stopped": [dict(line) for line in stopped.stopped]},
        memory={"overpaid": dict(stopped.overpaid)},
        effects=stopped.effects,
    )
