"""A month has one regular payment; what is made up for it may come in several arrears."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE UNIQUE INDEX uq_payments_regular ON payments (holding, month) WHERE NOT arrears")
    op.execute("ALTER TABLE payments DROP CONSTRAINT uq_payments_holding_month_arrears")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE payments ADD CONSTRAINT uq_payments_holding_month_arrears UNIQUE (holding, month, arrears)"
    )
    op.execute("DROP INDEX uq_payments_regular")
