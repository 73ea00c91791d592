"""Gives every county of the imported people its funeral home, halls, prices and places; the people hold nothing here.

Everything is invented and marked so: prices are `demo`, names say 示范.
"""

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_OPENS, _CLOSES, _SLOT_MINUTES, _CREMATORS = time(8), time(16), 60, 2
_LONG_DAY = time(5), time(20)
_YEARS = range(2026, 2031)
# Before and after Qingming (about 4–6 April) and the winter solstice (about 21–22 December).
_PEAKS = (("清明前后", (3, 20), (4, 10)), ("冬至前后", (12, 10), (12, 25)))
_HALLS = (("A", "一号告别厅", "hall", 60), ("B", "二号告别厅", "hall", 60), ("R", "远程告别间", "remote", 45))
_PRICED_FROM = date(2020, 1, 1)
_PRICES = (
    ("transport", "once", 30000), ("keeping", "day", 8000), ("farewell", "once", 40000), ("cremation", "once", 60000),
    ("ash_storage", "year", 10000), ("urn", "once", 50000), ("coffin", "once", 20000),
)  # fmt: skip
# Site, kind, how many.
_PLACES = (
    ("示范骨灰楼", "store", 400), ("示范公墓", "cemetery", 100), ("示范依法土葬区", "burial", 50),
    ("示范生态园", "tree", 60), ("示范生态园", "flower", 60), ("示范生态园", "lawn", 60), ("示范生态园", "wall", 60),
)  # fmt: skip

_HOME_ROWS = text(
    """INSERT INTO funeral_homes (id, name, region, code, opens_at, closes_at, slot_minutes)
       SELECT id, name, region, code, :opens, :closes, :minutes
         FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:regions AS text[]), CAST(:codes AS text[]))
              AS new(id, name, region, code)
       ON CONFLICT (id) DO NOTHING"""
)
_CREMATOR_ROWS = text(
    """INSERT INTO cremators (id, home, code, state)
       SELECT id, home, code, 'working'
         FROM unnest(CAST(:ids AS uuid[]), CAST(:homes AS uuid[]), CAST(:codes AS text[])) AS new(id, home, code)
       ON CONFLICT (id) DO NOTHING"""
)
_HOUR_ROWS = text(
    """INSERT INTO home_hours (id, home, from_on, through_on, opens_at, closes_at, note)
       SELECT id, home, from_on, through_on, :opens, :closes, note
         FROM unnest(CAST(:ids AS uuid[]), CAST(:homes AS uuid[]), CAST(:froms AS date[]), CAST(:throughs AS date[]),
              CAST(:notes AS text[])) AS new(id, home, from_on, through_on, note)
       ON CONFLICT (id) DO NOTHING"""
)
_HALL_ROWS = text(
    """INSERT INTO halls (id, home, code, name, kind, minutes, state)
       SELECT id, home, code, name, kind, minutes, 'working'
         FROM unnest(CAST(:ids AS uuid[]), CAST(:homes AS uuid[]), CAST(:codes AS text[]), CAST(:names AS text[]),
              CAST(:kinds AS text[]), CAST(:minutes AS integer[])) AS new(id, home, code, name, kind, minutes)
       ON CONFLICT (id) DO NOTHING"""
)
_PRICE_ROWS = text(
    """INSERT INTO prices (id, home, item, per, amount_fen, valid_from, source, demo)
       SELECT id, home, item, per, amount_fen, :valid_from, '示范价目', true
         FROM unnest(CAST(:ids AS uuid[]), CAST(:homes AS uuid[]), CAST(:items AS text[]), CAST(:pers AS text[]),
              CAST(:amounts AS bigint[])) AS new(id, home, item, per, amount_fen)
       ON CONFLICT (id) DO NOTHING"""
)
_PLACE_ROWS = text(
    """INSERT INTO places (id, region, site, code, kind, state)
       SELECT gen_random_uuid(), region, :site, region || '-' || :kind || '-' || lpad(CAST(n AS text), 4, '0'), :kind,
              'free'
         FROM unnest(CAST(:regions AS text[])) AS r(region), generate_series(1, CAST(:many AS integer)) AS n
       ON CONFLICT (code) DO NOTHING"""
)


