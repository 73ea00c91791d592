"""The owner's rows in memory, and their one-statement reads and writes (design 5 and 11.19)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from casework.procedure import Form, Procedure
from contracts.orders import Evidence
from contracts.outcomes import OwnerState
from contracts.terms import Step, Terms, UndoReason
from kernel.messaging.transaction import Transaction
from kernel.public_service.pauses import Pause, pauses_of


@dataclass(slots=True)
class CaseFile:
    """What this owner knows of a case: the newest version an order has brought."""

    case_id: UUID
    case_no: str
    case_version: int
    life_event: str
    subject: UUID
    persons: Mapping[str, UUID]
    region: str
    occurred_at: datetime
    effective_on: date
    confirmed: bool
    sealed: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(slots=True)
class Row:
    """One procedure row. JSON columns are held as values, `terms` as parsed once per distinct text."""

    id: UUID
    case_id: UUID
    type: str
    subject: UUID
    region: str
    terms: Terms
    opened_at: datetime
    changed_at: datetime
    state: OwnerState | None = None
    step: str | None = None
    extra_step: Step | None = None
    reason: str | None = None
    order_no: int = 0
    version: int = 0
    case_version: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    human: bool = False
    undo_reason: str | None = None
    undo_kind: str | None = None
    signal: str | None = None
    task_id: UUID | None = None
    task_facts: Mapping[str, Any] = field(default_factory=dict)
    step_at: datetime | None = None
    no_return_at: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: str | None = None
    due_at: datetime | None = None
    half_at: datetime | None = None
    warn_at: datetime | None = None
    task_due_at: datetime | None = None
    provisional: bool = False
    escalation: int = 0
    wake_at: datetime | None = None
    next_check_at: datetime | None = None
    too_late_at: datetime | None = None
    ended_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    task_provisional: bool = False


_COLUMNS: Mapping[str, str] = {
    "id": "uuid", "case_id": "uuid", "type": "text", "subject": "uuid", "region": "text", "terms": "jsonb",
    "state": "text", "step": "text", "extra_step": "jsonb", "reason": "text", "order_no": "integer",
    "version": "integer", "case_version": "integer", "result": "jsonb", "memory": "jsonb", "human": "boolean",
    "undo_reason": "text", "undo_kind": "text", "signal": "text", "task_id": "uuid", "task_facts": "jsonb",
    "opened_at": "timestamptz", "step_at": "timestamptz", "no_return_at": "timestamptz", "paused_at": "timestamptz",
    "pause_reason": "text", "due_at": "timestamptz", "half_at": "timestamptz", "warn_at": "timestamptz",
    "task_due_at": "timestamptz", "provisional": "boolean", "escalation": "integer", "wake_at": "timestamptz",
    "next_check_at": "timestamptz", "too_late_at": "timestamptz", "ended_at": "timestamptz",
    "changed_at": "timestamptz", "pauses": "jsonb", "task_provisional": "boolean",
}  # fmt: skip
_FIXED = frozenset({"case_id", "type", "subject"})


def _array(name: str, kind: str) -> str:
    return f"CAST(:{name} AS {'text' if kind == 'jsonb' else kind}[])"


def _value(name: str, kind: str) -> str:
    return f"CAST(new.{name} AS jsonb)" if kind == "jsonb" else f"new.{name}"


_NEW = f"unnest({', '.join(_array(*column) for column in _COLUMNS.items())}) AS new({', '.join(_COLUMNS)})"
_WRITE = text(
    f"""INSERT INTO procedures ({", ".join(_COLUMNS)})
        SELECT {", ".join(_value(*column) for column in _COLUMNS.items())} FROM {_NEW}
        ON CONFLICT (id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _FIXED and name != "id")}"""
)
_CASE_COLUMNS = (
    "c.case_no, c.case_version AS case_file_version, c.life_event, c.subject AS case_subject, "
    "CAST(c.persons AS text) AS persons, c.region AS case_region, c.occurred_at, c.effective_on, c.confirmed, "
    "CAST(c.sealed AS text) AS sealed, CAST(c.evidence AS text) AS evidence"
)
# JSON leaves the database as text: terms are parsed once per distinct text, sealed parts only when opened.
_PROCEDURE_COLUMNS = ", ".join(
    f"CAST(p.{name} AS text) AS {name}" if kind == "jsonb" else f"p.{name}" for name, kind in _COLUMNS.items()
)
_JOINED = f"SELECT {_PROCEDURE_COLUMNS}, {_CASE_COLUMNS} FROM procedures p JOIN case_files c ON c.case_id = p.case_id"
_LOCK_BY_ID = text(f"{_JOINED} WHERE p.id = ANY(CAST(:ids AS uuid[])) ORDER BY p.id FOR UPDATE OF p")
_READ_BY_ID = text(f"{_JOINED} WHERE p.id = ANY(CAST(:ids AS uuid[])) ORDER BY p.id")
_LOCK_CASES = text(
    """SELECT case_id, case_no, case_version, life_event, subject, CAST(persons AS text) AS persons, region,
              occurred_at, effective_on, confirmed, CAST(sealed AS text) AS sealed, CAST(evidence AS text) AS evidence
         FROM case_files WHERE case_id = ANY(CAST(:ids AS uuid[])) ORDER BY case_id FOR UPDATE"""
)
_CASES = text(
    """INSERT INTO case_files (case_id, case_no, case_version, life_event, subject, persons, region, occurred_at,
                               effective_on, confirmed, sealed, evidence)
       SELECT case_id, case_no, case_version, life_event, subject, CAST(persons AS jsonb), region, occurred_at,
              effective_on, confirmed, CAST(sealed AS jsonb), CAST(evidence AS jsonb)
         FROM unnest(CAST(:case_id AS uuid[]), CAST(:case_no AS text[]), CAST(:case_version AS integer[]),
              CAST(:life_event AS text[]), CAST(:subject AS uuid[]), CAST(:persons AS text[]),
              CAST(:region AS text[]), CAST(:occurred_at AS timestamptz[]), CAST(:effective_on AS date[]),
              CAST(:confirmed AS boolean[]), CAST(:sealed AS text[]), CAST(:evidence AS text[]))
           AS new(case_id, case_no, case_version, life_event, subject, persons, region, occurred_at, effective_on,
                  confirmed, sealed, evidence)
       ON CONFLICT (case_id) DO UPDATE SET case_version = excluded.case_version, subject = excluded.subject,
           persons = excluded.persons, region = excluded.region, occurred_at = excluded.occurred_at,
           effective_on = excluded.effective_on, confirmed = excluded.confirmed, evidence = excluded.evidence,
           sealed = coalesce(excluded.sealed, case_files.sealed)"""
)


@lru_cache(maxsize=4096)
def _terms(json_text: str) -> Terms:
    return Terms.model_validate_json(json_text)


@lru_cache(maxsize=1024)
def _evidence(json_text: str) -> tuple[Evidence, ...]:
    return tuple(Evidence.model_validate(each) for each in orjson.loads(json_text))


@lru_cache(maxsize=1024)
def _step(json_text: str) -> Step:
    return Step.model_validate_json(json_text)


def json_text(value: Any) -> str:
    """JSON for a jsonb column; UUIDs, dates and models included."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Terms | Step | Evidence):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(f"{type(value).__name__} has no JSON form in a procedure row")


