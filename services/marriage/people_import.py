"""Puts synthetic or migrated couples and marital states into the tables. Keys that stand already are skipped."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from casework.bulk import Columns, insert_missing
from kernel.messaging.transaction import Transaction

_TABLES: Mapping[str, Columns] = {
    "couples": {"id": "uuid", "husband": "uuid", "wife": "uuid", "registered_on": "date", "region": "text"},
    "standings": {"person": "uuid", "state": "text"},
}


class Household(Protocol):
    """What is read of a household: see `deploy/local/people/model.py`."""

    @property
    def persons(self) -> Sequence[Any]: ...
    @property
    def couples(self) -> Sequence[Any]: ...


async def load_people(tx: Transaction, rows: Sequence[Household]) -> int:
    """Import these households; gives the number of rows handed over."""
    couples = [couple for each in rows for couple in each.couples]
    others = [person for each in rows for person in each.persons if person.marital_state != "married"]
    values = {
        "couples": [{name: getattr(couple, name) for name in _TABLES["couples"]} for couple in couples],
        "standings": [{"person": person.person, "state": person.marital_state} for person in others],
    }
    return await insert_missing(tx, _TABLES, values)
