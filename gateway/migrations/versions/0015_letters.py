"""Letters wait to be printed at a window: which region's, and who sent them when and how (docs/decisions/0017)."""

from alembic import op

revision = "0015_letters"
down_revision = "0014_proofs_to_tell"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN region text")
    op.execute("ALTER TABLE messages ADD COLUMN person uuid")
    op.execute("ALTER TABLE messages ADD COLUMN sent_by text")
    op.execute("ALTER TABLE messages ADD COLUMN way text CHECK (way IN ('by_hand', 'post'))")
    op.execute("ALTER TABLE messages DROP CONSTRAINT messages_state_check")
    op.execute("ALTER TABLE messages ADD CONSTRAINT messages_state_check CHECK (state IN ('pending', 'to_print', 'sent'))")
    # Letters that were made before know their case's window.
    op.execute("UPDATE messages m SET region = c.region FROM cases c WHERE c.id = m.case_id AND m.channel = 'letter'")
    op.execute("CREATE INDEX messages_letters ON messages (region, id) WHERE channel = 'letter'")


def downgrade() -> None:
    op.execute("UPDATE messages SET state = 'pending' WHERE state = 'to_print'")
    op.execute("DROP INDEX messages_letters")
    op.execute("ALTER TABLE messages DROP CONSTRAINT messages_state_check")
    op.execute("ALTER TABLE messages ADD CONSTRAINT messages_state_check CHECK (state IN ('pending', 'sent'))")
    op.execute("ALTER TABLE messages DROP COLUMN way, DROP COLUMN sent_by, DROP COLUMN person, DROP COLUMN region")
