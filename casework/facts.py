"""Facts: copies of what others state, and this owner's own statements (design 1).

A copy is applied only if its version is greater. The consumer then asks whether a procedure decided on an older
version and would decide otherwise now, and says so in an outcome with the signal `facts_changed`; it does no more.
The `life` fact also keeps `person_locks.dead_from`, which is a copy of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from casework.office import Office
from casework.persons import lock_persons, set_dead_from
from casework.procedure import FactSeen
from casework.reading import read
from casework.rows import Row, json_text, lock_procedures, procedure_of, write_procedures
from casework.settle import outcome_of
from casework.work import reports
from contracts.facts import FactStated
from contracts.outcomes import OutcomesReported
from kernel.messaging.consumer import ConsumerTransaction, Handler
from kernel.messaging.message import Message
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import Clock
from kernel.public_service.months import next_month

_COPY = text(
    """INSERT INTO fact_copies (person, fact, owner, fact_version, effective_on, recorded_at, state)
       SELECT person, fact, owner, fact_version, effective_on, recorded_at, CAST(state AS jsonb)
         FROM unnest(CAST(:person AS uuid[]), CAST(:fact AS text[]), CAST(:owner AS text[]),
              CAST(:fact_version AS bigint[]), CAST(:effective_on AS date[]), CAST(:recorded_at AS timestamptz[]),
              CAST(:state AS text[]))
           AS new(person, fact, owner, fact_version, effective_on, recorded_at, state)
       ON CONFLICT (person, fact, owner) DO UPDATE SET fact_version = excluded.fact_version,
           effective_on = excluded.effective_on, recorded_at = excluded.recorded_at, state = excluded.state
        WHERE fact_copies.fact_version < excluded.fact_version
       RETURNING person, fact, fact_version"""
)
_OLDER = text(
    """SELECT d.procedure FROM decided_on d
         JOIN unnest(CAST(:person AS uuid[]), CAST(:fact AS text[]), CAST(:version AS bigint[]))
              AS new(person, fact, version) ON new.person = d.person AND new.fact = d.fact
        WHERE d.fact_version < new.version ORDER BY d.procedure"""
)
_READ = text(
    """SELECT c.person, c.fact, c.owner, c.fact_version, c.effective_on, CAST(c.state AS text) AS state
         FROM fact_copies c
        WHERE c.person = ANY(CAST(:persons AS uuid[])) AND c.fact = ANY(CAST(:facts AS text[]))"""
)
_STATE = text(
    """INSERT INTO fact_statements (person, fact, fact_version, effective_on, recorded_at, state)
       SELECT person, fact, 1, effective_on, :at, CAST(state AS jsonb)
         FROM unnest(CAST(:person AS uuid[]), CAST(:fact AS text[]), CAST(:effective_on AS date[]),
              CAST(:state AS text[])) AS new(person, fact, effective_on, state)
        ORDER BY person, fact
       ON CONFLICT (person, fact) DO UPDATE SET fact_version = fact_statements.fact_version + 1,
           effective_on = excluded.effective_on, recorded_at = excluded.recorded_at, state = excluded.state
        WHERE (fact_statements.state, fact_statements.effective_on)
              IS DISTINCT FROM (excluded.state, excluded.effective_on)
       RETURNING person, fact, fact_version, effective_on, CAST(state AS text) AS state"""
)
_STATED = text(
    """SELECT person, fact, fact_version, effective_on, recorded_at, CAST(state AS text) AS state
         FROM fact_statements WHERE (person, fact) > (:person, :fact) ORDER BY person, fact LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class FactCopy:
    """What another owner stated last; `seen` is what a ruling keeps of it."""

    person: UUID
    fact: str
    version: int
    effective_on: date | None
    state: Mapping[str, Any]

    @property
    def seen(self) -> FactSeen:
        return FactSeen(self.person, self.fact, self.version)


@dataclass(frozen=True, slots=True)
class Statement:
    """What this owner states of a person; the whole present state, nothing that names anybody."""

    person: UUID
    fact: str
    state: Mapping[str, Any]
    effective_on: date | None = None


async def read_facts(tx: Transaction, persons: Iterable[UUID], facts: Sequence[str]) -> list[FactCopy]:
    """The copies of these facts about these people."""
    found = await tx.execute(_READ, {"persons": sorted(set(persons)), "facts": list(facts)})
    return [FactCopy(r.person, r.fact, r.fact_version, r.effective_on, orjson.loads(r.state)) for r in found]


