"""How much of a person a reader sees (design 7). Pure.

Citizens see themselves whole. A relative whom the register knows as such, or whose kinship a case has proven, sees
whole the dead and their own minor children; of the living in the same household only what the household holds together;
of anybody else nothing. Desks see their region; whoever only helps to find the way sees no amounts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from gateway.people.asking import SHARED_KINDS
from kernel.public_service.access import Action, Actor, Role, may

_GROWN_UP_YEARS = 18
_WITHOUT_AMOUNTS = frozenset({Role.HOTLINE, Role.VILLAGE_ASSISTANT})


class Sight(StrEnum):
    """From everything to nothing. `kinds`: what is held, without amounts; `shared`: what the household holds."""

    WHOLE = "whole"
    KINDS = "kinds"
    SHARED = "shared"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who is looked at. `reader_is`: what the reader is to this person by the register (spouse, parent …);
    `proven`: so does a case of this person's confirmed death."""

    person: UUID
    region: str | None
    life: str
    birth_date: date | None = None
    reader_is: str | None = None
    proven: bool = False
    same_household: bool = False

    def is_minor(self, on: date) -> bool:
        """Under eighteen on that day; somebody of unknown age is not."""
        born = self.birth_date
        if born is None:
            return False
        had_birthday = (on.month, on.day) >= (born.month, born.day)
        return on.year - born.year - (0 if had_birthday else 1) < _GROWN_UP_YEARS


def sight_of(actor: Actor, subject: Subject, *, on: date) -> Sight:
    """What this reader sees of that person on that day."""
    if actor.kind == "citizen":
        return _family(actor, subject, on)
    if not may(actor, Action.READ_PERSON, region=subject.region):
        return Sight.NOTHING
    return Sight.KINDS if actor.role in _WITHOUT_AMOUNTS else Sight.WHOLE


def _family(actor: Actor, subject: Subject, on: date) -> Sight:
    if actor.person == subject.person:
        return Sight.WHOLE
    related = subject.reader_is is not None or subject.proven
    if not related:
        return Sight.NOTHING
    if subject.life == "dead" or subject.proven:
        return Sight.WHOLE
    if subject.reader_is == "parent" and subject.is_minor(on):
        return Sight.WHOLE
    return Sight.SHARED if subject.same_household else Sight.NOTHING


def kinds_seen(sight: Sight, kinds: Collection[str]) -> frozenset[str]:
    """The kinds of benefit that this sight reaches."""
    if sight in (Sight.WHOLE, Sight.KINDS):
        return frozenset(kinds)
    return SHARED_KINDS & frozenset(kinds) if sight is Sight.SHARED else frozenset()
