"""The DDL of the casework tables, for each owner's Alembic revisions: `create_casework(op)`, `add_evidence(op)`."""

from typing import Protocol

_CREATE = (
    "CREATE TABLE person_locks (person uuid NOT NULL, dead_from date, CONSTRAINT pk_person_locks PRIMARY KEY (person))",
    """CREATE TABLE case_files (
        case_id uuid NOT NULL,
        case_no text NOT NULL,
        case_version integer NOT NULL,
        life_event text NOT NULL,
        subject uuid NOT NULL,
        persons jsonb NOT NULL,
        region text NOT NULL,
        occurred_at timestamptz NOT NULL,
        effective_on date NOT NULL,
        confirmed boolean NOT NULL,
        sealed jsonb,
        CONSTRAINT pk_case_files PRIMARY KEY (case_id)
    )""",
    "CREATE INDEX ix_case_files_subject ON case_files (subject)",
    """CREATE TABLE procedures (
        id uuid NOT NULL,
        case_id uuid NOT NULL,
        type text NOT NULL,
        subject uuid NOT NULL,
        region text NOT NULL,
        terms jsonb NOT NULL,
        state text NOT NULL,
        step text,
        extra_step jsonb,
        reason text,
        order_no integer NOT NULL,
        version integer NOT NULL,
        case_version integer NOT NULL,
        result jsonb NOT NULL,
        memory jsonb NOT NULL,
        human boolean NOT NULL,
        undo_reason text,
        undo_kind text,
        signal text,
        task_id uuid,
        task_facts jsonb NOT NULL,
        opened_at timestamptz NOT NULL,
        step_at timestamptz,
        no_return_at timestamptz,
        paused_at timestamptz,
        pause_reason text,
        due_at timestamptz,
        half_at timestamptz,
        warn_at timestamptz,
        task_due_at timestamptz,
        provisional boolean NOT NULL,
        escalation integer NOT NULL,
        wake_at timestamptz,
        next_check_at timestamptz,
        too_late_at timestamptz,
        ended_at timestamptz,
        changed_at timestamptz NOT NULL,
        CONSTRAINT pk_procedures PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_procedures_next_check ON procedures (next_check_at) WHERE ended_at IS NULL",
    "CREATE UNIQUE INDEX ix_procedures_task_id ON procedures (task_id)",
    "CREATE INDEX ix_procedures_case_id ON procedures (case_id)",
    "CREATE INDEX ix_procedures_subject ON procedures (subject)",
    """CREATE TABLE procedure_tasks (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        step text NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz,
        decision text,
        reason text,
        data jsonb,
        decided_by text,
        facts jsonb,
        CONSTRAINT pk_procedure_tasks PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_procedure_tasks_procedure ON procedure_tasks (procedure)",
    """CREATE TABLE fact_copies (
        person uuid NOT NULL,
        fact text NOT NULL,
        owner text NOT NULL,
        fact_version bigint NOT NULL,
        effective_on date,
        recorded_at timestamptz NOT NULL,
        state jsonb NOT NULL,
        CONSTRAINT pk_fact_copies PRIMARY KEY (person, fact, owner)
    )""",
    """CREATE TABLE fact_statements (
        person uuid NOT NULL,
        fact text NOT NULL,
        fact_version bigint NOT NULL,
        effective_on date,
        recorded_at timestamptz NOT NULL,
        state jsonb NOT NULL,
        CONSTRAINT pk_fact_statements PRIMARY KEY (person, fact)
    )""",
    """CREATE TABLE decided_on (
        procedure uuid NOT NULL,
        fact text NOT NULL,
        person uuid NOT NULL,
        fact_version bigint NOT NULL,
        CONSTRAINT pk_decided_on PRIMARY KEY (procedure, fact, person)
    )""",
    "CREATE INDEX ix_decided_on_person ON decided_on (person, fact)",
)
_DROP = (
    "decided_on", "fact_statements", "fact_copies", "procedure_tasks", "procedures", "case_files", "person_locks",
)  # fmt: skip


class Operations(Protocol):
    """As much of Alembic's `op` as is needed."""

    def execute(self, sqltext: str) -> object:
        """Run one statement."""


def create_casework(op: Operations) -> None:
    """Make person_locks, case_files, procedures, procedure_tasks, fact_copies, fact_statements, decided_on."""
    for statement in _CREATE:
        op.execute(statement)


def add_evidence(op: Operations) -> None:
    """Each owner's second step: what proves the event of a case, `[{type, version, released}]` (contracts.orders).

    Of the cases that stand nothing is known here until their next order; nothing irreversible rests on an empty list.
    """
    op.execute("ALTER TABLE case_files ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]'")


def drop_evidence(op: Operations) -> None:
    """Undo add_evidence."""
    op.execute("ALTER TABLE case_files DROP COLUMN evidence")


def drop_casework(op: Operations) -> None:
    """Undo create_casework."""
    for table in _DROP:
        op.execute(f"DROP TABLE {table}")


_ADD_CLOCKS = (
    # What stood here named the question; it waits for papers.
    "UPDATE procedures SET pause_reason = 'papers' WHERE pause_reason IS NOT NULL AND pause_reason <> 'hold'",
    "ALTER TABLE procedures ADD COLUMN pauses jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE procedures ADD COLUMN task_provisional boolean NOT NULL DEFAULT false",
    """CREATE TABLE calendar_standing (
        id integer NOT NULL,
        years jsonb NOT NULL,
        target jsonb,
        since date,
        stage integer NOT NULL DEFAULT 0,
        after uuid,
        CONSTRAINT pk_calendar_standing PRIMARY KEY (id),
        CONSTRAINT ck_calendar_standing_one_row CHECK (id = 1)
    )""",
)


def add_clocks(op: Operations) -> None:
    """Pauses and the task's own mark on procedures, and the calendar that all limits stand on (decision 0012)."""
    for statement in _ADD_CLOCKS:
        op.execute(statement)


def drop_clocks(op: Operations) -> None:
    """Undo add_clocks."""
    op.execute("DROP TABLE calendar_standing")
    op.execute("ALTER TABLE procedures DROP COLUMN task_provisional")
    op.execute("ALTER TABLE procedures DROP COLUMN pauses")
