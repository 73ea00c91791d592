"""Drafts of reports, sealed (gateway/web/report/drafts.py)."""

from alembic import op

revision = "0004_page_drafts"
down_revision = "0003_exchange"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""CREATE TABLE page_drafts (
        id uuid PRIMARY KEY, actor text NOT NULL, life_event text NOT NULL, region text NOT NULL,
        sealed jsonb NOT NULL, changed_at timestamptz NOT NULL
    )""")
    op.execute("CREATE INDEX page_drafts_actor ON page_drafts (actor, changed_at)")
    op.execute("CREATE INDEX page_drafts_changed ON page_drafts (changed_at)")


def downgrade() -> None:
    op.execute("DROP TABLE page_drafts")
