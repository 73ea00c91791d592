"""Requests to the sources of a joint query, and the record of who looked at what (docs/decisions/0015)."""

from alembic import op

from gateway.assets.migration import create_lookups, drop_lookups

revision = "0009_asset_query"
down_revision = "0008_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE deliveries ADD COLUMN asked_by uuid")
    op.execute("CREATE INDEX deliveries_asked_by ON deliveries (asked_by) WHERE asked_by IS NOT NULL")
    create_lookups(op)


def downgrade() -> None:
    drop_lookups(op)
    op.execute("DROP INDEX deliveries_asked_by")
    op.execute("ALTER TABLE deliveries DROP COLUMN asked_by")
