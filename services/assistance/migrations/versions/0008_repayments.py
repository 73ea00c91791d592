"""Records of overpayments have a version; who told of money that came back, who made and who released a file."""

from alembic import op

revision = "0008_repayments"
down_revision = "0007_after_a_death"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE overpayments ADD COLUMN version integer NOT NULL DEFAULT 1")
    op.execute("ALTER TABLE overpayment_movements ADD COLUMN reference text, ADD COLUMN recorded_by text")
    op.execute("ALTER TABLE payment_files ADD COLUMN prepared_by text, ADD COLUMN released_by text")


def downgrade() -> None:
    op.execute("ALTER TABLE payment_files DROP COLUMN prepared_by, DROP COLUMN released_by")
    op.execute("ALTER TABLE overpayment_movements DROP COLUMN reference, DROP COLUMN recorded_by")
    op.execute("ALTER TABLE overpayments DROP COLUMN version")
