"""What Civil Code 51 needs: marriages that resume from a day, those found void, whoever returned to no marriage."""

from alembic import op

revision = "0004_article_51"
down_revision = "0003_clocks"
branch_labels = None
depends_on = None


def states(*names: str) -> None:
    op.execute("ALTER TABLE couples DROP CONSTRAINT ck_couples_state_known")
    known = ", ".join(f"'{name}'" for name in names)
    op.execute(f"ALTER TABLE couples ADD CONSTRAINT ck_couples_state_known CHECK (state IN ({known}))")


def upgrade() -> None:
    states("married", "widowed", "divorced", "void")
    op.execute("ALTER TABLE couples ADD COLUMN resumed_on date, ADD COLUMN returned boolean NOT NULL DEFAULT false")
    op.execute(
        """CREATE TABLE interruptions (
        id uuid NOT NULL,
        couple uuid NOT NULL,
        ended_on date NOT NULL,
        ended_by uuid,
        died uuid,
        resumed_on date NOT NULL,
        CONSTRAINT pk_interruptions PRIMARY KEY (id),
        CONSTRAINT fk_interruptions_couple_couples FOREIGN KEY (couple) REFERENCES couples (id)
    )"""
    )
    op.execute("CREATE INDEX ix_interruptions_couple ON interruptions (couple)")
    op.execute("ALTER TABLE unwilling ADD COLUMN recorded_by text")


def downgrade() -> None:
    op.execute("ALTER TABLE unwilling DROP COLUMN recorded_by")
    op.execute("DROP TABLE interruptions")
    op.execute("ALTER TABLE couples DROP COLUMN resumed_on, DROP COLUMN returned")
    states("married", "widowed", "divorced")
