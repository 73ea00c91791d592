"""Marriages and the rule of Civil Code 51. Pure."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Marriage:
    """A registered marriage as it stands."""

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


@dataclass(frozen=True, slots=True)
class Affairs:
    """A person's marriages, and what became of the surviving spouses since.

    `remarried`: survivors who are married to somebody else now; `unwilling`: those who declared in writing that they
    do not resume the marriage.
    """

    person: UUID
    marriages: tuple[Marriage, ...] = ()
    remarried: frozenset[UUID] = frozenset()
    unwilling: frozenset[UUID] = frozenset()

    def standing(self) -> Marriage | None:
        """The marriage that stands now."""
        return next((each for each in self.marriages if each.state == "married"), None)

    def ended_by(self, procedure: UUID) -> Marriage | None:
        """The marriage that this procedure ended."""
        return next((each for each in self.marriages if each.ended_by == procedure), None)


@dataclass(frozen=True, slots=True)
class EndMarriage:
    """The marriage ended by death on a day (again with another day: it moves)."""

    couple: UUID
    by: UUID
    on: date
    died: UUID


@dataclass(frozen=True, slots=True)
class ResumeMarriage:
    """The marriage stands again as if it had never ended."""

    couple: UUID


def resumes(survivor: UUID, affairs: Affairs, *, never_ended: bool) -> bool:
    """Whether the marriage stands again when the death is taken back.

    A wrong match never ended it, whatever happened since, but for a new marriage, which a court must judge first. After
    a court revokes a declaration of death it resumes of itself unless the survivor has remarried or has declared in
    writing not to resume it (Civil Code 51).
    """
    if survivor in affairs.remarried:
        return False
    return never_ended or survivor not in affairs.unwilling
