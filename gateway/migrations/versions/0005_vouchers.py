"""Which department vouches for which answer of a case (gateway/cases/vouching.py).

Of cases that a department opened, the opener vouches for what was verified; who verified an answer of the others is no
longer known, and whoever vouches next may replace it, as before.
"""

from alembic import op

revision = "0005_vouchers"
down_revision = "0004_page_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN vouchers jsonb NOT NULL DEFAULT '{}'")
    op.execute("""UPDATE cases SET vouchers =
        (SELECT jsonb_object_agg(pointer, split_part(submitted_by, ':', 2)) FROM unnest(verified) AS pointer)
        WHERE channel = 'department' AND submitted_by LIKE 'department:%' AND verified <> '{}'""")


def downgrade() -> None:
    op.execute("ALTER TABLE cases DROP COLUMN vouchers")
