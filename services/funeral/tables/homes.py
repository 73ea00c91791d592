"""The rows of homes, bodies, holds and cremations.

A booking with `released_at` empty takes its slot; the index lets no other in.
"""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from services.funeral.tables.registry import Rows, home_of, instant


class FuneralHome(Rows, table=True):
    """`region` is the county (6 digits); `code` begins the numbers of its certificates and tags."""

    __tablename__ = "funeral_homes"
    __table_args__ = (
        CheckConstraint("slot_minutes > 0 AND opens_at < closes_at", "has_slots"),
        UniqueConstraint("code"),
    )

    id: UUID = Field(primary_key=True)
    name: str
    region: str = Field(index=True)
    opens_at: time
    closes_at: time
    slot_minutes: int
    code: str | None = None
    visitors_per_hour: int = 60


class HomeHours(Rows, table=True):
    """Other opening hours from one day through another (before Qingming and the winter solstice: longer ones)."""

    __tablename__ = "home_hours"
    __table_args__ = (CheckConstraint("from_on <= through_on AND opens_at < closes_at", "in_order"),)

    id: UUID = Field(primary_key=True)
    home: UUID = home_of()
    from_on: date
    through_on: date
    opens_at: time
    closes_at: time
    note: str


class Price(Rows, table=True):
    """What an item costs at a home from a day on, once or `per` day (R22: charges from lists only)."""

    __tablename__ = "prices"
    __table_args__ = (
        UniqueConstraint("home", "item", "valid_from"),
        CheckConstraint("amount_fen >= 0", "not_negative"),
    )

    id: UUID = Field(primary_key=True)
    home: UUID = home_of(index=False)
    item: str
    per: str
    amount_fen: int = Field(sa_type=BigInteger)
    valid_from: date
    source: str
    demo: bool


class Body(Rows, table=True):
    """A body with its tag, unique in its home. `kept_from` empty: expected, not there yet; `left_at`: no more there."""

    __tablename__ = "bodies"
    __table_args__ = (
        UniqueConstraint("home", "tag"),
        Index("uq_bodies_case", "case_id", unique=True, postgresql_where=text("left_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    subject: UUID
    home: UUID = home_of(index=False)
    tag: str
    tagged_at: datetime = instant(nullable=False)
    place_kept: str | None = None
    kept_from: datetime | None = instant()
    kept_until: datetime | None = instant()
    left_at: datetime | None = instant()
    left_to: str | None = None


class Number(Rows, table=True):
    """The last number that a home gave in a series (tags, certificates) in a year."""

    __tablename__ = "numbers"

    home: UUID = Field(sa_column=Column("home", ForeignKey("funeral_homes.id"), primary_key=True))
    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class Cremator(Rows, table=True):
    """`state`: working or out_of_service."""

    __tablename__ = "cremators"

    id: UUID = Field(primary_key=True)
    home: UUID = home_of()
    code: str = Field(unique=True)
    state: str


class Booking(Rows, table=True):
    """One procedure's slot. Released (given back, or the cremation has ended) it stays as history.

    `body_tag` and `proof` (type and version) are what the start was cleared on.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        Index(
            "uq_bookings_slot",
            "cremator",
            "starts_at",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(
            "uq_bookings_procedure", "procedure", unique=True, postgresql_where=text("released_at IS NULL")
        ),
        Index("ix_bookings_case_id", "case_id", postgresql_where=text("released_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    cremator: UUID = Field(sa_column=Column("cremator", ForeignKey("cremators.id"), nullable=False))
    starts_at: datetime = instant(nullable=False)
    booked_at: datetime = instant(nullable=False)
    released_at: datetime | None = instant()
    started_at: datetime | None = instant()
    first_operator: str | None = Field(default=None, sa_type=Text)
    second_operator: str | None = Field(default=None, sa_type=Text)
    case_id: UUID | None = None
    body_tag: str | None = None
    proof: str | None = None


class CremationRecord(Rows, table=True):
    """What was done; rows are never changed (a trigger refuses)."""

    __tablename__ = "cremation_records"
    __table_args__ = (
        UniqueConstraint("procedure"),
        CheckConstraint("first_operator <> second_operator", "two_operators"),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    case_id: UUID = Field(index=True)
    cremator: UUID
    started_at: datetime = instant(nullable=False)
    finished_at: datetime = instant(nullable=False)
    first_operator: str
    second_operator: str
    body_tag: str | None = None
    proof: str | None = None


class HoldCopy(Rows, table=True):
    """Our copy of a hold of the gateway's, with the same id; `version` rises by its release."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("case_id IS NOT NULL OR person IS NOT NULL", "of_something"),
        Index("ix_holds_standing_case", "case_id", postgresql_where=text("released_at IS NULL")),
        Index("ix_holds_standing_person", "person", postgresql_where=text("released_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    source_no: str
    case_id: UUID | None = Field(default=None, index=True)
    person: UUID | None = Field(default=None, index=True)
    placed_at: datetime = instant(nullable=False)
    released_at: datetime | None = instant()
    release_no: str | None = None
    version: int
