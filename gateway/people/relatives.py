"""Households and relations of the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_ONE = text("""
    SELECT p.region,
           coalesce((SELECT f.state ->> 'life' FROM fact_statements f
                     WHERE f.person = p.person AND f.fact = 'life'), 'alive') AS life,
           ARRAY(SELECT h.person FROM people h WHERE h.household = p.household AND h.person <> p.person
                 ORDER BY h.person LIMIT 50) AS household
    FROM people p WHERE p.person = :person""")
_TIES = text("SELECT relative, relation FROM person_relations WHERE person = :person ORDER BY relative")
_RELATED = text("""
    SELECT asked.n, r.relation FROM unnest(CAST(:subjects AS uuid[]), CAST(:others AS uuid[]))
        WITH ORDINALITY AS asked (subject, other, n)
    JOIN person_relations r ON r.person = asked.subject AND r.relative = asked.other""")


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of a person besides the details: region, life, household, relations."""

    region: str | None
    life: str
    household: tuple[UUID, ...]
    relations: Mapping[UUID, str]


async def read(tx: Transaction, person: UUID) -> Known | None:
    """None for somebody the register does not know."""
    row = (await tx.execute(_ONE, {"person": person})).first()
    if row is None:
        return None
    ties = (await tx.execute(_TIES, {"person": person})).all()
    return Known(row.region, row.life, tuple(row.household), {tie.relative: tie.relation for tie in ties})


async def relations(tx: Transaction, pairs: Sequence[tuple[UUID, UUID]]) -> list[str | None]:
    """What the second of each pair is to the first (spouse, child, …), None where the register has no relation."""
    found: list[str | None] = [None] * len(pairs)
    if not pairs:
        return found
    given = {"subjects": [one for one, _ in pairs], "others": [other for _, other in pairs]}
    for n, relation in (await tx.execute(_RELATED, given)).all():
        found[n - 1] = relation
    return found
