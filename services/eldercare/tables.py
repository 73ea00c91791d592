"""The rows of elder care. Amounts in fen; months are first days; `held_by` and `ended_by` name procedures (domain).

The views `care_items` and `signs_of_life` (migration 0002) show all sources in one shape. What
follows from a death stands in records of its own: overpayments, claims on providers, settlements of a stay.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from casework.tables import casework_tables
from kernel.database import service_registry
from kernel.messaging.tables import messaging_tables
from kernel.public_service.ledger import ledger_tables
from services.eldercare.domain.waiting_list import RANKS

ROWS = service_registry()
casework_tables(ROWS.metadata)
messaging_tables(ROWS.metadata)
ledger_tables(ROWS.metadata)


class Rows(SQLModel, registry=ROWS):
    """Puts every table of this module on the service's own registry."""


class CareRow(Rows):
    """What every thing held has: whose it is, its own state, and the two marks."""

    id: UUID = Field(primary_key=True)
    person: UUID = Field(index=True)
    state: str
    held_by: UUID | None = None
    ended_by: UUID | None = None
    ended_on: date | None = None
    region: str


class Allowance(CareRow, table=True):
    """Old-age allowance or elder subsidy; `amount_fen` a month, paid `period_months` in advance (R24, R53).

    `ends_after`: last payable month once stopped. State `in_check`: granted after the death was recorded, for months
    before it; nothing is paid before somebody has looked: `checked_by`, for the `check_reason` stated.
    """

    __tablename__ = "allowances"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", "amount_positive"),
        CheckConstraint("period_months IN (1, 3, 6)", "period_known"),
        Index("ix_allowances_unpaid", "paid_through", postgresql_where=text("state = 'active'")),
    )

    kind: str
    payee: UUID = Field(index=True)
    amount_fen: int = Field(sa_type=BigInteger)
    granted_on: date
    paid_through: date | None = None
    ends_after: date | None = None
    period_months: int = 1
    checked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    checked_by: str | None = None
    check_reason: str | None = None


class Voucher(CareRow, table=True):
    """Service vouchers of one calendar month."""

    __tablename__ = "vouchers"
    __table_args__ = (CheckConstraint("balance_fen BETWEEN 0 AND amount_fen", "balance_within_amount"),)

    month: date
    amount_fen: int = Field(sa_type=BigInteger)
    balance_fen: int = Field(sa_type=BigInteger)


class VoucherUse(Rows, table=True):
    """A provider was paid with a voucher: two times, when the service was given and when it was told."""

    __tablename__ = "voucher_uses"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", "amount_positive"),
        Index("ix_voucher_uses_person_used_at", "person", "used_at"),
    )

    id: UUID = Field(primary_key=True)
    voucher: UUID = Field(sa_column=Column("voucher", ForeignKey("vouchers.id"), nullable=False))
    person: UUID
    provider: UUID
    amount_fen: int = Field(sa_type=BigInteger)
    used_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class MealDiscount(CareRow, table=True):
    """A price cut per meal at a community canteen."""

    __tablename__ = "meal_discounts"

    discount_fen: int


class HomeOrder(CareRow, table=True):
    """A home service for a day (R55): `booked`, `in_progress` once somebody came, `delivered` with its instant.

    `settled_fen`: what its provider was paid; of an order that a death broke off, the share that was done by then.
    """

    __tablename__ = "home_orders"
    __table_args__ = (
        CheckConstraint("planned_minutes > 0", "planned_minutes_positive"),
        CheckConstraint("settled_fen BETWEEN 0 AND price_fen", "settled_within_price"),
        Index("ix_home_orders_person_delivered_at", "person", "delivered_at"),
    )

    service: str
    on_date: date
    price_fen: int
    delivered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    provider: UUID | None = None
    started_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    planned_minutes: int | None = None
    settled_fen: int = 0


class VisitPlan(CareRow, table=True):
    """Regular visits (R54)."""

    __tablename__ = "visit_plans"

    every_days: int
    next_on: date


class ElderCard(CareRow, table=True):
    """A card of preferential treatment (EC-015)."""

    __tablename__ = "elder_cards"

    number: str = Field(unique=True)
    issued_on: date


class Bed(Rows, table=True):
    """A bed of a care home, or a family care bed at home."""

    __tablename__ = "beds"
    __table_args__ = (UniqueConstraint("home", "number"),)

    id: UUID = Field(primary_key=True)
    home: UUID
    home_name: str
    number: str
    kind: str
    region: str


class Stay(CareRow, table=True):
    """Who lies in a bed. One present stay per bed: `until` empty and not ended (the index keeps it).

    `deposit_fen` and `fee_fen` (a month, paid through `fee_paid_through`) are the contract's with the home.
    """

    __tablename__ = "stays"
    __table_args__ = (
        Index(
            "uq_stays_present",
            "bed",
            unique=True,
            postgresql_where=text("until IS NULL AND ended_by IS NULL"),
        ),
    )

    bed: UUID = Field(sa_column=Column("bed", ForeignKey("beds.id"), nullable=False))
    since: date
    until: date | None = None
    deposit_fen: int = Field(default=0, sa_type=BigInteger)
    fee_fen: int = Field(default=0, sa_type=BigInteger)
    fee_paid_through: date | None = None


