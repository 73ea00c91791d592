"""What the county said of decisions that townships made by a delegated power (R01, SA-044): filed, upheld, annulled."""

from alembic import op

revision = "0017_filings"
down_revision = "0016_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""CREATE TABLE decision_filings (
        procedure uuid NOT NULL, outcome_version integer NOT NULL,
        finding text NOT NULL CHECK (finding IN ('filed', 'upheld', 'annulled')), reason text NOT NULL,
        said_by text NOT NULL, said_at timestamptz NOT NULL, PRIMARY KEY (procedure, outcome_version)
    )""")


def downgrade() -> None:
    op.execute("DROP TABLE decision_filings")
