"""Clocks: pauses on record, the clock of questions and of deliveries, the calendar all limits stand on (decision 0012).

What a department owes already keeps the instants it was given; silence is counted from the request as it stands.
"""

from alembic import op

from casework.migration import add_clocks, drop_clocks

revision = "0011_clocks"
down_revision = "0010_import"
branch_labels = None
depends_on = None

_ADD = (
    "ALTER TABLE case_procedures ADD COLUMN paused_at timestamptz",
    "ALTER TABLE gateway_tasks ADD COLUMN escalation smallint NOT NULL DEFAULT 0",
    "ALTER TABLE gateway_tasks ADD COLUMN next_check_at timestamptz",
    "UPDATE gateway_tasks SET next_check_at = half_at WHERE closed_at IS NULL",
    "CREATE INDEX gateway_tasks_next_check ON gateway_tasks (next_check_at) WHERE closed_at IS NULL",
    "ALTER TABLE deliveries ADD COLUMN limit_amount integer",
    "ALTER TABLE deliveries ADD COLUMN limit_unit text",
    "ALTER TABLE deliveries ADD COLUMN limit_at timestamptz",
    "ALTER TABLE deliveries ADD COLUMN asked_at timestamptz",
    "ALTER TABLE deliveries ADD COLUMN rung smallint NOT NULL DEFAULT 0",
    "ALTER TABLE deliveries ADD COLUMN paused_at timestamptz",
    "ALTER TABLE deliveries ADD COLUMN pause_reason text",
    "ALTER TABLE deliveries ADD COLUMN pauses jsonb NOT NULL DEFAULT '[]'",
    "UPDATE deliveries SET rung = 2 WHERE due_at IS NULL AND next_check_at IS NOT NULL",
)
_DROP = (
    "ALTER TABLE deliveries DROP COLUMN pauses, DROP COLUMN pause_reason, DROP COLUMN paused_at, DROP COLUMN rung, DROP COLUMN asked_at,"
    " DROP COLUMN limit_at, DROP COLUMN limit_unit, DROP COLUMN limit_amount",
    "DROP INDEX gateway_tasks_next_check",
    "ALTER TABLE gateway_tasks DROP COLUMN next_check_at, DROP COLUMN escalation",
    "ALTER TABLE case_procedures DROP COLUMN paused_at",
)


def upgrade() -> None:
    add_clocks(op)
    for statement in _ADD:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DROP:
        op.execute(statement)
    drop_clocks(op)
