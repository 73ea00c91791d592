"""Puts synthetic or migrated couples and marital states into the tables. Keys that stand already are skipped.

`objections` says beforehand what contradicts what stands here: nothing is overwritten. A marital state that is not
known is not written down as single.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

from casework.bulk import Columns, insert_missing
from kernel.messaging.transaction import Transaction

_TABLES: Mapping[str, Columns] = {
    "couples": {"id": "uuid", "husband": "uuid", "wife": "uuid", "registered_on": "date", "region": "text"},
    "standings": {"person": "uuid", "state": "text"},
}

_OBJECTIONS = text(
    """WITH given AS (
           SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:husband AS uuid[]), CAST(:wife AS uuid[]))
             AS g(id, husband, wife))
       SELECT g.id, 'record_differs' AS code FROM given g JOIN couples c ON c.id = g.id
        WHERE (c.husband, c.wife) <> (g.husband, g.wife)
       UNION ALL
       SELECT g.id, 'married_to_another' FROM given g
         JOIN couples c ON c.id <> g.id AND c.state = 'married' AND
              (c.husband IN (g.husband, g.wife) OR c.wife IN (g.husband, g.wife))"""
)


class Household(Protocol):
    """What is read of a household: see `deploy/local/people/model.py`."""

    @property
    def persons(self) -> Sequence[Any]: ...
    @property
    def couples(self) -> Sequence[Any]: ...


async def load_people(tx: Transaction, rows: Sequence[Household]) -> int:
    """Import these households; gives the number of rows handed over."""
    couples = [couple for each in rows for couple in each.couples]
    others = [
        person for each in rows for person in each.persons if person.marital_state not in (None, "married")
    ]
    values = {
        "couples": [{name: getattr(couple, name) for name in _TABLES["couples"]} for couple in couples],
        "standings": [{"person": person.person, "state": person.marital_state} for person in others],
    }
    return await insert_missing(tx, _TABLES, values)


async def objections(tx: Transaction, rows: Sequence[Household]) -> dict[UUID, str]:
    """Marriages that contradict what stands, with the reason: told otherwise, or one of the two has another spouse."""
    couples = [couple for each in rows for couple in each.couples]
    if not couples:
        return {}
    columns = {name: [getattr(couple, name) for couple in couples] for name in ("id", "husband", "wife")}
    return {UUID(str(row.id)): row.code for row in (await tx.execute(_OBJECTIONS, columns)).all()}
