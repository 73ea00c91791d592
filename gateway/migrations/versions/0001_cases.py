"""Cases, their board, feed, tasks and papers; the register of people."""

from alembic import op

from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001_cases"
down_revision = None
branch_labels = None
depends_on = None

# Rows that move many times a second: room on the page keeps the updates off the indexes.
_MOVING = "WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)"

_STATEMENTS = (
    """CREATE TABLE plans (
        id text PRIMARY KEY, life_event text NOT NULL, catalogue_version integer NOT NULL,
        content jsonb NOT NULL, recorded_at timestamptz NOT NULL
    )""",
    f"""CREATE TABLE cases (
        id uuid PRIMARY KEY, case_no text NOT NULL UNIQUE, life_event text NOT NULL, plan text NOT NULL,
        subject uuid NOT NULL, applicant uuid, reporters uuid[] NOT NULL DEFAULT '{{}}',
        persons jsonb NOT NULL DEFAULT '{{}}', kin uuid[] NOT NULL DEFAULT '{{}}',
        region text NOT NULL, regions jsonb NOT NULL DEFAULT '{{}}',
        channel text NOT NULL, submitted_at timestamptz NOT NULL, submitted_by text NOT NULL,
        form jsonb NOT NULL, verified text[] NOT NULL DEFAULT '{{}}',
        status text NOT NULL DEFAULT 'accepted', version integer NOT NULL DEFAULT 1,
        progress integer NOT NULL DEFAULT 0, occurred_at timestamptz, confirmed boolean NOT NULL DEFAULT false,
        doubted boolean NOT NULL DEFAULT false, cleared_at timestamptz,
        issuer_reported boolean NOT NULL DEFAULT false, revocation text, signing text,
        holds text[] NOT NULL DEFAULT '{{}}', conditions jsonb NOT NULL DEFAULT '{{}}',
        answers jsonb NOT NULL DEFAULT '{{}}',
        wishes jsonb NOT NULL DEFAULT '{{}}', asks jsonb NOT NULL DEFAULT '[]',
        open_types text[] NOT NULL DEFAULT '{{}}', changed_at timestamptz NOT NULL
    ) {_MOVING}""",
    """CREATE UNIQUE INDEX cases_live ON cases (life_event, subject)
        WHERE status NOT IN ('withdrawn', 'revoked')""",
    "CREATE INDEX cases_subject ON cases (subject)",
    "CREATE INDEX cases_applicant ON cases (applicant)",
    "CREATE INDEX cases_region ON cases (region text_pattern_ops, submitted_at DESC, id)",
    "CREATE INDEX cases_submitted ON cases (submitted_at DESC, id DESC)",
    f"""CREATE TABLE case_procedures (
        id uuid PRIMARY KEY, case_id uuid NOT NULL REFERENCES cases (id), position smallint NOT NULL,
        type text NOT NULL, owner text NOT NULL, region text NOT NULL,
        round integer NOT NULL, state text NOT NULL, reason text,
        order_no integer NOT NULL, answered integer NOT NULL, outcome_version integer NOT NULL,
        sent text, wanted text, undo_reason text, by_gateway boolean NOT NULL, too_late boolean NOT NULL,
        last_sign_of_life timestamptz, lapses_at timestamptz,
        result jsonb NOT NULL DEFAULT '{{}}', step text, task jsonb, task_id uuid, task_role text, task_region text,
        due_at timestamptz, half_at timestamptz, warn_at timestamptz, provisional boolean NOT NULL DEFAULT false,
        escalation smallint NOT NULL DEFAULT 0, too_late_at timestamptz, undo_kind text,
        opened_at timestamptz, ended_at timestamptz
    ) {_MOVING}""",
    "CREATE INDEX case_procedures_case ON case_procedures (case_id)",
    """CREATE INDEX case_procedures_tasks ON case_procedures (task_region text_pattern_ops, task_role)
        WHERE task_id IS NOT NULL""",
    "CREATE UNIQUE INDEX case_procedures_task ON case_procedures (task_id) WHERE task_id IS NOT NULL",
    "CREATE INDEX case_procedures_lapses ON case_procedures (lapses_at) WHERE state = 'offered'",
    # Every task an owner ever opened, so that a late decision on it is told apart from an unknown one.
    "CREATE TABLE case_tasks (task_id uuid PRIMARY KEY, procedure uuid NOT NULL)",
    """CREATE TABLE case_timeline (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id uuid NOT NULL,
        at timestamptz NOT NULL, actor text NOT NULL, version integer NOT NULL, notes jsonb NOT NULL
    )""",
    "CREATE INDEX case_timeline_case ON case_timeline (case_id, seq)",
    # Read by (xid, seq) below the oldest running transaction: what commits later never lies behind the cursor.
    """CREATE TABLE case_changes (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        case_id uuid NOT NULL, progress integer NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX case_changes_xid ON case_changes (xid, seq)",
    """CREATE TABLE gateway_tasks (
        id uuid PRIMARY KEY, case_id uuid NOT NULL REFERENCES cases (id), procedure uuid, kind text NOT NULL,
        role text NOT NULL, region text NOT NULL, version integer NOT NULL DEFAULT 1,
        facts jsonb NOT NULL DEFAULT '{}', sealed jsonb, opened_at timestamptz NOT NULL, due_at timestamptz,
        half_at timestamptz, warn_at timestamptz, provisional boolean NOT NULL DEFAULT false,
        closed_at timestamptz, closed_by text, decision text, reason text
    )""",
    """CREATE UNIQUE INDEX gateway_tasks_standing ON gateway_tasks
        (case_id, kind, (coalesce(procedure, '00000000-0000-0000-0000-000000000000'::uuid)))
        WHERE closed_at IS NULL AND kind <> 'content_conflict'""",
    """CREATE INDEX gateway_tasks_open ON gateway_tasks (region text_pattern_ops, role)
        WHERE closed_at IS NULL""",
    "CREATE INDEX gateway_tasks_case ON gateway_tasks (case_id)",
    """CREATE TABLE case_reports (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id uuid NOT NULL REFERENCES cases (id),
        at timestamptz NOT NULL, actor text NOT NULL, channel text NOT NULL, applicant uuid, form jsonb NOT NULL
    )""",
    "CREATE INDEX case_reports_case ON case_reports (case_id, seq)",
    """CREATE TABLE case_materials (
        id uuid PRIMARY KEY, case_id uuid NOT NULL REFERENCES cases (id), material text NOT NULL,
        media_type text NOT NULL, size_bytes integer NOT NULL, digest bytea NOT NULL, sealed jsonb NOT NULL,
        added_by text NOT NULL, added_at timestamptz NOT NULL
    )""",
    "CREATE INDEX case_materials_case ON case_materials (case_id)",
    # The register of people. `persons`, casework's lock rows, is another table.
    """CREATE TABLE people (
        person uuid PRIMARY KEY, region text, household uuid, recorded_at timestamptz NOT NULL
    )""",
    "CREATE INDEX people_household ON people (household) WHERE household IS NOT NULL",
    "CREATE INDEX people_region ON people (region text_pattern_ops, person)",
    """CREATE TABLE person_identifiers (
        kind text NOT NULL, blind_index bytea NOT NULL, key_version integer NOT NULL, person uuid NOT NULL,
        PRIMARY KEY (kind, blind_index, key_version)
    )""",
    "CREATE INDEX person_identifiers_person ON person_identifiers (person)",
    """CREATE TABLE person_details (
        person uuid PRIMARY KEY, name_index bytea NOT NULL, sealed jsonb NOT NULL
    )""",
    "CREATE INDEX person_details_name ON person_details (name_index)",
    """CREATE TABLE person_relations (
        person uuid NOT NULL, relative uuid NOT NULL, relation text NOT NULL, PRIMARY KEY (person, relative)
    )""",
)
_TABLES = (
    "person_relations", "person_details", "person_identifiers", "people", "case_materials", "case_reports",
    "gateway_tasks", "case_changes", "case_timeline", "case_tasks", "case_procedures", "cases", "plans",
)


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    drop_messaging(op)
    drop_kernel_tables(op)
