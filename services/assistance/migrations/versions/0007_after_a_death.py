"""What a death asks of others: who needs care in a household, which application goes on in whose name."""

from alembic import op

revision = "0007_after_a_death"
down_revision = "0006_overpayments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE household_members ADD COLUMN needs_care text")
    op.execute(
        """ALTER TABLE applications ADD COLUMN reason text, ADD COLUMN handed_on_from uuid,
           ADD COLUMN handed_on_by uuid"""
    )
    op.execute("CREATE INDEX ix_applications_household ON applications (household)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_applications_household")
    op.execute(
        """ALTER TABLE applications DROP COLUMN reason, DROP COLUMN handed_on_from, DROP COLUMN handed_on_by"""
    )
    op.execute("ALTER TABLE household_members DROP COLUMN needs_care")
