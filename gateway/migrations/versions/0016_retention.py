"""Messages say whether their words have been erased (gateway/notices/retention.py)."""

from alembic import op

revision = "0016_retention"
down_revision = "0015_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN erased boolean NOT NULL DEFAULT false")
    op.execute("CREATE INDEX messages_kept ON messages (at, id) WHERE NOT erased")


def downgrade() -> None:
    op.execute("DROP INDEX messages_kept")
    op.execute("ALTER TABLE messages DROP COLUMN erased")
