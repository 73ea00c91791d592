"""What is held: holdings with their payments, the household around a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

HOUSEHOLD_KINDS = frozenset({"dibao", "edge", "rigid"})


@dataclass(frozen=True, slots=True)
class Payment:
    """One month of a holding. Marks name the procedures that suspended or cancelled it."""

    id: UUID
    month: date
    amount_fen: int
    arrears: bool = False
    released: bool = False
    suspended_by: UUID | None = None
    cancelled_by: UUID | None = None

    @property
    def outstanding(self) -> bool:
        """Still to be paid, suspended or not."""
        return not self.released and self.cancelled_by is None


@dataclass(frozen=True, slots=True)
class Overpayment:
    """What was paid for months after the death, as recorded: in fen. `decision` is none until the county signed."""

    id: UUID
    amount_fen: int
    repaid_fen: int = 0
    waived_fen: int = 0
    decision: str | None = None

    @property
    def outstanding_fen(self) -> int:
        """Still claimed; below zero: more came back than was overpaid, and is to be returned."""
        return self.amount_fen - self.repaid_fen - self.waived_fen


@dataclass(frozen=True, slots=True)
class Holding:
    """A benefit of a household or of one person. `beneficiary` is none for a household's.

    `overpayment`: the record of whoever ended it, if money was paid for later months.
    """

    id: UUID
    kind: str
    household: UUID | None
    beneficiary: UUID | None
    amount_fen: int
    payee: UUID
    funding_source: str
    granted_on: date
    paid_through: date | None = None
    suspended_by: UUID | None = None
    ended_by: UUID | None = None
    ended_on: date | None = None
    payments: tuple[Payment, ...] = ()
    overpayment: Overpayment | None = None

    @property
    def ended(self) -> bool:
        return self.ended_by is not None or self.ended_on is not None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the household. `left_by`: the procedure that recorded the death."""

    person: UUID
    birth_date: date
    income_fen: int | None = None
    left_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """All that assistance knows of one person: own holdings, the household's, members, last sign of life.

    `household_income_fen`: of all members together a month, before any of them died; none: not known.
    """

    person: UUID
    household: UUID | None = None
    members: tuple[Member, ...] = ()
    holdings: tuple[Holding, ...] = ()
    paid_to: tuple[Holding, ...] = ()
    last_sign_of_life: datetime | None = None
    household_income_fen: int | None = None

    def others_living(self) -> tuple[Member, ...]:
        """The household without this person and without those recorded dead."""
        return tuple(m for m in self.members if m.person != self.person and m.left_by is None)

    def member(self) -> Member | None:
        return next((m for m in self.members if m.person == self.person), None)

    def ending_with_person(self) -> Iterator[Holding]:
        """What a death ends: own holdings, and the household's when nobody else is left."""
        alone = not self.others_living()
        for holding in self.holdings:
            if holding.beneficiary == self.person or (holding.household is not None and alone):
                yield holding

    def household_holdings(self) -> tuple[Holding, ...]:
        """The household's holdings that have not ended."""
        return tuple(h for h in self.holdings if h.household is not None and not h.ended)
