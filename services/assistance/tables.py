"""The rows of assistance. Amounts in fen a month; months are first days.

Two marks lie over a holding and over a payment, never over each other: `suspended_by` (a pause) and `ended_by` or
`cancelled_by` (a stop), each the id of the procedure that set it. `state` is generated from them, so lifting a pause
and undoing a stop give the same rows in either order.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Computed, Date, DateTime, Index, Text, text
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
OVERPAYMENT_STATE = """CASE WHEN taken_back THEN 'taken_back'
        WHEN decision IS NULL THEN CASE WHEN proposal IS NULL THEN 'found' ELSE 'proposed' END
        WHEN decision = 'waive' THEN 'waived'
        WHEN repaid_fen >= amount_fen THEN 'repaid'
        WHEN instalments > 1 THEN 'instalments' ELSE 'decided' END"""
FILE_STATE = "CASE WHEN released_at IS NULL THEN 'prepared' ELSE 'released' END"
PAYMENT_STATE = """CASE WHEN released_at IS NOT NULL THEN 'released' WHEN cancelled_by IS NOT NULL THEN 'cancelled'
        WHEN suspended_by IS NOT NULL THEN 'suspended' ELSE 'unreleased' END"""


class Household(AssistanceRow, table=True):
    """People who live together. `income_fen`: of all of them together a month; none: not known."""

    __tablename__ = "households"

    id: UUID = Field(primary_key=True)
    region: str
    income_fen: int | None = Field(default=None, sa_type=BigInteger)


class HouseholdMember(AssistanceRow, table=True):
    """`left_on`, `left_by`: died, and the procedure that says so. `income_fen`: own monthly income, none: not known.

    `needs_care`: why this member depends on somebody (`disabled`, `bedridden`); none: nothing is known.
    """

    __tablename__ = "household_members"
    __table_args__ = (Index("ix_household_members_person", "person"),)

    household: UUID = Field(primary_key=True)
    person: UUID = Field(primary_key=True)
    birth_date: date
    income_fen: int | None = Field(default=None, sa_type=BigInteger)
    left_on: date | None = None
    left_by: UUID | None = None
    needs_care: str | None = None


class Relative(AssistanceRow, table=True):
    """`relation`: what `relative` is to `person` (child, parent, spouse, sibling, grandchild, grandparent, ward)."""

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
    file: UUID | None = None
    state: str | None = Field(
        default=None, sa_type=Text, sa_column_args=(Computed(PAYMENT_STATE, persisted=True),)
    )


class PaymentFile(AssistanceRow, table=True):
    """One payment run of a region and month: prepared with its lines, then released. Sums in fen.

    `region` holds all below it. `held_lines` and what they come to stayed behind at the release and stand for the next.
    """

    __tablename__ = "payment_files"
    __table_args__ = (Index("ix_payment_files_region", "region", "month"),)

    id: UUID = Field(primary_key=True)
    region: str
    month: date
    prepared_at: datetime = Field(sa_type=DateTime(timezone=True))
    lines: int
    total_fen: int = Field(sa_type=BigInteger)
    released_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    held_lines: int = Field(default=0)
    held_fen: int = Field(default=0, sa_type=BigInteger)
    prepared_by: str | None = None
    released_by: str | None = None
    state: str | None = Field(
        default=None, sa_type=Text, sa_column_args=(Computed(FILE_STATE, persisted=True),)
    )


class PaymentLine(AssistanceRow, table=True):
    """One payment as it was prepared: traceable to person, household and payee (SA-077). `held_for`: why it stayed."""

    __tablename__ = "payment_file_lines"
    __table_args__ = (Index("ix_payment_file_lines_payment", "payment"),)

    file: UUID = Field(primary_key=True)
    payment: UUID = Field(primary_key=True)
    holding: UUID
    kind: str
    household: UUID | None = None
    beneficiary: UUID | None = None
    payee: UUID
    month: date
    amount_fen: int = Field(sa_type=BigInteger)
    arrears: bool
    funding_source: str
    held_for: str | None = None


class OverpaymentRecord(AssistanceRow, table=True):
    """What was paid for months after a death, and what people decided about it. Never set off against anything else.

    `found_by`: the procedure that ended the holding; `subject`: who died; `payee`: who drew the money. The rest of the
    claim is amount − repaid − waived. No letter goes out before the county has signed and `letter_from` has come.
    """

    __tablename__ = "overpayments"
    __table_args__ = (
        Index("uq_overpayments_holding", "holding", "found_by", unique=True),
        Index("ix_overpayments_subject", "subject"),
        CheckConstraint("amount_fen >= 0 AND repaid_fen >= 0 AND waived_fen >= 0", "amounts_not_negative"),
    )

    id: UUID = Field(primary_key=True)
    holding: UUID
    subject: UUID
    found_by: UUID
    payee: UUID
    months: list[date] = Field(sa_type=ARRAY(Date))
    amount_fen: int = Field(sa_type=BigInteger)
    legal_basis: str
    found_at: datetime = Field(sa_type=DateTime(timezone=True))
    proposal: str | None = None
    decision: str | None = None
    instalments: int | None = None
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    letter_from: date | None = None
    repaid_fen: int = Field(default=0, sa_type=BigInteger)
    waived_fen: int = Field(default=0, sa_type=BigInteger)
    taken_back: bool = False
    version: int = 1
    state: str | None = Field(
        default=None, sa_type=Text, sa_column_args=(Computed(OVERPAYMENT_STATE, persisted=True),)
    )


class OverpaymentMovement(AssistanceRow, table=True):
    """Money that came back (`amount_fen` > 0), or that was returned because too much had come (< 0)."""

    __tablename__ = "overpayment_movements"
    __table_args__ = (
        Index("ix_overpayment_movements_overpayment", "overpayment"),
        CheckConstraint("amount_fen <> 0", "amount_moves"),
    )

    id: UUID = Field(primary_key=True)
    overpayment: UUID
    amount_fen: int = Field(sa_type=BigInteger)
    moved_on: date
    reference: str | None = None
    recorded_by: str | None = None
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class Application(AssistanceRow, table=True):
    """Who asked for what, and what became of it (`pending`, `granted`, `lapsed`).

    When the applicant dies: their own lapses (`reason` says why); the household's goes on in the name of `person`, and
    `handed_on_from` keeps who had asked. `lapsed_by`, `handed_on_by`: the procedure, so that an undo finds it.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_person", "person"),
        Index("ix_applications_household", "household"),
    )

    id: UUID = Field(primary_key=True)
    person: UUID
    household: UUID | None = None
    kind: str
    region: str
    state: str
    submitted_at: datetime = Field(sa_type=DateTime(timezone=True))
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    lapsed_by: UUID | None = None
    reason: str | None = None
    handed_on_from: UUID | None = None
    handed_on_by: UUID | None = None


class SignOfLife(AssistanceRow, table=True):
    """Somebody of ours met the person: a home visit, a decision handed over, an application in person."""

    __tablename__ = "signs_of_life"
    __table_args__ = (Index("ix_signs_of_life_person", "person", "seen_at"),)

    id: UUID = Field(primary_key=True)
    person: UUID
    seen_at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: str
