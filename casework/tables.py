"""The tables of an owner's side, the same in every owner's database, the gateway's included.

Legal times are `timestamptz`. `memory` is the module's own and never leaves the owner; `result` is public.
`procedure_tasks` keeps every human step with its decision: the record of who decided what on which facts.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True, slots=True)
class CaseworkTables:
    """One owner's casework tables."""

    person_locks: Table
    case_files: Table
    procedures: Table
    procedure_tasks: Table
    fact_copies: Table
    fact_statements: Table
    decided_on: Table
    calendar_standing: Table


def casework_tables(metadata: MetaData) -> CaseworkTables:
    """Register the tables on a service's metadata (a second call returns the same tables)."""
    if "procedures" not in metadata.tables:
        _people_and_cases(metadata)
        _procedures(metadata)
        _tasks(metadata)
        _facts(metadata)
        _calendar(metadata)
    return CaseworkTables(**{name: metadata.tables[name] for name in CaseworkTables.__dataclass_fields__})


def _instant(name: str, *, nullable: bool = True) -> Column:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _needed(name: str, kind: Any) -> Column:
    return Column(name, kind, nullable=False)


def _people_and_cases(metadata: MetaData) -> None:
    Table(
        "person_locks", metadata,
        Column("person", Uuid, primary_key=True),
        Column("dead_from", Date),
    )  # fmt: skip
    Table(
        "case_files", metadata,
        Column("case_id", Uuid, primary_key=True), _needed("case_no", Text), _needed("case_version", Integer),
        _needed("life_event", Text), _needed("subject", Uuid), _needed("persons", JSONB), _needed("region", Text),
        _instant("occurred_at", nullable=False), _needed("effective_on", Date), _needed("confirmed", Boolean),
        Column("sealed", JSONB), _needed("evidence", JSONB),
        Index("ix_case_files_subject", "subject"),
    )  # fmt: skip


def _procedures(metadata: MetaData) -> None:
    Table(
        "procedures", metadata,
        Column("id", Uuid, primary_key=True), _needed("case_id", Uuid), _needed("type", Text),
        _needed("subject", Uuid), _needed("region", Text), _needed("terms", JSONB), _needed("state", Text),
        Column("step", Text), Column("extra_step", JSONB), Column("reason", Text), _needed("order_no", Integer),
        _needed("version", Integer), _needed("case_version", Integer), _needed("result", JSONB),
        _needed("memory", JSONB), _needed("human", Boolean), Column("undo_reason", Text), Column("undo_kind", Text),
        Column("signal", Text), Column("task_id", Uuid), _needed("task_facts", JSONB),
        _instant("opened_at", nullable=False), _instant("step_at"), _instant("no_return_at"), _instant("paused_at"),
        Column("pause_reason", Text), _instant("due_at"), _instant("half_at"), _instant("warn_at"),
        _instant("task_due_at"), _needed("provisional", Boolean), _needed("escalation", Integer),
        _instant("wake_at"), _instant("next_check_at"), _instant("too_late_at"), _instant("ended_at"),
        _instant("changed_at", nullable=False), _needed("pauses", JSONB), _needed("task_provisional", Boolean),
        Index("ix_procedures_next_check", "next_check_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_procedures_task_id", "task_id", unique=True),
        Index("ix_procedures_case_id", "case_id"),
        Index("ix_procedures_subject", "subject"),
    )  # fmt: skip


def _tasks(metadata: MetaData) -> None:
    Table(
        "procedure_tasks", metadata,
        Column("id", Uuid, primary_key=True), _needed("procedure", Uuid), _needed("step", Text),
        _instant("opened_at", nullable=False), _instant("closed_at"), Column("decision", Text), Column("reason", Text),
        Column("data", JSONB), Column("decided_by", Text), Column("facts", JSONB),
        Index("ix_procedure_tasks_procedure", "procedure"),
    )  # fmt: skip


def _facts(metadata: MetaData) -> None:
    def body() -> list[Column]:
        return [
            _needed("fact_version", BigInteger), Column("effective_on", Date),
            _instant("recorded_at", nullable=False), _needed("state", JSONB),
        ]  # fmt: skip

    Table(
        "fact_copies", metadata, _needed("person", Uuid), _needed("fact", Text), _needed("owner", Text), *body(),
        PrimaryKeyConstraint("person", "fact", "owner"),
    )  # fmt: skip
    Table(
        "fact_statements", metadata, _needed("person", Uuid), _needed("fact", Text), *body(),
        PrimaryKeyConstraint("person", "fact"),
    )  # fmt: skip
    Table(
        "decided_on", metadata, _needed("procedure", Uuid), _needed("fact", Text), _needed("person", Uuid),
        _needed("fact_version", BigInteger), PrimaryKeyConstraint("procedure", "fact", "person"),
        Index("ix_decided_on_person", "person", "fact"),
    )  # fmt: skip


def _calendar(metadata: MetaData) -> None:
    """One row: the working calendar that every limit here stands on, and how far a move to another one has come."""
    Table(
        "calendar_standing", metadata,
        Column("id", Integer, primary_key=True, autoincrement=False), _needed("years", JSONB),
        Column("target", JSONB), Column("since", Date), _needed("stage", Integer), Column("after", Uuid),
    )  # fmt: skip
