"""Bulk loading of people into the register: what the police's register would deliver (demo: synthetic people)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

from gateway.cases.board import as_json
from gateway.people.register import Register
from kernel.messaging.transaction import Transaction

_BATCH = 2000

_LOAD = text("""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:people AS json)) AS g
            (person uuid, region text, household uuid, number_index bytea, name_index bytea, sealed jsonb)
    ), people_rows AS (
        INSERT INTO people (person, region, household, recorded_at)
        SELECT person, region, household, :at FROM given
        ON CONFLICT (person) DO UPDATE SET region = EXCLUDED.region, household = EXCLUDED.household
    ), numbers AS (
        INSERT INTO person_identifiers (kind, blind_index, key_version, person)
        SELECT 'resident_id', number_index, CAST(:version AS integer), person FROM given ON CONFLICT DO NOTHING
    ), ties AS (
        INSERT INTO person_relations (person, relative, relation)
        SELECT * FROM json_populate_recordset(NULL::person_relations, CAST(:relations AS json)) ON CONFLICT DO NOTHING
    )
    INSERT INTO person_details (person, name_index, sealed) SELECT person, name_index, sealed FROM given
    ON CONFLICT DO NOTHING""")


class PersonRow(Protocol):
    """One person to load, as `deploy.local.people` makes them."""

    @property
    def person(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def id_number(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def phone(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def household(self) -> UUID: ...
    @property
    def spouse(self) -> UUID | None: ...
    @property
    def relations(self) -> Sequence[tuple[UUID, str]]: ...


async def import_people(
    tx: Transaction, rows: Iterable[PersonRow], *, register: Register, at: datetime
) -> int:
    """Load people with their numbers, sealed details and relations; those known already keep their key.

    Three statements' worth of rows go in one, 2,000 people at a time. Returns how many were given.
    """
    given = iter(rows)
    count = 0
    while batch := list(islice(given, _BATCH)):
        count += len(batch)
        parameters = {
            "people": as_json([_record(row, register) for row in batch]),
            "relations": as_json([tie for row in batch for tie in _ties(row)]),
            "version": register.key_version, "at": at,
        }  # fmt: skip
        await tx.execute(_LOAD, parameters)
    return count


def _record(row: PersonRow, register: Register) -> dict[str, Any]:
    details = {
        "name": row.name, "id_kind": "resident_id", "id_number": row.id_number, "sex": row.sex,
        "birth_date": row.birth_date.isoformat(), "phone": row.phone, "region": row.region,
    }  # fmt: skip
    sealed = register.details_record(row.person, details)
    return {
        **sealed, "region": row.region, "household": row.household,
        "number_index": "\\x" + register.index("resident_id", row.id_number).hex(),
    }  # fmt: skip


def _ties(row: PersonRow) -> Iterator[dict[str, Any]]:
    """Relatives as the register has them, each once; `relation` is what the other one is to this one."""
    seen: set[UUID] = set()
    if row.spouse is not None:
        seen.add(row.spouse)
        yield {"person": row.person, "relative": row.spouse, "relation": "spouse"}
    for relative, relation in row.relations:
        if relative not in seen:
            seen.add(relative)
            yield {"person": row.person, "relative": relative, "relation": relation}
