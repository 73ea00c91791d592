"""Kernel, messaging and casework tables; couples, standings, declarations of unwillingness."""

from alembic import op

from casework.migration import create_casework, drop_casework
from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE couples (
        id uuid NOT NULL,
        husband uuid NOT NULL,
        wife uuid NOT NULL,
        registered_on date NOT NULL,
        region text NOT NULL,
        state text NOT NULL DEFAULT 'married',
        ended_on date,
        ended_by uuid,
        died uuid,
        CONSTRAINT pk_couples PRIMARY KEY (id),
        CONSTRAINT ck_couples_state_known CHECK (state IN ('married', 'widowed', 'divorced')),
        CONSTRAINT ck_couples_ended_has_a_day CHECK ((state = 'married') = (ended_on IS NULL)),
        CONSTRAINT ck_couples_two_people CHECK (husband <> wife)
    )""",
    "CREATE UNIQUE INDEX uq_couples_husband_married ON couples (husband) WHERE state = 'married'",
    "CREATE UNIQUE INDEX uq_couples_wife_married ON couples (wife) WHERE state = 'married'",
    "CREATE INDEX ix_couples_husband ON couples (husband)",
    "CREATE INDEX ix_couples_wife ON couples (wife)",
    """CREATE TABLE standings (
        person uuid NOT NULL,
        state text NOT NULL,
        CONSTRAINT pk_standings PRIMARY KEY (person),
        CONSTRAINT ck_standings_state_known CHECK (state IN ('single', 'widowed', 'divorced'))
    )""",
    """CREATE TABLE unwilling (
        couple uuid NOT NULL,
        person uuid NOT NULL,
        declared_at timestamptz NOT NULL,
        CONSTRAINT pk_unwilling PRIMARY KEY (couple, person)
    )""",
)


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    create_casework(op)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("unwilling", "standings", "couples"):
        op.execute(f"DROP TABLE {table}")
    drop_casework(op)
    drop_messaging(op)
    drop_kernel_tables(op)
