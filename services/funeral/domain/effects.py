"""What the verbs of this service ask to be written (`apply`). Values only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.funeral.domain.bodies import Numbering
from services.funeral.domain.halls import Hall
from services.funeral.domain.slots import Slot


@dataclass(frozen=True, slots=True)
class Book:
    """Take this slot."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Release:
    """Give the slot back."""


@dataclass(frozen=True, slots=True)
class Start:
    """The cremation starts: the slot is used. What it was cleared on is kept for good."""

    operators: tuple[str, str]
    body_tag: str
    proof: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The cremation has ended: a record for good."""


@dataclass(frozen=True, slots=True)
class Number:
    """This number of the series is given."""

    numbering: Numbering


@dataclass(frozen=True, slots=True)
class Tag:
    """The case's body has this tag at this home; an expected body that had another one loses it."""

    home: UUID
    tag: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The body lies in the home from now on."""

    place: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The keeping ends; `left`: the body is no more in the home's hands."""

    to: str
    left: bool


@dataclass(frozen=True, slots=True)
class NotExpected:
    """A body that was expected and never came is expected no more."""


@dataclass(frozen=True, slots=True)
class BookHall:
    """Take this hall from an instant on."""

    hall: Hall
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseHall:
    """Give the hall back."""


@dataclass(frozen=True, slots=True)
class HallHeld:
    """The farewell was held."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Issue a certificate at this home; one that stands is void from then on."""

    home: UUID
    certificate_no: str
    version: int


@dataclass(frozen=True, slots=True)
class Void:
    """The certificate that stands is void."""

    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """This place, or none where none is taken (sea, handed to the family), is the case's."""

    kind: str
    eco_kind: str | None
    place: UUID | None


@dataclass(frozen=True, slots=True)
class Placed:
    """What was arranged has been done."""


@dataclass(frozen=True, slots=True)
class Unplace:
    """The place is free again."""


@dataclass(frozen=True, slots=True)
class BookMoney:
    """One line of money. `debit` and `credit` name accounts by use; each belongs to `whose` and the funding source.

    `amount_fen` > 0. `beneficiary`: whose money; `payee`: into whose hands (a home, the applicant).
    """

    debit: str
    credit: str
    amount_fen: int
    funding_source: str
    reason: str
    beneficiary: UUID
    payee: UUID | None


@dataclass(frozen=True, slots=True)
class Award:
    """An award is granted."""

    kind: str
    amount_fen: int
    funding_source: str
    payee: UUID | None


@dataclass(frozen=True, slots=True)
class AwardPaid:
    """It has been paid."""


@dataclass(frozen=True, slots=True)
class AwardChanged:
    """A correction: another kind and amount."""

    kind: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class AwardCancelled:
    """It stands no more."""


@dataclass(frozen=True, slots=True)
class OpenMemorial:
    """A memorial for this case, at the home where somebody rests (none: elsewhere)."""

    home: UUID | None


@dataclass(frozen=True, slots=True)
class DeleteMemorial:
    """It is deleted, and its visits are cancelled."""
