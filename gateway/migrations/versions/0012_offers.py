"""Offers keep when they were made, so that a new calendar moves their end (decision 0012). Older ones have no end."""

from alembic import op

revision = "0012_offers"
down_revision = "0011_clocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE case_procedures ADD COLUMN offered_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE case_procedures DROP COLUMN offered_at")
