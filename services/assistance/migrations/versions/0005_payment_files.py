"""Payment files: a run is prepared with its lines, and released; what may not go out then stays for the next."""

from alembic import op

revision = "0005_payment_files"
down_revision = "0004_clocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE payment_files (
            id uuid NOT NULL,
            region text NOT NULL,
            month date NOT NULL,
            prepared_at timestamptz NOT NULL,
            lines integer NOT NULL,
            total_fen bigint NOT NULL,
            released_at timestamptz,
            held_lines integer NOT NULL DEFAULT 0,
            held_fen bigint NOT NULL DEFAULT 0,
            state text GENERATED ALWAYS AS
                (CASE WHEN released_at IS NULL THEN 'prepared' ELSE 'released' END) STORED,
            CONSTRAINT pk_payment_files PRIMARY KEY (id)
        )"""
    )
    op.execute("CREATE INDEX ix_payment_files_region ON payment_files (region, month)")
    op.execute(
        """CREATE TABLE payment_file_lines (
            file uuid NOT NULL,
            payment uuid NOT NULL,
            holding uuid NOT NULL,
            kind text NOT NULL,
            household uuid,
            beneficiary uuid,
            payee uuid NOT NULL,
            month date NOT NULL,
            amount_fen bigint NOT NULL,
            arrears boolean NOT NULL,
            funding_source text NOT NULL,
            held_for text,
            CONSTRAINT pk_payment_file_lines PRIMARY KEY (file, payment)
        )"""
    )
    op.execute("CREATE INDEX ix_payment_file_lines_payment ON payment_file_lines (payment)")
    op.execute("ALTER TABLE payments ADD COLUMN file uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE payments DROP COLUMN file")
    op.execute("DROP TABLE payment_file_lines")
    op.execute("DROP TABLE payment_files")
