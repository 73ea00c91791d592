"""Couples, and what may be known of one person.

A marriage ends by death (`widowed`), by divorce, or never was one (`void`, Civil Code 1054).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, text
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
    """A registered marriage. `state`: married, widowed, divorced, void; `ended_by`: the procedure that ended it.

    `resumed_on`: the day from which it stands again after a court took a declaration of death back (Civil Code 51).
    `returned`: who was held for dead lives, and the marriage stays ended.
    """

    __tablename__ = "couples"
    __table_args__ = (
        CheckConstraint("state IN ('married', 'widowed', 'divorced', 'void')", "state_known"),
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
    resumed_on: date | None = None
    returned: bool = False


class Interruption(MarriageRow, table=True):
    """A marriage that had ended by a declared death and resumed from a day on: the time between stays on record."""

    __tablename__ = "interruptions"

    id: UUID = Field(primary_key=True)
    couple: UUID = Field(sa_column=Column("couple", ForeignKey("couples.id"), nullable=False, index=True))
    ended_on: date
    ended_by: UUID | None = None
    died: UUID | None = None
    resumed_on: date


class Standing(MarriageRow, table=True):
    """The marital state of somebody without a couple here, as it was imported (single, widowed, divorced)."""

    __tablename__ = "standings"
    __table_args__ = (CheckConstraint("state IN ('single', 'widowed', 'divorced')", "state_known"),)

    person: UUID = Field(primary_key=True)
    state: str


class Unwilling(MarriageRow, table=True):
    """A surviving spouse declared in writing not to resume the marriage (Civil Code 51); the registrar took it."""

    __tablename__ = "unwilling"

    couple: UUID = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    declared_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_by: str | None = None
