"""Effects: what a ruling asks `commands` to write."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.eldercare.domain.items import Item, ProviderClaim, StayTerms
from services.eldercare.domain.overpayments import Overpayment

# Kinds of account (kernel ledger). The fund is the county's; the others are one holding's.
FUND = "elder_welfare_fund"
PAID = "allowance_paid"
RECOVERABLE = "allowance_recoverable"
REPAID = "allowance_repaid"
SETTLED = "provider_settled"
PROVIDER_RECOVERABLE = "provider_recoverable"


@dataclass(frozen=True, slots=True)
class Hold:
    """Suspend: not paid, not delivered, not visited until lifted."""

    item: Item


@dataclass(frozen=True, slots=True)
class Lift:
    """Take a suspension back."""

    item: Item


@dataclass(frozen=True, slots=True)
class End:
    """Stop from `on`; an allowance stays payable through the month `ends_after`. An institution's bed is released."""

    item: Item
    on: date
    ends_after: date


@dataclass(frozen=True, slots=True)
class Restore:
    """Take a stop back on the day `on`: visits and vouchers whose time has passed are dated anew."""

    item: Item
    on: date


@dataclass(frozen=True, slots=True)
class MoveIn:
    """The person's bed was given away: they get this free one of the same home instead, under their old contract."""

    item: Item
    bed: UUID
    on: date
    terms: StayTerms


@dataclass(frozen=True, slots=True)
class FirstPlace:
    """The person's bed was given away and none is free: the first place on the home's waiting list."""

    item: Item
    home: UUID
    on: date


@dataclass(frozen=True, slots=True)
class PaidThrough:
    """An allowance is paid through this month now."""

    item: Item
    through: date


@dataclass(frozen=True, slots=True)
class Book:
    """One ledger entry for a holding, of `amount_fen` > 0; `month`: the month or day it is for.

    `payee` into whose hands; the beneficiary is the holding's person.
    """

    holding: UUID
    person: UUID
    payee: UUID | None
    region: str
    debit: str
    credit: str
    amount_fen: int
    reason: str
    month: date


@dataclass(frozen=True, slots=True)
class SetOverpayment:
    """The record of an overpayment as it is now."""

    record: Overpayment


@dataclass(frozen=True, slots=True)
class SettleOrder:
    """A broken-off order is settled with its provider for what was done before the death."""

    item: Item
    settled_fen: int


@dataclass(frozen=True, slots=True)
class ClaimProvider:
    """A service charged on or after the day of death is to be explained or given back."""

    person: UUID
    claim: ProviderClaim


@dataclass(frozen=True, slots=True)
class DropClaim:
    """The claim falls away: the death is dated later, or did not happen."""

    person: UUID
    claim: ProviderClaim


@dataclass(frozen=True, slots=True)
class RecordSettlement:
    """Something between the home and the family: a deposit, a fee paid ahead, a fee unpaid. Never netted."""

    item: Item
    person: UUID
    home: UUID
    kind: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DropSettlements:
    """The settlements that this stop recorded for a stay no longer apply."""

    item: Item


@dataclass(frozen=True, slots=True)
class Died:
    """No grant for months after the month of this day (design 5, R24); None lifts it."""

    person: UUID
    on: date | None