class Household(Protocol):
    """Of a household only its place is read."""

    @property
    def region(self) -> str: ...


async def load_people(tx: Transaction, rows: Sequence[Household]) -> int:
    """Two homes with everything they need per county; gives the number of counties."""
    counties = sorted({row.region[:6] for row in rows})
    await open_homes(tx, counties, second=True)
    return len(counties)


async def open_homes(tx: Transaction, counties: Iterable[str], *, second: bool = False) -> None:
    """A home in each county (demo: eight slots a day on each of two cremators); one that stands stays.

    `second`: another home beside it, with one cremator and a hall of its own.
    """
    homes = {county: _home_id(county) for county in counties}
    await _homes(tx, homes, "示范殡仪馆", _CREMATORS, _HALLS)
    if second:
        others = {f"{county}-2": _home_id(f"{county}-2") for county in homes}
        await _homes(tx, others, "第二示范殡仪馆", 1, _HALLS[:1])
    for site, kind, many in _PLACES:
        values = {"site": site, "kind": kind, "many": many, "regions": list(homes)}
        await tx.execute(_PLACE_ROWS, values)


def _home_id(code: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"lianban:funeral:home:{code}")


async def _homes(
    tx: Transaction, homes: dict[str, UUID], name: str, cremators: int, halls: Sequence[tuple[Any, ...]]
) -> None:
    """Homes by their codes; the first six digits of a code are the county."""
    codes, ids = list(homes), list(homes.values())
    counties = [code[:6] for code in codes]
    await tx.execute(
        _HOME_ROWS,
        {"ids": ids, "names": [f"{county} {name}" for county in counties], "regions": counties, "codes": codes,
         "opens": _OPENS, "closes": _CLOSES, "minutes": _SLOT_MINUTES},
    )  # fmt: skip
    works = [(homes[code], f"{code}-{n}") for code in codes for n in range(1, cremators + 1)]
    await tx.execute(
        _CREMATOR_ROWS,
        {"ids": [uuid5(*each) for each in works], "homes": [home for home, _ in works],
         "codes": [code for _, code in works]},
    )  # fmt: skip
    await _hours(tx, ids)
    await _halls(tx, homes, halls)
    await _prices(tx, ids)


async def _hours(tx: Transaction, homes: Sequence[UUID]) -> None:
    """Longer days at the two times of the year when everybody comes."""
    rows = [
        (home, date(year, *start), date(year, *end), note)
        for home in homes for year in _YEARS for note, start, end in _PEAKS
    ]  # fmt: skip
    await tx.execute(
        _HOUR_ROWS,
        {"ids": [uuid5(home, f"hours {start}") for home, start, _, _ in rows], "homes": [row[0] for row in rows],
         "froms": [row[1] for row in rows], "throughs": [row[2] for row in rows], "notes": [row[3] for row in rows],
         "opens": _LONG_DAY[0], "closes": _LONG_DAY[1]},
    )  # fmt: skip


async def _halls(tx: Transaction, homes: dict[str, UUID], halls: Sequence[tuple[Any, ...]]) -> None:
    rows = [(home, f"{code}-{letter}", *rest) for code, home in homes.items() for letter, *rest in halls]
    await tx.execute(
        _HALL_ROWS,
        {"ids": [uuid5(row[0], f"hall {row[1]}") for row in rows], "homes": [row[0] for row in rows],
         "codes": [row[1] for row in rows], "names": [row[2] for row in rows], "kinds": [row[3] for row in rows],
         "minutes": [row[4] for row in rows]},
    )  # fmt: skip


async def _prices(tx: Transaction, homes: Sequence[UUID]) -> None:
    rows = [(home, *price) for home in homes for price in _PRICES]
    await tx.execute(
        _PRICE_ROWS,
        {"ids": [uuid5(row[0], f"price {row[1]} {_PRICED_FROM}") for row in rows], "homes": [row[0] for row in rows],
         "items": [row[1] for row in rows], "pers": [row[2] for row in rows], "amounts": [row[3] for row in rows],
         "valid_from": _PRICED_FROM},
    )  # fmt: skip
