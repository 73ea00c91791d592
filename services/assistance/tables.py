"""The rows of assistance. Amounts in fen a month; months are first days.

Two marks lie over a holding and over a payment, never over each other: `suspended_by` (a pause) and `ended_by` or
`cancelled_by` (a stop), each the id of the procedure that set it. `state` is generated from them, so lifting a pause
and undoing a stop give the same rows in either order.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, DateTime, Index, Text, text
from sqlmodel import Field, SQLModel

from casework.tables import casework_tables
from kernel.database import service_registry
from kernel.messaging.tables import messaging_tables
from kernel.public_service.ledger import ledger_tables

ROWS = service_registry()
casework_tables(ROWS.metadata)
messaging_tables(ROWS.metadata)
ledger_tables(ROWS.metadata)


class AssistanceRow(SQLModel, registry=ROWS):
    """Puts every table of this module on the service's own registry."""


HOLDING_STATE = """CASE WHEN ended_by IS NOT NULL OR ended_on IS NOT NULL THEN 'ended'
        WHEN suspended_by IS NOT NULL THEN 'suspended' ELSE 'active' END"""
PAYMENT_STATE = """CASE WHEN released_at IS NOT NULL THEN 'released' WHEN cancelled_by IS NOT NULL THEN 'cancelled'
        WHEN suspended_by IS NOT NULL THEN 'suspended' ELSE 'unreleased' END"""


class Household(AssistanceRow, table=True):
    """People who live together. `income_fen`: of all of them together a month; none: not known."""

    __tablename__ = "households"

    id: UUID = Field(primary_key=True)
    region: str
    income_fen: int | None = Field(default=None, sa_type=BigInteger)


class HouseholdMember(AssistanceRow, table=True):
    """`left_on`, `left_by`: died, and the procedure that says so. `income_fen`: own monthly income, none: not known."""

    __tablename__ = "household_members"
    __table_args__ = (Index("ix_household_members_person", "person"),)

    household: UUID = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    birth_date: date
    income_fen: int | None = Field(default=None, sa_type=BigInteger)
    left_on: date | None = None
    left_by: UUID | None = None


class Relative(AssistanceRow, table=True):
    """`relation`: what `relative` is to `person` (child, parent, spouse, sibling, grandchild, grandparent)."""

    __tablename__ = "relatives"

    person: UUID = Field(primary_key=True)
    relative: UUID = Field(primary_key=True)
    relation: str


class Holding(AssistanceRow, table=True):
    """A benefit: a household's (`household`: dibao, edge, rigid) or one person's (`person`)."""

    __tablename__ = "holdings"
    __table_args__ = (
        CheckConstraint("(household IS NULL) <> (person IS NULL)", "of_household_or_person"),
        CheckConstraint("amount_fen >= 0", "amount_not_negative"),
        Index("ix_holdings_household", "household"),
        Index("ix_holdings_person", "person"),
        Index("ix_holdings_payee", "payee"),
    )

    id: UUID = Field(primary_key=True)
    household: UUID | None = None
    person: UUID | None = None
    kind: str
    amount_fen: int = Field(sa_type=BigInteger)
    payee: UUID
    funding_source: str
    region: str
    granted_on: date
    paid_through: date | None = None
    suspended_by: UUID | None = None
    ended_by: UUID | None = None
    ended_on: date | None = None
    last_payable_month: date | None = None
    state: str | None = Field(
        default=None, sa_type=Text, sa_column_args=(Computed(HOLDING_STATE, persisted=True),)
    )


class Payment(AssistanceRow, table=True):
    """One month of a holding. `arrears`: owed for a month that was not paid in time."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("uq_payments_regular", "holding", "month", unique=True, postgresql_where=text("NOT arrears")),
        CheckConstraint("amount_fen > 0", "amount_positive"),
        CheckConstraint("released_at IS NULL OR cancelled_by IS NULL", "released_or_cancelled"),
    )

    id: UUID = Field(primary_key=True)
    holding: UUID
    month: date
    amount_fen: int = Field(sa_type=BigInteger)
    payee: UUID
    arrears: bool = False
    released_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    suspended_by: UUID | None = None
    cancelled_by: UUID | None = None
    state: str | None = Field(
        default=None, sa_type=Text, sa_column_args=(Computed(PAYMENT_STATE, persisted=True),)
    )


class Application(AssistanceRow, table=True):
    """Who asked for what, and what became of it (`pending`, `granted`, `lapsed`)."""

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_person", "person"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    household: UUID | None = None
    kind: str
    region: str
    state: str
    submitted_at: datetime = Field(sa_type=DateTime(timezone=True))
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    lapsed_by: UUID | None = None


class SignOfLife(AssistanceRow, table=True):
    """Somebody of ours met the person: a home visit, a decision handed over, an application in person."""

    __tablename__ = "signs_of_life"
    __table_args__ = (Index("ix_signs_of_life_person", "person", "seen_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    seen_at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: str
