"""Kernel, messaging and casework tables; households, holdings, payments, applications, signs of life."""

from alembic import op

from casework.migration import create_casework, drop_casework
from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE households (
        id uuid NOT NULL,
        region text NOT NULL,
        income_fen bigint,
        CONSTRAINT pk_households PRIMARY KEY (id)
    )""",
    """CREATE TABLE household_members (
        household uuid NOT NULL,
        person uuid NOT NULL,
        birth_date date NOT NULL,
        income_fen bigint,
        left_on date,
        left_by uuid,
        CONSTRAINT pk_household_members PRIMARY KEY (household, person)
    )""",
    "CREATE INDEX ix_household_members_person ON household_members (person)",
    """CREATE TABLE relatives (
        person uuid NOT NULL,
        relative uuid NOT NULL,
        relation text NOT NULL,
        CONSTRAINT pk_relatives PRIMARY KEY (person, relative)
    )""",
    """CREATE TABLE holdings (
        id uuid NOT NULL,
        household uuid,
        person uuid,
        kind text NOT NULL,
        amount_fen bigint NOT NULL,
        payee uuid NOT NULL,
        funding_source text NOT NULL,
        region text NOT NULL,
        granted_on date NOT NULL,
        paid_through date,
        suspended_by uuid,
        ended_by uuid,
        ended_on date,
        last_payable_month date,
        state text GENERATED ALWAYS AS (CASE WHEN ended_by IS NOT NULL OR ended_on IS NOT NULL THEN 'ended'
            WHEN suspended_by IS NOT NULL THEN 'suspended' ELSE 'active' END) STORED,
        CONSTRAINT pk_holdings PRIMARY KEY (id),
        CONSTRAINT ck_holdings_of_household_or_person CHECK ((household IS NULL) <> (person IS NULL)),
        CONSTRAINT ck_holdings_amount_not_negative CHECK (amount_fen >= 0)
    )""",
    "CREATE INDEX ix_holdings_household ON holdings (household)",
    "CREATE INDEX ix_holdings_person ON holdings (person)",
    "CREATE INDEX ix_holdings_payee ON holdings (payee)",
    """CREATE TABLE payments (
        id uuid NOT NULL,
        holding uuid NOT NULL,
        month date NOT NULL,
        amount_fen bigint NOT NULL,
        payee uuid NOT NULL,
        arrears boolean NOT NULL DEFAULT false,
        released_at timestamptz,
        suspended_by uuid,
        cancelled_by uuid,
        state text GENERATED ALWAYS AS (CASE WHEN released_at IS NOT NULL THEN 'released'
            WHEN cancelled_by IS NOT NULL THEN 'cancelled'
            WHEN suspended_by IS NOT NULL THEN 'suspended' ELSE 'unreleased' END) STORED,
        CONSTRAINT pk_payments PRIMARY KEY (id),
        CONSTRAINT uq_payments_holding_month_arrears UNIQUE (holding, month, arrears),
        CONSTRAINT ck_payments_amount_positive CHECK (amount_fen > 0),
        CONSTRAINT ck_payments_released_or_cancelled CHECK (released_at IS NULL OR cancelled_by IS NULL)
    )""",
    """CREATE TABLE applications (
        id uuid NOT NULL,
        person uuid NOT NULL,
        household uuid,
        kind text NOT NULL,
        region text NOT NULL,
        state text NOT NULL,
        submitted_at timestamptz NOT NULL,
        decided_at timestamptz,
        lapsed_by uuid,
        CONSTRAINT pk_applications PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_applications_person ON applications (person)",
    """CREATE TABLE signs_of_life (
        id uuid NOT NULL,
        person uuid NOT NULL,
        seen_at timestamptz NOT NULL,
        kind text NOT NULL,
        CONSTRAINT pk_signs_of_life PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_signs_of_life_person ON signs_of_life (person, seen_at)",
)
TABLES = ("signs_of_life", "applications", "payments", "holdings", "relatives", "household_members", "households")


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    create_casework(op)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    drop_casework(op)
    drop_messaging(op)
    drop_kernel_tables(op)