class BedRequest(CareRow, table=True):
    """A place on a home's waiting list (EC-022): `waiting`, `admitted`. `declined`: offers refused so far (R56)."""

    __tablename__ = "bed_requests"
    __table_args__ = (CheckConstraint(f"priority IN ({', '.join(map(repr, RANKS))})", "priority_known"),)

    home: UUID = Field(index=True)
    asked_on: date
    priority: str = "ordinary"
    declined: int = 0


class BedOffer(Rows, table=True):
    """A free bed kept for whoever is next: `open` until `answer_by`. One open offer per bed and per request.

    `answered_by` gave the answer, for the `reason` that the person stated; both are empty when nobody answered.
    """

    __tablename__ = "bed_offers"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", "state_known"),
        Index("uq_bed_offers_bed_open", "bed", unique=True, postgresql_where=text("state = 'open'")),
        Index("uq_bed_offers_request_open", "request", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_bed_offers_answer_by_open", "answer_by", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    bed: UUID = Field(sa_column=Column("bed", ForeignKey("beds.id"), nullable=False))
    request: UUID = Field(sa_column=Column("request", ForeignKey("bed_requests.id"), nullable=False))
    person: UUID = Field(index=True)
    offered_on: date
    answer_by: date
    state: str
    version: int = 1
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    answered_by: str | None = None
    reason: str | None = None


class StaySettlement(Rows, table=True):
    """Deposit, fee paid ahead or fee unpaid at the end of a stay: between home and family, never netted."""

    __tablename__ = "stay_settlements"
    __table_args__ = (
        CheckConstraint("kind IN ('deposit', 'prepaid_fee', 'unpaid_fee')", "kind_known"),
        CheckConstraint("state IN ('recorded', 'cancelled')", "state_known"),
        CheckConstraint("amount_fen > 0", "amount_positive"),
        UniqueConstraint("stay", "kind"),
    )

    id: UUID = Field(primary_key=True)
    stay: UUID = Field(sa_column=Column("stay", ForeignKey("stays.id"), nullable=False))
    person: UUID
    home: UUID
    kind: str
    amount_fen: int = Field(sa_type=BigInteger)
    state: str
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class Visit(Rows, table=True):
    """A visit that was made: a sign of life."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_person_made_at", "person", "made_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Meal(Rows, table=True):
    """A meal taken with a discount: a sign of life."""

    __tablename__ = "meals"
    __table_args__ = (Index("ix_meals_person_taken_at", "person", "taken_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    taken_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Encounter(Rows, table=True):
    """Somebody of ours met the person for a decision, an assessment or a signature: a sign of life."""

    __tablename__ = "encounters"
    __table_args__ = (Index("ix_encounters_person_met_at", "person", "met_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    kind: str
    met_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class Assessment(CareRow, table=True):
    """An ability assessment: `requested`, then `assessed` with its level (R50)."""

    __tablename__ = "assessments"

    asked_on: date
    level: str | None = None
    assessed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Overpaid(Rows, table=True):
    """The record of what was paid too much, and of its recovery (domain/overpayments). `months`: `["2026-02", …]`."""

    __tablename__ = "overpayments"
    __table_args__ = (
        CheckConstraint("kind IN ('after_death', 'paid_twice')", "kind_known"),
        CheckConstraint(
            "state IN ('found', 'proposed', 'decided', 'notified', 'settled', 'cancelled')", "state_known"
        ),
        CheckConstraint("amount_fen >= repaid_fen + waived_fen", "not_more_than_owed"),
        UniqueConstraint("holding", "kind"),
        Index(
            "ix_overpayments_open", "region", postgresql_where=text("state NOT IN ('settled', 'cancelled')")
        ),
    )

    id: UUID = Field(primary_key=True)
    holding: UUID
    person: UUID = Field(index=True)
    payee: UUID | None = None
    kind: str
    amount_fen: int = Field(sa_type=BigInteger)
    months: list[str] = Field(sa_column=Column("months", JSONB, nullable=False))
    state: str
    quiet_until: date | None = (
        None  # no longer written or read: `letter_from` says it, from the row's own wait
    )
    repaid_fen: int = Field(default=0, sa_type=BigInteger)
    waived_fen: int = Field(default=0, sa_type=BigInteger)
    decision: str | None = None
    instalments: int | None = None
    proposed_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    notified_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    letter_from: date | None = None
    reason: str | None = None
    region: str
    version: int = 1
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))


class OverpaymentMovement(Rows, table=True):
    """Money that came back of an overpayment, once for each `reference`."""

    __tablename__ = "overpayment_movements"
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", "amount_moves"),
        Index("uq_overpayment_movements_reference", "overpayment", "reference", unique=True),
    )

    id: UUID = Field(primary_key=True)
    overpayment: UUID
    amount_fen: int = Field(sa_type=BigInteger)
    moved_on: date
    reference: str
    recorded_by: str
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class ClaimOnProvider(Rows, table=True):
    """A service charged on or after the day of death, to be explained or given back: `found`, `cancelled`."""

    __tablename__ = "provider_claims"
    __table_args__ = (
        CheckConstraint("state IN ('found', 'cancelled')", "state_known"),
        Index("ix_provider_claims_person", "person"),
    )

    item: UUID = Field(primary_key=True)
    source: str
    person: UUID
    provider: UUID | None = None
    amount_fen: int = Field(sa_type=BigInteger)
    charged_at: datetime = Field(sa_type=DateTime(timezone=True))
    found_by: UUID
    state: str
    region: str
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))
