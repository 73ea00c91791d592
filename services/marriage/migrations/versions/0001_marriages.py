"""Kernel, messaging and casework tables; marriages, marital states, declarations."""

from alembic import op

from casework.migration import create_casework, drop_casework
from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    create_casework(op)
    op.execute(
        """CREATE TABLE marriages (
        id uuid NOT NULL,
        first uuid NOT NULL,
        second uuid NOT NULL,
        registered_on date NOT NULL,
        region text NOT NULL,
        ended_by uuid,
        ended_on date,
        dead uuid,
        CONSTRAINT pk_marriages PRIMARY KEY (id)
    )"""
    )
    for side in ("first", "second"):
        op.execute(f"CREATE UNIQUE INDEX uq_marriages_{side} ON marriages ({side}) WHERE ended_on IS NULL")
        op.execute(f"CREATE INDEX ix_marriages_all_{side} ON marriages ({side})")
    op.execute("CREATE INDEX ix_marriages_ended_by ON marriages (ended_by)")
    op.execute(
        """CREATE TABLE marital_status (
        person uuid NOT NULL,
        state text NOT NULL,
        spouse uuid,
        since date,
        CONSTRAINT pk_marital_status PRIMARY KEY (person)
    )"""
    )
    op.execute(
        """CREATE TABLE unwilling_declarations (
        marriage uuid NOT NULL,
        declared_by uuid NOT NULL,
        declared_on date NOT NULL,
        CONSTRAINT pk_unwilling_declarations PRIMARY KEY (marriage)
    )"""
    )


def downgrade() -> None:
    for table in ("unwilling_declarations", "marital_status", "marriages"):
        op.execute(f"DROP TABLE {table}")
    drop_casework(op)
    drop_messaging(op)
    drop_kernel_tables(op)
