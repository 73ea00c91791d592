"""Who depended on a person that died: minors, disabled and bedridden members, wards, whoever's benefit they drew (R09,
CH-004).

Known, none, or not known: a register that has never heard of the person says nothing about whom they cared for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

ADULT_AT = 18
_DISABLED = frozenset({"disability_living", "disability_nursing"})
_CHILDREN = frozenset({"orphan", "unattended_child"})


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody around a person. `ties`: `household`, `child`, `ward`, `payee`; `kinds`: the benefits they hold alone.

    `birth_date` and `needs_care` (`disabled`, `bedridden`): none where this service does not know.
    """

    person: UUID
    ties: frozenset[str]
    birth_date: date | None = None
    needs_care: str | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(slots=True)
class Around:
    """Who is around a person as this service knows it. `registered`: their household is known here at all."""

    registered: bool = False
    near: list[Near] = field(default_factory=list)


def why_dependent(near: Near, on: date) -> str | None:
    """The first reason for which somebody may be left without care on that day; None: none is known."""
    if "ward" in near.ties:
        return "ward"
    if near.birth_date is not None and not is_adult(near.birth_date, on):
        return "minor"
    if near.needs_care is not None:
        return near.needs_care
    if near.kinds & _DISABLED:
        return "disabled"
    if near.kinds & _CHILDREN:
        return "minor"
    if "tekun" in near.kinds:
        return "destitute"
    return "payee_of" if "payee" in near.ties else None


def is_adult(birth_date: date, on: date) -> bool:
    """Eighteen full years on that day (Civil Code 17)."""
    birthday_to_come = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - birthday_to_come >= ADULT_AT


def dependent(around: Around, on: date) -> Mapping[UUID, str]:
    """{person: why} of those who may be left without care."""
    reasons = {near.person: why_dependent(near, on) for near in around.near}
    return {person: why for person, why in reasons.items() if why is not None}


def has_dependants(around: Around, named: Sequence[Any] | None, on: date) -> bool | None:
    """True: somebody is known here or named in the form. None: neither register nor form says anything.

    `named`: the form's dependants; an empty list says that there is nobody, none that nobody was asked.
    """
    if named or dependent(around, on):
        return True
    if any("child" in near.ties and near.birth_date is None for near in around.near):
        return None
    return False if around.registered or named is not None else None
