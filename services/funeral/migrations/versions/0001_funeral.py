"""Kernel, messaging and casework tables; homes, cremators, bookings, records, holds."""

from alembic import op

from casework.migration import create_casework, drop_casework
from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CREATE = (
    """CREATE TABLE funeral_homes (
        id uuid NOT NULL,
        name text NOT NULL,
        region text NOT NULL,
        opens_at time NOT NULL,
        closes_at time NOT NULL,
        slot_minutes integer NOT NULL,
        CONSTRAINT pk_funeral_homes PRIMARY KEY (id),
        CONSTRAINT ck_funeral_homes_has_slots CHECK (slot_minutes > 0 AND opens_at < closes_at)
    )""",
    "CREATE INDEX ix_funeral_homes_region ON funeral_homes (region)",
    """CREATE TABLE cremators (
        id uuid NOT NULL,
        home uuid NOT NULL,
        code text NOT NULL,
        state text NOT NULL,
        CONSTRAINT pk_cremators PRIMARY KEY (id),
        CONSTRAINT uq_cremators_code UNIQUE (code),
        CONSTRAINT fk_cremators_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE INDEX ix_cremators_home ON cremators (home)",
    """CREATE TABLE bookings (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        cremator uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        booked_at timestamptz NOT NULL,
        released_at timestamptz,
        started_at timestamptz,
        first_operator text,
        second_operator text,
        CONSTRAINT pk_bookings PRIMARY KEY (id),
        CONSTRAINT fk_bookings_cremator_cremators FOREIGN KEY (cremator) REFERENCES cremators (id)
    )""",
    "CREATE UNIQUE INDEX uq_bookings_slot ON bookings (cremator, starts_at) WHERE released_at IS NULL",
    "CREATE UNIQUE INDEX uq_bookings_procedure ON bookings (procedure) WHERE released_at IS NULL",
    """CREATE TABLE cremation_records (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        case_id uuid NOT NULL,
        cremator uuid NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz NOT NULL,
        first_operator text NOT NULL,
        second_operator text NOT NULL,
        CONSTRAINT pk_cremation_records PRIMARY KEY (id),
        CONSTRAINT uq_cremation_records_procedure UNIQUE (procedure),
        CONSTRAINT ck_cremation_records_two_operators CHECK (first_operator <> second_operator)
    )""",
    """CREATE TRIGGER cremation_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cremation_records
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE holds (
        id uuid NOT NULL,
        kind text NOT NULL,
        source_no text NOT NULL,
        case_id uuid,
        person uuid,
        placed_at timestamptz NOT NULL,
        released_at timestamptz,
        release_no text,
        version integer NOT NULL,
        CONSTRAINT pk_holds PRIMARY KEY (id),
        CONSTRAINT ck_holds_of_something CHECK (case_id IS NOT NULL OR person IS NOT NULL)
    )""",
    "CREATE INDEX ix_holds_standing_case ON holds (case_id) WHERE released_at IS NULL",
    "CREATE INDEX ix_holds_standing_person ON holds (person) WHERE released_at IS NULL",
)


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    create_casework(op)
    for statement in _CREATE:
        op.execute(statement)


def downgrade() -> None:
    for table in ("holds", "cremation_records", "bookings", "cremators", "funeral_homes"):
        op.execute(f"DROP TABLE {table}")
    drop_casework(op)
    drop_messaging(op)
    drop_kernel_tables(op)
