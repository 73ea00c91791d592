"""An offered bed keeps who answered, why and when, has a version, and is found by its last day."""

from alembic import op

revision = "0005_bed_offers"
down_revision = "0004_until_death"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """ALTER TABLE bed_offers ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN closed_at timestamptz,
               ADD COLUMN answered_by text, ADD COLUMN reason text"""
    )
    op.execute("CREATE INDEX ix_bed_offers_answer_by_open ON bed_offers (answer_by) WHERE state = 'open'")


def downgrade() -> None:
    op.execute("DROP INDEX ix_bed_offers_answer_by_open")
    for column in ("version", "closed_at", "answered_by", "reason"):
        op.execute(f"ALTER TABLE bed_offers DROP COLUMN {column}")
