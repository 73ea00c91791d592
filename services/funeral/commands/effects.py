"""Effects of a batch of rulings, sorted by kind; what each kind needs stands beside it."""

from collections.abc import Sequence
from typing import TypeVar

from casework.procedure import Procedure, Ruling

Effect = TypeVar("Effect")
Rulings = Sequence[tuple[Procedure, Ruling]]


def of_kind(rulings: Rulings, kind: type[Effect]) -> list[tuple[Procedure, Effect]]:
    """The effects of one kind, each with its procedure, in the order of their procedures' ids."""
    found = [
        (procedure, effect)
        for procedure, ruling in rulings
        for effect in ruling.effects
        if isinstance(effect, kind)
    ]
    return sorted(found, key=lambda pair: pair[0].id)
