"""Who belongs to a person: kin, wards, and whoever depended on them. Set-based, nothing locked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.assistance.domain.depending import Around, Near

_RELATIONS = text(
    """SELECT r.person, r.relative, r.relation FROM relatives r
         LEFT JOIN person_locks k ON k.person = r.relative
        WHERE r.person = ANY(CAST(:persons AS uuid[])) AND k.dead_from IS NULL ORDER BY r.person, r.relative"""
)
# Ended for another reason counts as ended; ended by the death itself does not.
_TEKUN = text(
    """SELECT DISTINCT person FROM holdings
        WHERE person = ANY(CAST(:persons AS uuid[])) AND kind = 'tekun' AND ended_on IS NULL"""
)
_REGISTERED = text("SELECT person FROM household_members WHERE person = ANY(CAST(:persons AS uuid[]))")
# Everybody who may have depended on each person: the household, children and wards elsewhere, whoever's benefit they
# drew; with birth date, need and benefits of their own where this service knows them. The dead need nobody.
_AROUND = text(
    """WITH asked AS (SELECT * FROM unnest(CAST(:persons AS uuid[])) AS asked(person)),
            around AS (
                SELECT me.person AS subject, m.person, 'household' AS tie
                  FROM asked JOIN household_members me ON me.person = asked.person
                  JOIN household_members m ON m.household = me.household AND m.person <> me.person AND m.left_by IS NULL
                UNION SELECT r.person, r.relative, r.relation FROM asked JOIN relatives r ON r.person = asked.person
                 WHERE r.relation IN ('child', 'ward')
                UNION SELECT h.payee, h.person, 'payee' FROM asked JOIN holdings h ON h.payee = asked.person
                 WHERE h.person <> h.payee AND h.state <> 'ended')
       SELECT a.subject, a.person, array_agg(DISTINCT a.tie) AS ties, min(m.birth_date) AS birth_date,
              min(m.needs_care) AS needs_care,
              array_remove(array_agg(DISTINCT h.kind), NULL) AS kinds
         FROM around a
         LEFT JOIN person_locks k ON k.person = a.person
         LEFT JOIN household_members m ON m.person = a.person
         LEFT JOIN holdings h ON h.person = a.person AND h.state <> 'ended'
        WHERE k.dead_from IS NULL
        GROUP BY a.subject, a.person ORDER BY a.subject, a.person"""
)


async def relations(tx: Transaction, persons: Iterable[UUID]) -> Mapping[UUID, Mapping[UUID, str]]:
    """The known relatives of each person who are not dead: {person: {relative: what they are to them}}."""
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for row in await tx.execute(_RELATIONS, {"persons": sorted(set(persons))}):
        found[row.person][row.relative] = row.relation
    return found


async def tekun_holders(tx: Transaction, persons: Iterable[UUID]) -> frozenset[UUID]:
    """Who of these is in destitute support, or was until they died."""
    return frozenset((await tx.execute(_TEKUN, {"persons": sorted(set(persons))})).scalars())


async def around(tx: Transaction, persons: Iterable[UUID]) -> Mapping[UUID, Around]:
    """Whoever may have depended on each person: two statements for the batch."""
    asked = sorted(set(persons))
    found = {person: Around() for person in asked}
    for person in (await tx.execute(_REGISTERED, {"persons": asked})).scalars():
        found[person].registered = True
    for row in await tx.execute(_AROUND, {"persons": asked}):
        found[row.subject].near.append(
            Near(row.person, frozenset(row.ties), row.birth_date, row.needs_care, frozenset(row.kinds))
        )
    return found
