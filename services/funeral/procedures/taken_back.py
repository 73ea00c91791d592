"""What a withdrawal or an undo of the generic verbs still has to write when it does take something back."""

from dataclasses import replace

from casework.procedure import Ruling
from contracts.outcomes import OwnerState


def taken_back(ruling: Ruling, *effects: object) -> Ruling:
    """The ruling with these effects and an empty memory, if it withdraws or undoes; unchanged otherwise."""
    if ruling.state in (OwnerState.WITHDRAWN, OwnerState.UNDONE):
        return replace(ruling, memory={}, effects=(*ruling.effects, *effects))
    return ruling
