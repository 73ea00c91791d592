"""What a ruling asks `commands` to write. Each touches one mark only, so that effects of two procedures commute."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid5

from services.assistance.domain.values import Holding


@dataclass(frozen=True, slots=True)
class SuspendHolding:
    """Set or (None) lift the suspension of a holding."""

    holding: UUID
    by: UUID | None


@dataclass(frozen=True, slots=True)
class EndHolding:
    """Set or (None) lift the end of a holding after its last payable month."""

    holding: UUID
    by: UUID | None
    last_payable_month: date | None


@dataclass(frozen=True, slots=True)
class SuspendPayment:
    """Set or (None) lift the suspension of a payment."""

    payment: UUID
    by: UUID | None


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """Set or (None) lift the cancellation of a payment; `arrears`: owed late from now on."""

    payment: UUID
    by: UUID | None
    arrears: bool


@dataclass(frozen=True, slots=True)
class AddPayment:
    """Owe a month that has no payment yet, or the rest of one, as arrears."""

    holding: Holding
    month: date
    amount_fen: int

    @property
    def payment(self) -> UUID:
        """The id of the new payment: the same for the same step, another for a later rest of the same month."""
        nth = sum(1 for payment in self.holding.payments if payment.month == self.month)
        return uuid5(self.holding.id, f"arrears {self.month.isoformat()} {nth}")


@dataclass(frozen=True, slots=True)
class SetAmount:
    """The monthly amount of a holding from now on."""

    holding: UUID
    amount_fen: int


@dataclass(frozen=True, slots=True)
class SetPaymentAmount:
    """The amount of a payment that is not released."""

    payment: UUID
    amount_fen: int


@dataclass(frozen=True, slots=True)
class SetPayee:
    """Who receives a holding and its payments that are not released."""

    holding: UUID
    payee: UUID


@dataclass(frozen=True, slots=True)
class Leave:
    """A member's death in the household, or (None) its taking back."""

    household: UUID
    person: UUID
    by: UUID | None
    on: date | None


@dataclass(frozen=True, slots=True)
class DeadFrom:
    """From which month on nothing may be granted; None lifts it."""

    person: UUID
    month: date | None


@dataclass(frozen=True, slots=True)
class LapseApplications:
    """The person's pending applications are closed, the household's go on with whoever is left; or (not `lapse`) all
    that `procedure` closed or handed on stands again as it was."""

    person: UUID
    procedure: UUID
    lapse: bool


@dataclass(frozen=True, slots=True)
class RecordOverpayment:
    """What was paid for months after the death: found, or found to be another amount (zero: nothing after all)."""

    holding: Holding
    subject: UUID
    by: UUID
    amount_fen: int
    months: tuple[date, ...]

    @property
    def record(self) -> UUID:
        """One record for each holding and procedure that ended it."""
        return uuid5(self.holding.id, f"overpayment {self.by}")


@dataclass(frozen=True, slots=True)
class TakeBackOverpayment:
    """The death is revoked: nothing is claimed any more; what came back already is to be returned."""

    record: UUID


@dataclass(frozen=True, slots=True)
class HandleOverpayment:
    """What humans say of a record: the township's `proposal`, the county's `decision` (none: none any more).

    `letter_from`: the first day on which a letter about it may go out.
    """

    record: UUID
    proposal: str | None = None
    decision: Literal["recover", "waive"] | None = None
    instalments: int | None = None
    waived_fen: int = 0
    decided_at: datetime | None = None
    letter_from: date | None = None


@dataclass(frozen=True, slots=True)
class DateLetter:
    """The decision stands; a letter about it may go out from another day on."""

    record: UUID
    letter_from: date


@dataclass(frozen=True, slots=True)
class Book:
    """Book more (or, negative, less): `recoverable` is owed by, `payable` owed to the beneficiary.

    `paid` has gone out to the payee, `received` has come back. `payee`: who drew it, if not the holding's present one.
    """

    account: Literal["recoverable", "payable", "paid", "received"]
    holding: Holding
    amount_fen: int
    month: date
    payee: UUID | None = None
