"""Deliveries to departments, holds, reports by departments, demo departments, messages."""

from alembic import op

from gateway.exchange.migration import create_exchange, drop_exchange

revision = "0003_exchange"
down_revision = "0002_casework"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_exchange(op)


def downgrade() -> None:
    drop_exchange(op)
