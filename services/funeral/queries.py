"""Reads of the funeral service, each one statement for a batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from casework.people_view import PersonView
from casework.procedure import Procedure
from contracts.terms import HoldKind
from kernel.messaging.transaction import Transaction
from services.funeral.domain import Booking, Cremator, Facts, Home, StandingHold, Timetable

BOOK_STEP = "book"

_HOLDS = text(
    """SELECT id, kind, case_id, person FROM holds
        WHERE released_at IS NULL
          AND (case_id = ANY(CAST(:cases AS uuid[])) OR person = ANY(CAST(:persons AS uuid[]))) ORDER BY id"""
)
_BOOKINGS = text(
    """SELECT procedure, cremator, starts_at, started_at FROM bookings
        WHERE released_at IS NULL AND procedure = ANY(CAST(:procedures AS uuid[]))"""
)
# Whoever books in a home waits for the one before: each then sees the slots that are really free.
_LOCK_HOMES = text(
    "SELECT id FROM funeral_homes WHERE region = ANY(CAST(:regions AS text[])) ORDER BY id FOR UPDATE"
)
_HOMES = text(
    """SELECT h.id, h.name, h.region, h.opens_at, h.closes_at, h.slot_minutes, c.id AS cremator, c.code
         FROM funeral_homes h JOIN cremators c ON c.home = h.id AND c.state = 'working'
        WHERE h.region = ANY(CAST(:regions AS text[])) ORDER BY h.id, c.code"""
)
_TAKEN = text(
    "SELECT cremator, starts_at FROM bookings WHERE released_at IS NULL AND cremator = ANY(CAST(:cremators AS uuid[]))"
)


async def gather_holds(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Facts]:
    """For rows on generic steps: the holds that stand."""
    holds = await standing_holds(tx, procedures)
    return {procedure.id: Facts(holds=holds_of(procedure, holds)) for procedure in procedures}


async def gather_cremations(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Facts]:
    """Holds and bookings; the timetable, with its homes locked, only for those that are to be booked."""
    holds = await standing_holds(tx, procedures)
    bookings = await _bookings(tx, [procedure.id for procedure in procedures])
    booking = {p.region[:6] for p in procedures if p.running and p.step == BOOK_STEP}
    tables = await timetables(tx, booking, lock=True) if booking else {}
    return {
        p.id: Facts(holds_of(p, holds), bookings.get(p.id), tables.get(p.region[:6], Timetable()))
        for p in procedures
    }


async def standing_holds(tx: Transaction, procedures: Sequence[Procedure]) -> list[StandingHold]:
    """Every hold that stands on one of these cases or their subjects."""
    ids = {
        "cases": sorted({procedure.case for procedure in procedures}),
        "persons": sorted({procedure.subject for procedure in procedures}),
    }
    return [StandingHold(r.id, HoldKind(r.kind), r.case_id, r.person) for r in await tx.execute(_HOLDS, ids)]


def holds_of(procedure: Procedure, holds: Iterable[StandingHold]) -> tuple[StandingHold, ...]:
    return tuple(hold for hold in holds if hold.case == procedure.case or hold.person == procedure.subject)


async def _bookings(tx: Transaction, procedures: Sequence[UUID]) -> dict[UUID, Booking]:
    rows = await tx.execute(_BOOKINGS, {"procedures": sorted(procedures)})
    return {row.procedure: Booking(row.cremator, row.starts_at, row.started_at) for row in rows}


async def timetables(tx: Transaction, counties: Iterable[str], *, lock: bool = False) -> dict[str, Timetable]:
    """The timetable of each county. `lock`: no other booking there before this transaction ends."""
    regions = sorted(counties)
    if lock:
        await tx.execute(_LOCK_HOMES, {"regions": regions})
    homes = _homes((await tx.execute(_HOMES, {"regions": regions})).all())
    cremators = [cremator.id for home in homes for cremator in home.cremators]
    taken = frozenset[tuple[UUID, datetime]](
        (row.cremator, row.starts_at) for row in await tx.execute(_TAKEN, {"cremators": cremators})
    )
    by_county: dict[str, list[Home]] = defaultdict(list)
    for home in homes:
        by_county[home.region].append(home)
    return {county: Timetable(tuple(by_county[county]), taken) for county in regions}


def _homes(rows: Sequence[object]) -> list[Home]:
    cremators: dict[UUID, list[Cremator]] = defaultdict(list)
    first: dict[UUID, object] = {}
    for row in rows:
        cremators[row.id].append(Cremator(row.cremator, row.code))  # type: ignore[attr-defined]
        first.setdefault(row.id, row)  # type: ignore[attr-defined]
    return [
        Home(key, r.name, r.region, r.opens_at, r.closes_at, r.slot_minutes, tuple(cremators[key]))  # type: ignore[attr-defined]
        for key, r in first.items()
    ]


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:  # noqa: ARG001
    """Nobody holds a benefit here."""
    return {person: PersonView(person=person) for person in persons}
