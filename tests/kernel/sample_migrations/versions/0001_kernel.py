"""The tables of the kernel, and one of the sample's own."""

from alembic import op

from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    op.execute("CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL, small integer)")
    op.execute("CREATE UNIQUE INDEX uq_notes_body ON notes (body)")


def downgrade() -> None:
    op.execute("DROP TABLE notes")
    drop_messaging(op)
    drop_kernel_tables(op)
