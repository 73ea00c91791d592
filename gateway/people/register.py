"""The register of people: identifiers → one random key per person (design 7).

A number is never stored: it is found again by its blind index. Names lie sealed under the person's own key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from gateway.cases.board import as_json
from gateway.cases.standing import parsed
from kernel.messaging.transaction import Transaction
from kernel.public_service.identifiers import blind_index
from kernel.public_service.sealing import Sealed, Sealer

OWNER = "gateway"

# The unique index decides between two that register the same number at once: the later one takes the earlier's key.
_RESOLVE = text("""
    WITH given AS (
        SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:indexes AS bytea[]), CAST(:keys AS uuid[]))
            WITH ORDINALITY AS g (kind, blind_index, candidate, n)
    ), known AS (
        SELECT g.n, i.person FROM given g JOIN person_identifiers i USING (kind, blind_index)
        WHERE i.key_version = :version
    ), made AS (
        INSERT INTO person_identifiers (kind, blind_index, key_version, person)
        SELECT DISTINCT ON (kind, blind_index) kind, blind_index, CAST(:version AS integer), candidate
        FROM given WHERE n NOT IN (SELECT n FROM known) ORDER BY kind, blind_index, n
        ON CONFLICT (kind, blind_index, key_version) DO UPDATE SET person = person_identifiers.person
        RETURNING kind, blind_index, person
    ), born AS (
        INSERT INTO people (person, recorded_at) SELECT person, :at FROM made ON CONFLICT DO NOTHING
    ), resolved AS (
        SELECT n, person, false AS fresh FROM known
        UNION ALL
        SELECT g.n, m.person, m.person = g.candidate FROM given g JOIN made m USING (kind, blind_index)
    )
    SELECT r.n, r.person, r.fresh,
           ARRAY(SELECT relative FROM person_relations l WHERE l.person = r.person) AS relatives,
           p.region
    FROM resolved r LEFT JOIN people p USING (person) ORDER BY r.n""")
_BORN = text("""
    INSERT INTO people (person, recorded_at)
    SELECT person, :at FROM unnest(CAST(:persons AS uuid[])) AS p (person) ON CONFLICT DO NOTHING""")
_DETAILS = text("""
    INSERT INTO person_details SELECT * FROM json_populate_recordset(NULL::person_details, CAST(:details AS json))
    ON CONFLICT DO NOTHING""")
_READ_DETAILS = text("SELECT person, sealed FROM person_details WHERE person = ANY(CAST(:persons AS uuid[]))")
_BY_NUMBER = text("""
    SELECT i.person, p.region FROM person_identifiers i JOIN people p USING (person)
    WHERE i.blind_index = ANY(CAST(:indexes AS bytea[])) AND i.key_version = :version LIMIT :most""")
_BY_NAME = text("""
    SELECT d.person, p.region FROM person_details d JOIN people p USING (person)
    WHERE d.name_index = :index ORDER BY d.person LIMIT :most""")
_KINDS = ("resident_id", "passport", "permit", "birth_certificate")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a form names. Without a number nobody can say who it is: a new person each time."""

    kind: str
    number: str | None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The person, whether just registered, whom the register knows as relatives, and where they are registered."""

    person: UUID
    fresh: bool
    relatives: frozenset[UUID] = frozenset()
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """`index_key` and its version find numbers; `sealer` keeps names."""

    sealer: Sealer
    index_key: bytes
    key_version: int
    suite: str = "international"

    def index(self, kind: str, number: str) -> bytes:
        """The blind index of an identifier."""
        return blind_index(self.index_key, kind, number, suite=self.suite)

    def name_index(self, name: str) -> bytes:
        """The blind index of a name, spaces apart."""
        return blind_index(self.index_key, "name", name, suite=self.suite)

    async def resolve(self, tx: Transaction, named: Sequence[Named], *, at: datetime) -> list[Resolved]:
        """The person of each, new ones registered: one statement, a second only when somebody was new."""
        found: dict[int, Resolved] = {
            place: Resolved(uuid4(), True) for place, one in enumerate(named) if not one.number
        }
        numbered = [(place, one) for place, one in enumerate(named) if one.number]
        if numbered:
            rows = await tx.execute(_RESOLVE, self._wanted([one for _, one in numbered], at))
            for n, person, fresh, relatives, region in rows.all():
                found[numbered[n - 1][0]] = Resolved(person, fresh, frozenset(relatives), region)
        fresh_ones = {place: one for place, one in found.items() if one.fresh}
        if fresh_ones:
            await self._keep_details(
                tx, {one.person: named[place].details for place, one in fresh_ones.items()}, at
            )
        return [found[place] for place in range(len(named))]

    def _wanted(self, named: Sequence[Named], at: datetime) -> dict[str, Any]:
        return {
            "kinds": [one.kind for one in named], "indexes": [self.index(one.kind, one.number or "") for one in named],
            "keys": [uuid4() for _ in named], "version": self.key_version, "at": at,
        }  # fmt: skip

    async def _keep_details(
        self, tx: Transaction, people: Mapping[UUID, Mapping[str, Any]], at: datetime
    ) -> None:
        await tx.execute(_BORN, {"persons": list(people), "at": at})
        records = [
            self.details_record(person, details) for person, details in people.items() if details.get("name")
        ]
        await tx.execute(_DETAILS, {"details": as_json(records)})

    def details_record(self, person: UUID, details: Mapping[str, Any]) -> dict[str, Any]:
        """A row of `person_details`: sealed, and findable by name."""
        sealed = self.sealer.seal(details, person, OWNER).model_dump(mode="json")
        return {
            "person": person,
            "name_index": "\\x" + self.name_index(details["name"]).hex(),
            "sealed": sealed,
        }

    async def details(self, tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
        """Name, number, sex, birth date … of those whom the register knows more of than a key."""
        rows = await tx.execute(_READ_DETAILS, {"persons": list(set(persons))})
        return {
            person: self.sealer.open(Sealed.model_validate(parsed(sealed)), person, OWNER)
            for person, sealed in rows.all()
        }

    async def search(
        self, tx: Transaction, *, name: str | None, id_number: str | None, most: int
    ) -> list[tuple[UUID, str | None]]:
        """(person, region) of exact matches: by number when one is given, else by name."""
        if id_number:
            indexes = [self.index(kind, id_number) for kind in _KINDS]
            parameters = {"indexes": indexes, "version": self.key_version, "most": most}
            return [tuple(row) for row in (await tx.execute(_BY_NUMBER, parameters)).all()]
        if not name:
            return []
        rows = await tx.execute(_BY_NAME, {"index": self.name_index(name), "most": most})
        return [tuple(row) for row in rows.all()]
