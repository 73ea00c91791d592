"""What a household's dibao comes to when one member has died, until the recheck has been signed (R01).

`amount = standard × members − income`. With one member less and that member's income gone the gap is
`amount − standard + income of the dead`. An income that nobody knows is unknown, not zero: then each member's gap is
kept (the dead person's income counts as an equal share), which is provisional until the survey.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provisional:
    """`amount_fen` a month; `known_income` tells whether the dead person's own income was known."""

    amount_fen: int
    known_income: bool


def provisional_amount(
    before_fen: int, *, members_before: int, standard_fen: int | None, dead_income_fen: int | None
) -> Provisional:
    """The provisional monthly amount in fen, rounded down. Raises ValueError without two members before.

    `standard_fen`: the dibao standard a person and month, as of the first month that counts.
    """
    if members_before < 2:
        raise ValueError("a household that goes on had two members at least")
    if standard_fen is None or dead_income_fen is None:
        return Provisional(before_fen * (members_before - 1) // members_before, known_income=False)
    return Provisional(max(before_fen - standard_fen + dead_income_fen, 0), known_income=True)
