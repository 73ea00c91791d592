"""The rows of the funeral service. A booking with `released_at` empty takes its slot; the index lets no other in."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
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


class FuneralHome(Rows, table=True):
    """`region` is the county (6 digits)."""

    __tablename__ = "funeral_homes"
    __table_args__ = (CheckConstraint("slot_minutes > 0 AND opens_at < closes_at", "has_slots"),)

    id: UUID = Field(primary_key=True)
    name: str
    region: str = Field(index=True)
    opens_at: time
    closes_at: time
    slot_minutes: int


class Cremator(Rows, table=True):
    """`state`: working or out_of_service."""

    __tablename__ = "cremators"

    id: UUID = Field(primary_key=True)
    home: UUID = Field(sa_column=Column("home", ForeignKey("funeral_homes.id"), nullable=False, index=True))
    code: str = Field(unique=True)
    state: str


class Booking(Rows, table=True):
    """One procedure's slot. Released (given back, or the cremation has ended) it stays as history."""

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
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    cremator: UUID = Field(sa_column=Column("cremator", ForeignKey("cremators.id"), nullable=False))
    starts_at: datetime = Field(sa_type=DateTime(timezone=True))
    booked_at: datetime = Field(sa_type=DateTime(timezone=True))
    released_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    started_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    first_operator: str | None = Field(default=None, sa_type=Text)
    second_operator: str | None = Field(default=None, sa_type=Text)


class CremationRecord(Rows, table=True):
    """What was done; rows are never changed (a trigger refuses)."""

    __tablename__ = "cremation_records"
    __table_args__ = (
        UniqueConstraint("procedure"),
        CheckConstraint("first_operator <> second_operator", "two_operators"),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    case_id: UUID
    cremator: UUID
    started_at: datetime = Field(sa_type=DateTime(timezone=True))
    finished_at: datetime = Field(sa_type=DateTime(timezone=True))
    first_operator: str
    second_operator: str


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
    case_id: UUID | None = None
    person: UUID | None = None
    placed_at: datetime = Field(sa_type=DateTime(timezone=True))
    released_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    release_no: str | None = None
    version: int
