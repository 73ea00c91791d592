"""Clocks: pauses on record, and the working calendar that all limits stand on (docs/decisions/0012)."""

from alembic import op

from casework.migration import add_clocks, drop_clocks

revision = "0003_clocks"
down_revision = "0002_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_clocks(op)


def downgrade() -> None:
    drop_clocks(op)
