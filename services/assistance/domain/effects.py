"""What a ruling asks `commands` to write. Each touches one mark only, so that effects of two procedures commute."""

from dataclasses import dataclass
from datetime import date
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
    """The person's pending applications lapse; None as `by` brings those of `procedure` back."""

    person: UUID
    procedure: UUID
    lapse: bool


@dataclass(frozen=True, slots=True)
class Book:
    """Book more (or, negative, less): `recoverable` is owed by, `payable` owed to the beneficiary."""

    account: Literal["recoverable", "payable"]
    holding: Holding
    amount_fen: int
    month: date
