"""The rows of farewells, certificates, ashes, awards and memorials."""

from datetime import datetime
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
from sqlmodel import Field

from services.funeral.tables.registry import Rows, home_of, instant

_STANDS = text("released_at IS NULL")


class Hall(Rows, table=True):
    """A hall or a room for remote farewells; each farewell takes `minutes`. Wakes go on at night: no closing time."""

    __tablename__ = "halls"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint("minutes > 0", "lasts"))

    id: UUID = Field(primary_key=True)
    home: UUID = home_of()
    code: str
    name: str
    kind: str
    minutes: int
    state: str


class HallBooking(Rows, table=True):
    """One procedure's time in a hall. Released it stays as history, and its quarters are free again."""

    __tablename__ = "hall_bookings"
    __table_args__ = (
        Index("uq_hall_bookings_procedure", "procedure", unique=True, postgresql_where=_STANDS),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    case_id: UUID = Field(index=True)
    hall: UUID = Field(sa_column=Column("hall", ForeignKey("halls.id"), nullable=False))
    starts_at: datetime = instant(nullable=False)
    ends_at: datetime = instant(nullable=False)
    booked_at: datetime = instant(nullable=False)
    held_at: datetime | None = instant()
    released_at: datetime | None = instant()


class HallQuarter(Rows, table=True):
    """A quarter of an hour of a hall that a booking takes: the key lets no other in."""

    __tablename__ = "hall_quarters"

    hall: UUID = Field(primary_key=True)
    quarter: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))
    booking: UUID = Field(
        sa_column=Column("booking", ForeignKey("hall_bookings.id"), nullable=False, index=True)
    )


class Certificate(Rows, table=True):
    """A cremation certificate: its number is the home's, by year; issued anew it has a new one, the old one is void."""

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("home", "certificate_no"),
        Index(
            "uq_certificates_procedure", "procedure", unique=True, postgresql_where=text("voided_at IS NULL")
        ),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    case_id: UUID
    home: UUID = home_of(index=False)
    certificate_no: str
    version: int
    issued_at: datetime = instant(nullable=False)
    voided_at: datetime | None = instant()
    void_reason: str | None = None


class Place(Rows, table=True):
    """A niche, plot or tree of a site in a county. `state`: free to be used, or out_of_use."""

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("code"), Index("ix_places_region", "region", "kind", "code"))

    id: UUID = Field(primary_key=True)
    region: str
    site: str
    code: str
    kind: str
    state: str


class Placement(Rows, table=True):
    """Where one case's ashes (or the body, buried) rest. While it stands nobody else gets the place."""

    __tablename__ = "placements"
    __table_args__ = (
        Index("uq_placements_place", "place", unique=True, postgresql_where=_STANDS),
        Index("uq_placements_procedure", "procedure", unique=True, postgresql_where=_STANDS),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    case_id: UUID = Field(index=True)
    kind: str
    eco_kind: str | None = None
    place: UUID | None = Field(sa_column=Column("place", ForeignKey("places.id")))
    arranged_at: datetime = instant(nullable=False)
    placed_at: datetime | None = instant()
    released_at: datetime | None = instant()


class EcoAward(Rows, table=True):
    """An award for an eco-burial, after death or enjoyed in life; of each mode one per person that stands (FN-015)."""

    __tablename__ = "eco_awards"
    __table_args__ = (
        Index(
            "uq_eco_awards_person",
            "person",
            "mode",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        CheckConstraint("amount_fen >= 0", "not_negative"),
    )

    id: UUID = Field(primary_key=True)
    person: UUID
    mode: str
    kind: str
    amount_fen: int = Field(sa_type=BigInteger)
    funding_source: str
    region: str
    procedure: UUID | None = None
    payee: UUID | None = None
    granted_at: datetime = instant(nullable=False)
    paid_at: datetime | None = instant()
    cancelled_at: datetime | None = instant()
    decided_by: str | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None


class Memorial(Rows, table=True):
    """An online memorial, opened on wish only; deleted when a near relative asks for it (R73)."""

    __tablename__ = "memorials"
    __table_args__ = (
        Index(
            "uq_memorials_procedure", "procedure", unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
    )

    id: UUID = Field(primary_key=True)
    procedure: UUID
    case_id: UUID
    home: UUID | None = Field(sa_column=Column("home", ForeignKey("funeral_homes.id")))
    opened_at: datetime = instant(nullable=False)
    deleted_at: datetime | None = instant()


class Visit(Rows, table=True):
    """A booked visit to where somebody rests, by the hour; `people` come together."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("people > 0", "somebody"),
        Index("ix_visits_home", "home", "starts_at", postgresql_where=text("cancelled_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    memorial: UUID = Field(sa_column=Column("memorial", ForeignKey("memorials.id"), nullable=False))
    home: UUID = home_of(index=False)
    starts_at: datetime = instant(nullable=False)
    people: int
    booked_at: datetime = instant(nullable=False)
    cancelled_at: datetime | None = instant()
    booked_by: str | None = None
