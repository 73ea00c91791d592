"""Cases from before the proofs were told to owners are listed, to be told once (gateway/cases/proofs_retold.py)."""

from alembic import op

revision = "0014_proofs_to_tell"
down_revision = "0013_set_aside"
branch_labels = None
depends_on = None


LISTED = """
    INSERT INTO proofs_to_tell
    SELECT DISTINCT c.id FROM cases c
    JOIN case_procedures proof ON proof.case_id = c.id AND proof.state = 'done'
        AND proof.type IN ('health.death_certificate', 'police.abnormal_death_proof')
    JOIN case_procedures p ON p.case_id = c.id AND p.state IN ('ordered', 'open', 'paused')
        AND p.owner IN ('assistance', 'eldercare', 'funeral', 'marriage', 'gateway')
    WHERE c.status NOT IN ('withdrawing', 'withdrawn', 'revoking', 'revoked')"""


def upgrade() -> None:
    op.execute("CREATE TABLE proofs_to_tell (case_id uuid PRIMARY KEY)")
    op.execute(LISTED)


def downgrade() -> None:
    op.execute("DROP TABLE proofs_to_tell")
