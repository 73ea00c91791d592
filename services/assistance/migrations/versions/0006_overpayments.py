"""What was paid for months after a death is a record of its own, with every fen that comes back."""

from alembic import op

revision = "0006_overpayments"
down_revision = "0005_payment_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE overpayments (
            id uuid NOT NULL,
            holding uuid NOT NULL,
            subject uuid NOT NULL,
            found_by uuid NOT NULL,
            payee uuid NOT NULL,
            months date[] NOT NULL,
            amount_fen bigint NOT NULL,
            legal_basis text NOT NULL,
            found_at timestamptz NOT NULL,
            proposal text,
            decision text,
            instalments integer,
            decided_at timestamptz,
            letter_from date,
            repaid_fen bigint NOT NULL DEFAULT 0,
            waived_fen bigint NOT NULL DEFAULT 0,
            taken_back boolean NOT NULL DEFAULT false,
            state text GENERATED ALWAYS AS (CASE WHEN taken_back THEN 'taken_back'
                WHEN decision IS NULL THEN CASE WHEN proposal IS NULL THEN 'found' ELSE 'proposed' END
                WHEN decision = 'waive' THEN 'waived'
                WHEN repaid_fen >= amount_fen THEN 'repaid'
                WHEN instalments > 1 THEN 'instalments' ELSE 'decided' END) STORED,
            CONSTRAINT pk_overpayments PRIMARY KEY (id),
            CONSTRAINT ck_overpayments_amounts_not_negative
                CHECK (amount_fen >= 0 AND repaid_fen >= 0 AND waived_fen >= 0)
        )"""
    )
    op.execute("CREATE UNIQUE INDEX uq_overpayments_holding ON overpayments (holding, found_by)")
    op.execute("CREATE INDEX ix_overpayments_subject ON overpayments (subject)")
    op.execute(
        """CREATE TABLE overpayment_movements (
            id uuid NOT NULL,
            overpayment uuid NOT NULL,
            amount_fen bigint NOT NULL,
            moved_on date NOT NULL,
            recorded_at timestamptz NOT NULL,
            CONSTRAINT pk_overpayment_movements PRIMARY KEY (id),
            CONSTRAINT ck_overpayment_movements_amount_moves CHECK (amount_fen <> 0)
        )"""
    )
    op.execute("CREATE INDEX ix_overpayment_movements_overpayment ON overpayment_movements (overpayment)")


def downgrade() -> None:
    op.execute("DROP TABLE overpayment_movements")
    op.execute("DROP TABLE overpayments")