async def state_facts(
    tx: Transaction, statements: Sequence[Statement], *, owner: str, at: datetime
) -> list[FactStated]:
    """Store and emit what differs from before, each with the next version: one statement for all."""
    newest = {(each.person, each.fact): each for each in statements}
    if not newest:
        return []
    values = list(newest.values())
    stored = await tx.execute(
        _STATE,
        {
            "person": [each.person for each in values], "fact": [each.fact for each in values], "at": at,
            "effective_on": [each.effective_on for each in values],
            "state": [json_text(dict(each.state)) for each in values],
        },
    )  # fmt: skip
    events = [_stated(row, owner, at) for row in stored]
    for event in events:
        tx.emit(event)
    return events


def _stated(row: Any, owner: str, at: datetime) -> FactStated:
    return FactStated(
        person=row.person, fact=row.fact, owner=owner, fact_version=row.fact_version, effective_on=row.effective_on,
        recorded_at=at, state=orjson.loads(row.state),
    )  # fmt: skip


async def republish(
    tx: Transaction, *, owner: str, after: tuple[UUID, str] = (UUID(int=0), ""), limit: int = 500
) -> tuple[UUID, str] | None:
    """Emit a page of this owner's statements as they stand; returns where to go on, None at the end."""
    rows = (await tx.execute(_STATED, {"person": after[0], "fact": after[1], "limit": limit})).all()
    for row in rows:
        tx.emit(_stated(row, owner, row.recorded_at))
    return (rows[-1].person, rows[-1].fact) if len(rows) == limit else None


def facts_handler(office: Office, clock: Clock) -> Handler:
    """The consumer's handler for `facts`; this owner's own statements pass by."""

    async def handle(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        await clock.refresh(tx)
        stated = await read(messages, tx, FactStated)
        facts = [fact for _, fact in stated if fact.owner != office.owner]
        for report in await take_facts(facts, tx=tx, office=office, at=clock.now()):
            tx.emit(report)

    return handle


async def take_facts(
    facts: Sequence[FactStated], *, tx: Transaction, office: Office, at: datetime
) -> list[OutcomesReported]:
    """Keep newer copies and report the procedures whose decision they would change."""
    newest = _newest(facts)
    if not newest:
        return []
    lives = {each.person: each for each in newest if each.fact == "life"}
    await lock_persons(tx, lives)
    newer = (await tx.execute(_COPY, _columns(newest))).all()
    applied = {(row.person, row.fact) for row in newer}
    if not applied:
        return []
    await set_dead_from(
        tx, [(person, dead_from(life)) for person, life in lives.items() if (person, "life") in applied]
    )
    older = await tx.execute(
        _OLDER,
        {
            "person": [row.person for row in newer], "fact": [row.fact for row in newer],
            "version": [row.fact_version for row in newer],
        },
    )  # fmt: skip
    return await _report_changed(sorted(set(older.scalars())), tx, office, at)


def dead_from(life: FactStated) -> date | None:
    """The first day for which nothing more is granted (R24: last payable month = month of death); none: alive."""
    if life.state.get("life") != "dead" or life.effective_on is None:
        return None
    return next_month(life.effective_on)


def _newest(facts: Sequence[FactStated]) -> list[FactStated]:
    by_key: dict[tuple[UUID, str, str], FactStated] = {}
    for each in facts:
        key = (each.person, each.fact, each.owner)
        if key not in by_key or by_key[key].fact_version < each.fact_version:
            by_key[key] = each
    return [by_key[key] for key in sorted(by_key)]


def _columns(facts: Sequence[FactStated]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = defaultdict(list)
    for each in facts:
        for name in ("person", "fact", "owner", "fact_version", "effective_on", "recorded_at"):
            columns[name].append(getattr(each, name))
        columns["state"].append(json_text(each.state))
    return columns


async def _report_changed(
    ids: Sequence[UUID], tx: Transaction, office: Office, at: datetime
) -> list[OutcomesReported]:
    if not ids:
        return []
    rows = await lock_procedures(tx, ids)
    changed: list[Row] = []
    by_type: dict[str, list[UUID]] = defaultdict(list)
    for key, (row, _) in rows.items():
        by_type[row.type].append(key)
    for kind in sorted(by_type):
        module = office.procedures.module(kind)
        procedures = {key: procedure_of(*rows[key], office.form(rows[key][1])) for key in by_type[kind]}
        gathered = await module.gather(list(procedures.values()), tx=tx)
        changed.extend(
            rows[key][0]
            for key, procedure in procedures.items()
            if module.recheck is not None and module.recheck(procedure, gathered.get(key))
        )
    after = [replace(row, version=row.version + 1, signal="facts_changed", changed_at=at) for row in changed]
    await write_procedures(tx, after)
    return reports([(row.case_id, outcome_of(row, at=at)) for row in after], owner=office.owner)
