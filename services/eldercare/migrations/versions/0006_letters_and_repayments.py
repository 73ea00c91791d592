"""The day of a letter comes from the row's own wait; what comes back is on record with its reference."""

from alembic import op

revision = "0006_letters_and_repayments"
down_revision = "0005_counters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE overpayments ADD COLUMN letter_from date")
    op.execute("ALTER TABLE overpayments ALTER COLUMN quiet_until DROP NOT NULL")
    op.execute(
        "UPDATE overpayments SET letter_from = quiet_until WHERE decision = 'recover' AND decided_at IS NOT NULL"
    )
    op.execute(
        """CREATE TABLE overpayment_movements (
            id uuid CONSTRAINT pk_overpayment_movements PRIMARY KEY,
            overpayment uuid NOT NULL,
            amount_fen bigint NOT NULL,
            moved_on date NOT NULL,
            reference text NOT NULL,
            recorded_by text NOT NULL,
            recorded_at timestamptz NOT NULL,
            CONSTRAINT ck_overpayment_movements_amount_moves CHECK (amount_fen <> 0))"""
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_overpayment_movements_reference ON overpayment_movements (overpayment, reference)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE overpayment_movements")
    op.execute("UPDATE overpayments SET quiet_until = coalesce(quiet_until, letter_from, changed_at::date + 49)")
    op.execute("ALTER TABLE overpayments ALTER COLUMN quiet_until SET NOT NULL")
    op.execute("ALTER TABLE overpayments DROP COLUMN letter_from")
