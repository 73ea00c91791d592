"""What a person holds, as values. Amounts in fen; months are first days.

Two marks lie over an item's own state and never over each other: `held_by` (a pause) and `ended_by` (a stop), each
the id of the procedure that set it. So a pause may be lifted before or after a stop is undone: what stands at the
end is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.eldercare.domain.overpayments import Overpayment

CARD = "elder_cards"
REQUEST = "bed_requests"
ASSESSMENT = "assessments"
# What one waits for: it ends with a death, but was never received.
WAITED_FOR = frozenset({REQUEST, ASSESSMENT})
_NOTHING: Mapping[UUID, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing held. `source` is its table.

    `amount_fen` is monthly for allowances, the balance for vouchers, else zero. Months are first days. `paid_through`
    is the last month paid, `ends_after` the last payable month once stopped. An allowance is paid `period_months`
    in advance. `on_date` is the day of an order. `taken`: somebody else lies in the bed.
    """

    source: str
    id: UUID
    kind: str
    state: str
    amount_fen: int = 0
    held_by: UUID | None = None
    ended_by: UUID | None = None
    granted_on: date | None = None
    paid_through: date | None = None
    ends_after: date | None = None
    payee: UUID | None = None
    on_date: date | None = None
    region: str = ""
    taken: bool = False
    period_months: int = 1

    @property
    def since(self) -> date:
        """The day it was granted, or asked for."""
        if self.granted_on is None:
            raise ValueError(f"{self.source} {self.id} has no day of its own")
        return self.granted_on

    @property
    def shown_state(self) -> str:
        """`stopped` before `suspended` before the item's own state."""
        if self.ended_by is not None:
            return "stopped"
        return "suspended" if self.held_by is not None else self.state


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """A home order's money and times: `started_at` once somebody came, `planned_minutes` as ordered (R55)."""

    price_fen: int
    provider: UUID | None = None
    started_at: datetime | None = None
    planned_minutes: int | None = None
    settled_fen: int = 0


@dataclass(frozen=True, slots=True)
class StayTerms:
    """A stay's bed and contract. `fee_fen` a month, paid through `fee_paid_through`; `spare`: another free bed there.

    The deposit and the fee are between the home and the family: recorded, never netted (section 5 row 13).
    """

    bed: UUID
    home: UUID
    family_bed: bool = False
    deposit_fen: int = 0
    fee_fen: int = 0
    fee_paid_through: date | None = None
    spare: UUID | None = None


@dataclass(frozen=True, slots=True)
class ServiceCharged:
    """A service that a provider was paid for: a use of a voucher, or a delivered order. `at`: when it was given."""

    source: str
    id: UUID
    provider: UUID | None
    amount_fen: int
    at: datetime
    region: str


@dataclass(frozen=True, slots=True)
class ProviderClaim:
    """What is to come back from a provider for a service charged on or after the day of death."""

    source: str
    item: UUID
    provider: UUID | None
    amount_fen: int
    found_by: UUID
    at: datetime
    region: str


@dataclass(frozen=True, slots=True)
class Care:
    """All that one person holds here, and when somebody of ours last met them.

    `charged`: services charged on or after the reported day of death; `claims`: those claimed back so far;
    `overpaid`: the records of overpayments by holding; `orders` and `stays`: terms by item.
    """

    person: UUID
    items: tuple[Item, ...] = ()
    last_sign_of_life: datetime | None = None
    charged: tuple[ServiceCharged, ...] = ()
    claims: tuple[ProviderClaim, ...] = ()
    overpaid: Mapping[UUID, Overpayment] = field(default_factory=lambda: _NOTHING)
    orders: Mapping[UUID, OrderTerms] = field(default_factory=lambda: _NOTHING)
    stays: Mapping[UUID, StayTerms] = field(default_factory=lambda: _NOTHING)

    def running(self) -> tuple[Item, ...]:
        """What a death would stop: everything not stopped yet, but for the card, which has its own row."""
        return tuple(item for item in self.items if item.ended_by is None and item.source != CARD)

    def ended_by(self, procedure: UUID) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.ended_by == procedure)

    def held_by(self, procedure: UUID) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.held_by == procedure)

    def card(self) -> Item | None:
        """The valid elder card, if there is one."""
        return next((item for item in self.items if item.source == CARD and item.ended_by is None), None)


def is_money(item: Item) -> bool:
    """Whether the item pays a monthly sum."""
    return item.source == "allowances"
