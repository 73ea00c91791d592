"""An award enjoyed in life keeps who took it back and why; a visit keeps who booked it."""

from alembic import op

revision = "0004_counters"
down_revision = "0003_clocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE eco_awards ADD COLUMN cancelled_by text, ADD COLUMN cancel_reason text")
    op.execute("ALTER TABLE visits ADD COLUMN booked_by text")


def downgrade() -> None:
    op.execute("ALTER TABLE visits DROP COLUMN booked_by")
    op.execute("ALTER TABLE eco_awards DROP COLUMN cancelled_by, DROP COLUMN cancel_reason")
