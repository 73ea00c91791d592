"""Households of an import that an owner's database refused, sealed until they are loaded (docs/import-people.md)."""

from alembic import op

revision = "0013_set_aside"
down_revision = "0012_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""CREATE TABLE import_set_aside (
        household uuid NOT NULL, owner text NOT NULL, chunk uuid NOT NULL, line integer NOT NULL, reason text NOT NULL,
        sealed jsonb NOT NULL, since timestamptz NOT NULL, tried_at timestamptz NOT NULL,
        PRIMARY KEY (household, owner)
    )""")


def downgrade() -> None:
    op.execute("DROP TABLE import_set_aside")
