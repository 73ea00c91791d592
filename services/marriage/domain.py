"""Marriages, and what becomes of one when a death is taken back (R40, R80, Civil Code 46–51). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from contracts.terms import UndoReason

Verdict = Literal["resumes", "stays_ended", "a_person_decides"]


@dataclass(frozen=True, slots=True)
class Marriage:
    """A registered marriage as it stands. `state`: married, widowed, divorced, void (from the start)."""

    id: UUID
    husband: UUID
    wife: UUID
    registered_on: date
    state: str
    ended_on: date | None = None
    ended_by: UUID | None = None

    def survivor(self, dead: UUID) -> UUID:
        """The spouse who is left."""
        return self.wife if dead == self.husband else self.husband

    @property
    def people(self) -> tuple[UUID, UUID]:
        """Both."""
        return self.husband, self.wife


@dataclass(frozen=True, slots=True)
class Death:
    """A confirmed death known here: its day, and the procedure that recorded it."""

    on: date
    procedure: UUID


@dataclass(frozen=True, slots=True)
class Affairs:
    """A person's marriages, and what became of the surviving spouses since.

    `later`: by marriage, what the survivor registered after it with somebody else, ended or not, void ones aside;
    `unwilling`: survivors who declared in writing not to resume; `survivor_died`: survivors who died since;
    `doubtful`: survivors of whom something else is on record, so that nobody knows whether they are free.
    """

    person: UUID
    marriages: tuple[Marriage, ...] = ()
    later: Mapping[UUID, tuple[Marriage, ...]] = field(default_factory=lambda: MappingProxyType({}))
    unwilling: frozenset[UUID] = frozenset()
    survivor_died: Mapping[UUID, Death] = field(default_factory=lambda: MappingProxyType({}))
    doubtful: frozenset[UUID] = frozenset()

    def standing(self) -> Marriage | None:
        """The marriage that stands now."""
        return next((each for each in self.marriages if each.state == "married"), None)

    def ended_by(self, procedure: UUID) -> Marriage | None:
        """The marriage that this procedure ended."""
        return next((each for each in self.marriages if each.ended_by == procedure), None)

    def why_not_married(self) -> str:
        """Why there is no marriage to end: the newest one's end, or none known."""
        ended = [each for each in self.marriages if each.ended_on is not None]
        return max(ended, key=lambda each: (each.ended_on, each.id)).state if ended else "never_married"

    def later_of(self, marriage: Marriage) -> tuple[Marriage, ...]:
        """What the survivor of this marriage registered after it."""
        return self.later.get(marriage.id, ())


@dataclass(frozen=True, slots=True)
class EndMarriage:
    """The marriage ended by death on a day (again with another day: it moves)."""

    couple: UUID
    by: UUID
    on: date
    died: UUID


@dataclass(frozen=True, slots=True)
class ResumeMarriage:
    """The marriage stands again: as if it had never ended, or from a day on (Civil Code 51)."""

    couple: UUID
    resumed_on: date | None = None


@dataclass(frozen=True, slots=True)
class KeepEnded:
    """Who was held for dead lives, and the marriage stays ended: both live, so they count as divorced."""

    couple: UUID


@dataclass(frozen=True, slots=True)
class VoidMarriage:
    """A court has found the later marriage void: it has had no effect from the start (Civil Code 1054)."""

    couple: UUID
    by: UUID


@dataclass(frozen=True, slots=True)
class Declare:
    """The survivor declared in writing on a day not to resume the marriage; `by`: who took it."""

    couple: UUID
    person: UUID
    on: date
    by: str


def judge(marriage: Marriage, affairs: Affairs, reason: UndoReason | None) -> tuple[Verdict, str | None]:
    """What becomes of a marriage that a death had ended, when the death is taken back; and why not, if not.

    A wrong match or a void certificate never ended it. Had the survivor married again in the meantime, that marriage
    is bigamous through an error of the authorities: never decided by itself. After a court revokes a declaration of
    death it resumes of itself from that day, unless the survivor has remarried (whatever became of that marriage) or
    has declared in writing not to resume it (Civil Code 51); where nobody knows, a person decides.
    """
    survivor = marriage.survivor(affairs.person)
    remarried = bool(affairs.later_of(marriage))
    if reason is not UndoReason.COURT_REVOKED:
        return ("a_person_decides", "remarried") if remarried else ("resumes", None)
    if survivor in affairs.unwilling:
        return "stays_ended", "declared_unwilling"
    if remarried:
        return "stays_ended", "remarried"
    if survivor in affairs.survivor_died:
        return "stays_ended", "spouse_died"
    if survivor in affairs.doubtful:
        return "a_person_decides", "unknown"
    return "resumes", None
