"""The DDL of the exchange: called by the gateway's third Alembic revision."""

from typing import Protocol

# Rows that move several times in their first seconds and then rest.
_MOVING = "WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)"

_CREATE = (
    f"""CREATE TABLE deliveries (
        id uuid PRIMARY KEY, procedure uuid NOT NULL, case_id uuid NOT NULL, case_no text NOT NULL,
        case_version integer NOT NULL, type text NOT NULL, department text NOT NULL, region text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('task', 'correction', 'undo')),
        state text NOT NULL CHECK (state IN ('pending', 'sent', 'cancelling', 'told', 'answered', 'cancelled',
                                             'replaced')),
        order_no integer NOT NULL, version integer NOT NULL, outcome text NOT NULL, step text NOT NULL,
        undo text NOT NULL, opened_at timestamptz NOT NULL, held_by text[] NOT NULL DEFAULT '{{}}',
        evidence boolean NOT NULL DEFAULT false, reason text, result jsonb NOT NULL DEFAULT '{{}}', answer text,
        sealed jsonb, undo_reason text, undo_kind text, signal text, too_late_at timestamptz, due_at timestamptz,
        half_at timestamptz, warn_at timestamptz, provisional boolean NOT NULL DEFAULT false,
        escalation smallint NOT NULL DEFAULT 0, next_check_at timestamptz, cancel_for text, replaces uuid,
        current boolean NOT NULL DEFAULT true, task_id uuid, task_kind text, task_at timestamptz,
        sent_at timestamptz, leased_until timestamptz, answered_at timestamptz, done_at timestamptz,
        attempts integer NOT NULL DEFAULT 0, failure text
    ) {_MOVING}""",
    "CREATE UNIQUE INDEX deliveries_current ON deliveries (procedure) WHERE current",
    "CREATE INDEX deliveries_procedure ON deliveries (procedure) WHERE NOT current",
    """CREATE INDEX deliveries_unanswered ON deliveries (department, state, due_at, id)
        WHERE state IN ('pending', 'sent', 'cancelling', 'told')""",
    "CREATE INDEX deliveries_next_check ON deliveries (next_check_at) WHERE next_check_at IS NOT NULL",
    "CREATE UNIQUE INDEX deliveries_task ON deliveries (task_id) WHERE task_id IS NOT NULL",
    """CREATE TABLE holds (
        id uuid PRIMARY KEY, department text NOT NULL, source_no text NOT NULL, case_id uuid, person uuid,
        kind text NOT NULL, sealed jsonb NOT NULL, placed_at timestamptz NOT NULL, handed_at timestamptz,
        released_at timestamptz, release_no text, release_handed_at timestamptz, version integer NOT NULL DEFAULT 1,
        UNIQUE (department, source_no), CHECK (case_id IS NOT NULL OR person IS NOT NULL)
    )""",
    "CREATE INDEX holds_case ON holds (case_id) WHERE released_at IS NULL",
    "CREATE INDEX holds_person ON holds (person) WHERE released_at IS NULL",
    """CREATE INDEX holds_to_hand ON holds (placed_at)
        WHERE handed_at IS NULL OR (released_at IS NOT NULL AND release_handed_at IS NULL)""",
    """CREATE TABLE life_event_sources (
        department text NOT NULL, source_no text NOT NULL, version integer NOT NULL, case_id uuid NOT NULL,
        case_no text NOT NULL, recorded_at timestamptz NOT NULL, PRIMARY KEY (department, source_no)
    )""",
    """CREATE TABLE demo_departments (
        department text PRIMARY KEY,
        mode text NOT NULL CHECK (mode IN ('prompt', 'slow', 'error', 'silent', 'wrong', 'manual')),
        delay_seconds double precision NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE messages (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, case_id uuid NOT NULL,
        case_no text NOT NULL, channel text NOT NULL, sealed jsonb NOT NULL
    )""",
    "CREATE INDEX messages_case ON messages (case_no)",
)
TABLES = ("messages", "demo_departments", "life_event_sources", "holds", "deliveries")


class Operations(Protocol):
    """As much of Alembic's `op` as is needed."""

    def execute(self, statement: str) -> object:
        """Run one statement."""


def create_exchange(op: Operations) -> None:
    """Make deliveries, holds, life_event_sources, demo_departments and messages."""
    for statement in _CREATE:
        op.execute(statement)


def drop_exchange(op: Operations) -> None:
    """Undo create_exchange."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
