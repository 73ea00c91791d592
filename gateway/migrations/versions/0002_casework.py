"""The gateway as an owner: casework's own tables."""

from alembic import op

from casework.migration import create_casework

revision = "0002_casework"
down_revision = "0001_cases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_casework(op)
