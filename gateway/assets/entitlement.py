"""Who may ask where the dead person's assets are held (R28; Civil Code 1127, 1128, 1133, 1145–1147; PIPL 49). Pure.

A relation of the first order that is proven entitles by itself; every other capacity rests on a paper that a clerk
looks at. A refusal is a person's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FIRST_ORDER = frozenset({"spouse", "child", "parent"})


class Capacity(StrEnum):
    """In which capacity somebody asks. `will`: heir by will or legatee."""

    FIRST_ORDER_HEIR = "first_order_heir"
    REPRESENTATION = "representation"
    SECOND_ORDER_HEIR = "second_order_heir"
    WILL = "will"
    ESTATE_MANAGER = "estate_manager"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the applicant. `proof`: the state of the proof of relation; `relation`: what it proved.

    `claimed`: what the report says; `named_by_will`: the report names the applicant among the heirs by will.
    """

    proof: str | None
    relation: str | None
    claimed: str | None
    named_by_will: bool = False


# What the clerk has to look at, by what the applicant is to the dead person.
_QUESTIONS: Mapping[str, Capacity] = {
    "grandchild": Capacity.REPRESENTATION, "sibling": Capacity.SECOND_ORDER_HEIR,
    "village": Capacity.ESTATE_MANAGER,
}  # fmt: skip


def entitled_by_data(standing: Standing) -> Capacity | None:
    """Heirs of the first order whose relation is proven as they claim it; None: a person has to look."""
    proven = standing.proof == "done" and standing.relation == standing.claimed
    return Capacity.FIRST_ORDER_HEIR if proven and standing.relation in FIRST_ORDER else None


def question(standing: Standing) -> Capacity | None:
    """Which capacity comes into question, for the clerk's task; None when the report names none."""
    if standing.named_by_will:
        return Capacity.WILL
    if standing.claimed in FIRST_ORDER:
        return Capacity.FIRST_ORDER_HEIR
    return _QUESTIONS.get(standing.claimed or "")


def still_entitled(capacity: Capacity, standing: Standing) -> bool:
    """Whether what was found stands: a first-order heir's relation must be proven, a paper stays what it is.

    A representing grandchild or a sibling is a relative, too: a refused proof takes that away.
    """
    if capacity is Capacity.FIRST_ORDER_HEIR:
        return standing.proof == "done" and standing.claimed in FIRST_ORDER
    if capacity in (Capacity.REPRESENTATION, Capacity.SECOND_ORDER_HEIR):
        return standing.proof == "done"
    return True
