"""Bulk loading of people into the register: what an import or the demo's generator brings (GX-042, design 7).

`known_people` says whom a chunk meets, `import_people` writes it, `staging` keeps what the owners still have to load.
What is registered is never overwritten: an import fills what is empty.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

from gateway.cases.board import as_json
from gateway.cases.standing import parsed
from gateway.people.register import OWNER, Register
from kernel.errors import Conflict
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealed

_BATCH = 2000

_LOAD = text("""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:people AS json)) AS g
            (person uuid, region text, household uuid, number_index bytea, name_index bytea, sealed jsonb)
    ), people_rows AS (
        INSERT INTO people (person, region, household, recorded_at)
        SELECT person, region, household, :at FROM given
        ON CONFLICT (person) DO UPDATE SET region = coalesce(people.region, EXCLUDED.region),
            household = coalesce(people.household, EXCLUDED.household)
        WHERE people.region IS NULL OR people.household IS NULL
    ), numbers AS (
        INSERT INTO person_identifiers (kind, blind_index, key_version, person)
        SELECT 'resident_id', number_index, CAST(:version AS integer), person FROM given
        ON CONFLICT (kind, blind_index, key_version) DO NOTHING
    ), ties AS (
        INSERT INTO person_relations (person, relative, relation)
        SELECT * FROM json_populate_recordset(NULL::person_relations, CAST(:relations AS json)) ON CONFLICT DO NOTHING
    )
    INSERT INTO person_details (person, name_index, sealed) SELECT person, name_index, sealed FROM given
    ON CONFLICT DO NOTHING""")
_KNOWN = text("""
    SELECT i.blind_index, i.person, p.region, p.household, d.sealed,
           EXISTS (SELECT 1 FROM fact_statements f WHERE f.person = i.person AND f.fact = 'life'
                   AND f.state ->> 'life' = 'dead') AS dead
    FROM person_identifiers i JOIN people p USING (person) LEFT JOIN person_details d USING (person)
    WHERE i.kind = 'resident_id' AND i.blind_index = ANY(CAST(:indexes AS bytea[])) AND i.key_version = :version""")
_STANDING = text("SELECT DISTINCT household FROM people WHERE household = ANY(CAST(:keys AS uuid[]))")
_TAKEN = text("SELECT person FROM people WHERE person = ANY(CAST(:keys AS uuid[]))")

_MISPLACED = text("""
    SELECT 1 FROM json_to_recordset(CAST(:people AS json)) AS g (person uuid, number_index bytea)
    JOIN person_identifiers i ON i.kind = 'resident_id' AND i.blind_index = g.number_index AND i.key_version = :version
    WHERE i.person <> g.person LIMIT 1""")


class RegisterMoved(Conflict):
    """登记库刚刚有人登记了同一个号码。
    Somebody has just registered one of the same numbers."""

    how = "请再导入一次。"
    how_en = "Import it once more."


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has of a number. `birth_date` as ISO text; none: not known."""

    person: UUID
    region: str | None
    household: UUID | None
    name: str | None
    sex: str | None
    birth_date: str | None
    dead: bool


async def known_people(tx: Transaction, register: Register, indexes: Collection[bytes]) -> dict[bytes, Known]:
    """Everybody of these blind indexes whom the register has, in one statement."""
    rows = await tx.execute(_KNOWN, {"indexes": list(indexes), "version": register.key_version})
    return {bytes(row.blind_index): _known(row, register) for row in rows.all()}


def _known(row: Any, register: Register) -> Known:
    told: Mapping[str, Any] = {}
    if row.sealed is not None:
        told = register.sealer.open(Sealed.model_validate(parsed(row.sealed)), row.person, OWNER)
    return Known(
        UUID(str(row.person)), row.region, row.household and UUID(str(row.household)), told.get("name"),
        told.get("sex"), told.get("birth_date"), row.dead,
    )  # fmt: skip


async def taken_keys(tx: Transaction, keys: Collection[UUID]) -> frozenset[UUID]:
    """Those of these keys that are somebody's."""
    return frozenset(UUID(str(key)) for (key,) in (await tx.execute(_TAKEN, {"keys": list(keys)})).all())


async def standing_households(tx: Transaction, keys: Collection[UUID]) -> frozenset[UUID]:
    """Those of these households that have somebody in the register."""
    return frozenset(UUID(str(key)) for (key,) in (await tx.execute(_STANDING, {"keys": list(keys)})).all())


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
    tx: Transaction,
    rows: Iterable[PersonRow],
    *,
    register: Register,
    at: datetime,
    ties: Sequence[tuple[UUID, UUID, str]] = (),
) -> int:
    """Load people with their numbers, sealed details and relations; what is registered already stays as it is.

    Four tables' rows go in one statement, 2,000 people at a time. `ties`: further relations, as (person, relative,
    what the relative is). Returns how many people were given. Raises RegisterMoved when a number became another's.
    """
    given = iter(rows)
    count, more = (
        0,
        [{"person": one, "relative": other, "relation": relation} for one, other, relation in ties],
    )
    while batch := list(islice(given, _BATCH)):
        count += len(batch)
        parameters = {
            "people": as_json([_record(row, register) for row in batch]),
            "relations": as_json([tie for row in batch for tie in _ties(row)] + more),
            "version": register.key_version, "at": at,
        }  # fmt: skip
        await tx.execute(_LOAD, parameters)
        numbers = {"people": parameters["people"], "version": register.key_version}
        if (await tx.execute(_MISPLACED, numbers)).first() is not None:
            raise RegisterMoved()
        more = []
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
