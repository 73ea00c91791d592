"""Gives every county of the imported people a funeral home; the people themselves hold nothing here."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_OPENS, _CLOSES, _SLOT_MINUTES, _CREMATORS = time(8), time(16), 60, 2
_HOMES = text(
    """INSERT INTO funeral_homes (id, name, region, opens_at, closes_at, slot_minutes)
       SELECT id, name, region, :opens, :closes, :minutes
         FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:regions AS text[])) AS new(id, name, region)
       ON CONFLICT (id) DO NOTHING"""
)
_CREMATOR_ROWS = text(
    """INSERT INTO cremators (id, home, code, state)
       SELECT id, home, code, 'working'
         FROM unnest(CAST(:ids AS uuid[]), CAST(:homes AS uuid[]), CAST(:codes AS text[])) AS new(id, home, code)
       ON CONFLICT (id) DO NOTHING"""
)


class Household(Protocol):
    """Of a household only its place is read."""

    @property
    def region(self) -> str: ...


async def load_people(tx: Transaction, rows: Sequence[Household]) -> int:
    """One home with two cremators per county; gives the number of counties."""
    counties = sorted({row.region[:6] for row in rows})
    await open_homes(tx, counties)
    return len(counties)


async def open_homes(tx: Transaction, counties: Iterable[str]) -> None:
    """A home in each county (demo: eight slots a day on each of two cremators); one that stands stays."""
    codes = list(counties)
    homes = {county: uuid5(NAMESPACE_URL, f"lianban:funeral:home:{county}") for county in codes}
    names = [f"{county} 示范殡仪馆" for county in codes]
    await tx.execute(
        _HOMES,
        {"ids": list(homes.values()), "names": names, "regions": codes, "opens": _OPENS, "closes": _CLOSES,
         "minutes": _SLOT_MINUTES},
    )  # fmt: skip
    cremators = [
        (homes[county], f"{county}-{number}") for county in codes for number in range(1, _CREMATORS + 1)
    ]
    await tx.execute(
        _CREMATOR_ROWS,
        {"ids": [uuid5(home, code) for home, code in cremators], "homes": [home for home, _ in cremators],
         "codes": [code for _, code in cremators]},
    )  # fmt: skip
