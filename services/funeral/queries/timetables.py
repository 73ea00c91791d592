"""Homes with their cremators, hours and prices, and what is booked there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.funeral.domain.facts import Booking
from services.funeral.domain.prices import Price
from services.funeral.domain.slots import Cremator, Home, Hours, Timetable

_BOOKINGS = text(
    """SELECT b.procedure, b.case_id, b.cremator, b.starts_at, b.started_at, c.home
         FROM bookings b JOIN cremators c ON c.id = b.cremator
        WHERE b.released_at IS NULL AND (b.procedure = ANY(CAST(:procedures AS uuid[]))
              OR b.case_id = ANY(CAST(:cases AS uuid[])))"""
)
# Whoever books, tags or numbers in a home waits for the one before: each then sees what is really free.
_LOCK_HOMES = text(
    "SELECT id FROM funeral_homes WHERE region = ANY(CAST(:regions AS text[])) ORDER BY id FOR UPDATE"
)
_LOCK_THESE = text(
    "SELECT id FROM funeral_homes WHERE id = ANY(CAST(:homes AS uuid[])) ORDER BY id FOR UPDATE"
)
_HOMES = text(
    """SELECT h.id, h.name, h.region, coalesce(h.code, h.region) AS code, h.opens_at, h.closes_at, h.slot_minutes,
              c.id AS cremator, c.code AS cremator_code
         FROM funeral_homes h LEFT JOIN cremators c ON c.home = h.id AND c.state = 'working'
        WHERE h.region = ANY(CAST(:regions AS text[])) OR h.id = ANY(CAST(:homes AS uuid[]))
        ORDER BY coalesce(h.code, h.region), h.id, c.code"""
)
_HOURS = text(
    """SELECT home, from_on, through_on, opens_at, closes_at FROM home_hours
        WHERE home = ANY(CAST(:homes AS uuid[])) ORDER BY home, from_on"""
)
_TAKEN = text(
    "SELECT cremator, starts_at FROM bookings WHERE released_at IS NULL AND cremator = ANY(CAST(:cremators AS uuid[]))"
)
_PRICES = text(
    """SELECT home, item, per, amount_fen, valid_from FROM prices
        WHERE home = ANY(CAST(:homes AS uuid[])) ORDER BY home, item, valid_from"""
)


async def bookings_by_case(tx: Transaction, cases: Iterable[UUID]) -> dict[UUID, Booking]:
    """The slot that each case has."""
    rows = await tx.execute(_BOOKINGS, {"procedures": [], "cases": sorted(set(cases))})
    return {row.case_id: _booking(row) for row in rows}


async def bookings_of(tx: Transaction, procedures: Iterable[UUID]) -> dict[UUID, Booking]:
    """The slot that each procedure has."""
    rows = await tx.execute(_BOOKINGS, {"procedures": sorted(set(procedures)), "cases": []})
    return {row.procedure: _booking(row) for row in rows}


def _booking(row: Any) -> Booking:
    return Booking(row.cremator, row.starts_at, row.home, row.started_at)


async def timetables(tx: Transaction, counties: Iterable[str], *, lock: bool = False) -> dict[str, Timetable]:
    """The timetable of each county. `lock`: no other booking there before this transaction ends."""
    regions = sorted(counties)
    if not regions:
        return {}
    if lock:
        await tx.execute(_LOCK_HOMES, {"regions": regions})
    homes = await homes_of(tx, regions=regions)
    cremators = [cremator.id for home in homes for cremator in home.cremators]
    taken = frozenset[tuple[UUID, datetime]](
        (row.cremator, row.starts_at) for row in await tx.execute(_TAKEN, {"cremators": cremators})
    )
    by_county: dict[str, list[Home]] = defaultdict(list)
    for home in homes:
        by_county[home.region].append(home)
    return {county: Timetable(tuple(by_county[county]), taken) for county in regions}


async def locked_homes(tx: Transaction, homes: Iterable[UUID]) -> dict[UUID, Home]:
    """These homes, locked: nobody else gives a number there before this transaction ends."""
    ids = sorted(set(homes))
    if not ids:
        return {}
    await tx.execute(_LOCK_THESE, {"homes": ids})
    return {home.id: home for home in await homes_of(tx, homes=ids)}


async def homes_of(tx: Transaction, *, regions: Sequence[str] = (), homes: Sequence[UUID] = ()) -> list[Home]:
    """Homes by county or by id, in the order of their codes, with the cremators that work and their hours."""
    rows = (await tx.execute(_HOMES, {"regions": list(regions), "homes": list(homes)})).all()
    cremators: dict[UUID, list[Cremator]] = defaultdict(list)
    first: dict[UUID, Any] = {}
    for row in rows:
        first.setdefault(row.id, row)
        if row.cremator is not None:
            cremators[row.id].append(Cremator(row.cremator, row.cremator_code))
    hours = await _hours(tx, list(first))
    return [
        Home(key, r.name, r.region, r.opens_at, r.closes_at, r.slot_minutes, tuple(cremators[key]), r.code, hours[key])
        for key, r in first.items()
    ]  # fmt: skip


async def _hours(tx: Transaction, homes: Sequence[UUID]) -> Mapping[UUID, tuple[Hours, ...]]:
    found: dict[UUID, list[Hours]] = defaultdict(list)
    for row in await tx.execute(_HOURS, {"homes": list(homes)}):
        found[row.home].append(Hours(row.from_on, row.through_on, row.opens_at, row.closes_at))
    return {home: tuple(found[home]) for home in homes}


async def prices_of(tx: Transaction, homes: Iterable[UUID]) -> dict[UUID, tuple[Price, ...]]:
    """The whole price list of each home, newest entries last."""
    found: dict[UUID, list[Price]] = defaultdict(list)
    ids = sorted(set(homes))
    if not ids:
        return {}
    for row in await tx.execute(_PRICES, {"homes": ids}):
        found[row.home].append(Price(row.home, row.item, row.per, row.amount_fen, row.valid_from))
    return {home: tuple(prices) for home, prices in found.items()}
