"""What proves the event of a case, as the orders tell it."""

from alembic import op

from casework.migration import add_evidence, drop_evidence

revision = "0002_evidence"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_evidence(op)


def downgrade() -> None:
    drop_evidence(op)
