"""What proves the event of a case: kept by the gateway as an owner, and whether the police have set the body free."""

from alembic import op

from casework.migration import add_evidence, drop_evidence

revision = "0006_evidence"
down_revision = "0005_vouchers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_evidence(op)
    op.execute("ALTER TABLE case_procedures ADD COLUMN body_released boolean")


def downgrade() -> None:
    op.execute("ALTER TABLE case_procedures DROP COLUMN body_released")
    drop_evidence(op)
