"""Couples, and what may be known of one person. A marriage ends once: by death (`widowed`) or by divorce."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, text
from sqlmodel import Field, SQLModel

from casework.tables import casework_tables
from kernel.database import service_registry
from kernel.messaging.tables import messaging_tables
from kernel.public_service.ledger import ledger_tables

ROWS = service_registry()
casework_tables(ROWS.metadata)
messaging_tables(ROWS.metadata)
ledger_tables(ROWS.metadata)


class MarriageRow(SQLModel, registry=ROWS):
    """Puts every table of this module on the service's own registry."""


class Couple(MarriageRow, table=True):
    """A registered marriage. `state`: married, widowed, divorced; `ended_by`: the procedure that ended it."""

    __tablename__ = "couples"
    __table_args__ = (
        CheckConstraint("state IN ('married', 'widowed', 'divorced')", "state_known"),
        CheckConstraint("(state = 'married') = (ended_on IS NULL)", "ended_has_a_day"),
        CheckConstraint("husband <> wife", "two_people"),
        Index(
            "uq_couples_husband_married", "husband", unique=True, postgresql_where=text("state = 'married'")
        ),
        Index("uq_couples_wife_married", "wife", unique=True, postgresql_where=text("state = 'married'")),
        Index("ix_couples_husband", "husband"),
        Index("ix_couples_wife", "wife"),
    )

    id: UUID = Field(primary_key=True)
    husband: UUID
    wife: UUID
    registered_on: date
    region: str
    state: str = "married"
    ended_on: date | None = None
    ended_by: UUID | None = None
    died: UUID | None = None


class Standing(MarriageRow, table=True):
    """The marital state of somebody without a couple here, as it was imported (single, widowed, divorced)."""

    __tablename__ = "standings"
    __table_args__ = (CheckConstraint("state IN ('single', 'widowed', 'divorced')", "state_known"),)

    person: UUID = Field(primary_key=True)
    state: str


class Unwilling(MarriageRow, table=True):
    """A surviving spouse declared in writing not to resume the marriage (Civil Code 51)."""

    __tablename__ = "unwilling"

    couple: UUID = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    declared_at: datetime = Field(sa_type=DateTime(timezone=True))
