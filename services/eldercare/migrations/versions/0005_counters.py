"""An offered bed keeps who answered, why and when; a grant that came after a death, who of the county checked it."""

from alembic import op

revision = "0005_counters"
down_revision = "0004_until_death"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """ALTER TABLE bed_offers ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN closed_at timestamptz,
               ADD COLUMN answered_by text, ADD COLUMN reason text"""
    )
    op.execute(
        """ALTER TABLE allowances ADD COLUMN checked_at timestamptz, ADD COLUMN checked_by text,
               ADD COLUMN check_reason text"""
    )
    op.execute("CREATE INDEX ix_bed_offers_answer_by_open ON bed_offers (answer_by) WHERE state = 'open'")


def downgrade() -> None:
    op.execute("DROP INDEX ix_bed_offers_answer_by_open")
    for column in ("checked_at", "checked_by", "check_reason"):
        op.execute(f"ALTER TABLE allowances DROP COLUMN {column}")
    for column in ("version", "closed_at", "answered_by", "reason"):
        op.execute(f"ALTER TABLE bed_offers DROP COLUMN {column}")
