"""The rows of elder care. Amounts in fen; months are first days; `held_by` and `ended_by` name procedures (domain).

The views `care_items` and `signs_of_life` (migration 0001) show all sources in one shape.
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
from sqlmodel import Field, SQLModel

from casework.tables import casework_tables
from kernel.database import service_registry
from kernel.messaging.tables import messaging_tables
from kernel.public_service.ledger import ledger_tables

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
    """Old-age allowance or elder subsidy, monthly. `ends_after`: last payable month once stopped (R24, R53)."""

    __tablename__ = "allowances"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", "amount_positive"),
        Index("ix_allowances_unpaid", "paid_through", postgresql_where=text("state = 'active'")),
    )

    kind: str
    payee: UUID = Field(index=True)
    amount_fen: int = Field(sa_type=BigInteger)
    granted_on: date
    paid_through: date | None = None
    ends_after: date | None = None


class Voucher(CareRow, table=True):
    """Service vouchers of one calendar month."""

    __tablename__ = "vouchers"
    __table_args__ = (CheckConstraint("balance_fen BETWEEN 0 AND amount_fen", "balance_within_amount"),)

    month: date
    amount_fen: int = Field(sa_type=BigInteger)
    balance_fen: int = Field(sa_type=BigInteger)


class MealDiscount(CareRow, table=True):
    """A price cut per meal at a community canteen."""

    __tablename__ = "meal_discounts"

    discount_fen: int


class HomeOrder(CareRow, table=True):
    """A home service for a day (R55): `booked`, then `delivered` with its instant."""

    __tablename__ = "home_orders"

    service: str
    on_date: date
    price_fen: int
    delivered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


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
    """Who lies in a bed. One present stay per bed: `until` empty and not ended (the index keeps it)."""

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


class BedRequest(CareRow, table=True):
    """A place on a home's waiting list (EC-022)."""

    __tablename__ = "bed_requests"

    home: UUID = Field(index=True)
    asked_on: date


class Visit(Rows, table=True):
    """A visit that was made: a sign of life."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_person_made_at", "person", "made_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    made_at: datetime = Field(sa_type=DateTime(timezone=True))


class Meal(Rows, table=True):
    """A meal taken with a discount: a sign of life."""

    __tablename__ = "meals"
    __table_args__ = (Index("ix_meals_person_taken_at", "person", "taken_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    taken_at: datetime = Field(sa_type=DateTime(timezone=True))
