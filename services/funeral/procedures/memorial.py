"""`funeral.memorial` (row 23): an online memorial and visits, on wish only; deleted when the family asks (FN-019, R73).

Near relatives may have data of the dead deleted: a withdrawal of this row does it, at any time, also after it is done.
"""

from datetime import datetime

from casework import generic
from casework.procedure import Procedure, Ruling, unchanged, withdrawn
from contracts.outcomes import OwnerState
from services.funeral.commands.afterwards import apply_memorials as apply
from services.funeral.domain.effects import DeleteMemorial, OpenMemorial
from services.funeral.domain.facts import Settling
from services.funeral.procedures.taken_back import taken_back
from services.funeral.queries.afterwards import gather_settlements as gather

__all__ = ["apply", "gather", "open", "undo", "withdraw"]


def open(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Opened at once; visits are booked at the home that did the cremation, or the county's first."""
    return generic.open(procedure, facts, at=at).with_effects(OpenMemorial(facts.home))


def withdraw(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Deleted, with the visits still to come."""
    if procedure.running or procedure.state is OwnerState.DONE:
        return withdrawn("deleted", result={}, effects=(DeleteMemorial(),))
    return unchanged(procedure)


def undo(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Deleted: whoever lives has no memorial."""
    return taken_back(generic.undo(procedure, facts, at=at), DeleteMemorial())
