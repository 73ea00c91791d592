"""Puts synthetic or migrated couples and marital states into the tables. Keys that stand already are skipped."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_COUPLES = text(
    """INSERT INTO couples (id, husband, wife, registered_on, region)
       SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:husband AS uuid[]), CAST(:wife AS uuid[]),
                            CAST(:registered_on AS date[]), CAST(:region AS text[]))
       ON CONFLICT DO NOTHING"""
)
_STANDINGS = text(
    """INSERT INTO standings (person, state)
       SELECT * FROM unnest(CAST(:person AS uuid[]), CAST(:state AS text[])) ON CONFLICT DO NOTHING"""
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
    names = ("id", "husband", "wife", "registered_on", "region")
    if couples:
        await tx.execute(_COUPLES, {name: [getattr(couple, name) for couple in couples] for name in names})
    others = [person for each in rows for person in each.persons if person.marital_state != "married"]
    if others:
        values = {"person": [p.person for p in others], "state": [p.marital_state for p in others]}
        await tx.execute(_STANDINGS, values)
    return len(couples) + len(others)