async def lock_cases(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, CaseFile]:
    """The case files known here, locked in order."""
    result = await tx.execute(_LOCK_CASES, {"ids": sorted(set(ids))})
    return {row.case_id: _case_file(row, row.case_version, row.subject, row.region) for row in result}


async def lock_procedures(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, tuple[Row, CaseFile]]:
    """Procedures with their cases, locked in order of their ids."""
    return _pairs(await tx.execute(_LOCK_BY_ID, {"ids": sorted(set(ids))}))


async def read_procedures(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, tuple[Row, CaseFile]]:
    """The same without a lock: for reading only."""
    return _pairs(await tx.execute(_READ_BY_ID, {"ids": sorted(set(ids))}))


def _pairs(result: Iterable[Any]) -> dict[UUID, tuple[Row, CaseFile]]:
    return {
        row.id: (_row(row), _case_file(row, row.case_file_version, row.case_subject, row.case_region))
        for row in result
    }


def _case_file(row: Any, version: int, subject: UUID, region: str) -> CaseFile:
    persons = {role: UUID(person) for role, person in orjson.loads(row.persons).items()}
    return CaseFile(
        row.case_id, row.case_no, version, row.life_event, subject, persons, region, row.occurred_at,
        row.effective_on, row.confirmed, row.sealed, _evidence(row.evidence),
    )  # fmt: skip


def _row(row: Any) -> Row:
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["terms"] = _terms(row.terms)
    values["extra_step"] = _step(row.extra_step) if row.extra_step else None
    values["state"] = OwnerState(row.state)
    for name in ("result", "memory", "task_facts"):
        values[name] = orjson.loads(values[name])
    values["pauses"] = _pauses(row.pauses)
    return Row(**values)


@lru_cache(maxsize=1024)
def _pauses(json_text: str) -> tuple[Pause, ...]:
    return pauses_of(orjson.loads(json_text))


async def write_cases(tx: Transaction, cases: Sequence[CaseFile]) -> None:
    """Insert or renew case files in one statement, sorted."""
    if not cases:
        return
    ordered = sorted(cases, key=lambda case: case.case_id)
    columns: dict[str, list[Any]] = {
        f.name: [getattr(case, f.name) for case in ordered] for f in fields(CaseFile)
    }
    columns["persons"] = [
        json_text({role: str(person) for role, person in each.items()}) for each in columns["persons"]
    ]
    columns["evidence"] = [json_text(each) for each in columns["evidence"]]
    await tx.execute(_CASES, columns)


async def write_procedures(tx: Transaction, rows: Sequence[Row]) -> None:
    """Insert or renew procedure rows in one statement, sorted."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: row.id)
    columns = {
        name: [_stored(getattr(row, name), kind) for row in ordered] for name, kind in _COLUMNS.items()
    }
    await tx.execute(_WRITE, columns)


def _stored(value: Any, kind: str) -> Any:
    if kind != "jsonb" or value is None:
        return value
    return value.model_dump_json(by_alias=True) if isinstance(value, Terms | Step) else json_text(value)


def procedure_of(row: Row, case: CaseFile, form: Form) -> Procedure:
    """What the verbs see of a row."""
    return Procedure(
        id=row.id, case=row.case_id, case_no=case.case_no, type=row.type, life_event=case.life_event,
        subject=case.subject, persons=case.persons, region=row.region, occurred_at=case.occurred_at,
        effective_on=case.effective_on, confirmed=case.confirmed, case_version=case.case_version, terms=row.terms,
        state=row.state, step=row.step, order=row.order_no, version=row.version, reason=row.reason,
        result=row.result, memory=row.memory, human=row.human,
        undo_reason=UndoReason(row.undo_reason) if row.undo_reason else None, opened_at=row.opened_at,
        no_return_at=row.no_return_at, paused_at=row.paused_at, due_at=row.due_at, wake_at=row.wake_at,
        evidence=case.evidence, form=form,
    )  # fmt: skip
