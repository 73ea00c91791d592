"""Special cases that a person works, a doubt that the office has looked at, corrections to be told later (R29, design 5).

Cases that stand have no special case: what their form says is read again with their next report or correction.
"""

from alembic import op

revision = "0007_special_cases"
down_revision = "0006_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN reviewed boolean NOT NULL DEFAULT false")
    for name in ("special", "settled", "unheard"):
        op.execute(f"ALTER TABLE cases ADD COLUMN {name} text[] NOT NULL DEFAULT '{{}}'")
    # A hold that stands on another case too, since that case turned out to be about the same body.
    op.execute("ALTER TABLE holds ADD COLUMN follows uuid")
    op.execute("CREATE INDEX holds_follows ON holds (follows) WHERE follows IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX holds_follows")
    op.execute("ALTER TABLE holds DROP COLUMN follows")
    for name in ("reviewed", "special", "settled", "unheard"):
        op.execute(f"ALTER TABLE cases DROP COLUMN {name}")
