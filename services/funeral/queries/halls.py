"""Halls, what is booked there, and when the cremation of a case is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.domain.facts import FarewellFacts
from services.funeral.domain.halls import Hall, HallBooking
from services.funeral.queries.bodies import bodies_of
from services.funeral.queries.holds import holds_of, holds_on
from services.funeral.queries.timetables import bookings_by_case

BOOK_STEP = "book"

# Whoever books a hall of a county waits for the one before.
_LOCK = text(
    """SELECT a.id FROM halls a JOIN funeral_homes h ON h.id = a.home
        WHERE h.region = ANY(CAST(:regions AS text[])) ORDER BY a.id FOR UPDATE OF a"""
)
_HALLS = text(
    """SELECT a.id, a.home, a.code, a.name, a.kind, a.minutes, h.region,
              array(SELECT quarter FROM hall_quarters q WHERE q.hall = a.id) AS taken
         FROM halls a JOIN funeral_homes h ON h.id = a.home
        WHERE a.state = 'working' AND h.region = ANY(CAST(:regions AS text[])) ORDER BY a.code"""
)
_BOOKINGS = text(
    """SELECT b.procedure, b.case_id, b.hall, a.kind, b.starts_at, b.ends_at, b.held_at
         FROM hall_bookings b JOIN halls a ON a.id = b.hall
        WHERE b.released_at IS NULL AND b.case_id = ANY(CAST(:cases AS uuid[]))"""
)


async def gather_farewells(
    procedures: Sequence[Procedure], *, tx: Transaction
) -> Mapping[UUID, FarewellFacts]:
    """Holds, the own booking; halls and the cremation's slot only for those that book now."""
    holds = await holds_on(tx, procedures)
    known = [p for p in procedures if p.state is not None]
    if not known:
        return {p.id: FarewellFacts(holds_of(p, holds)) for p in procedures}
    own = await hall_bookings_by_case(tx, [p.case for p in known])
    booking = [p for p in known if p.running and p.step == BOOK_STEP]
    halls = await halls_of(tx, {p.region[:6] for p in booking})
    slots = await bookings_by_case(tx, [p.case for p in booking]) if booking else {}
    bodies = await bodies_of(tx, [p.case for p in booking])
    return {
        p.id: FarewellFacts(
            holds_of(p, holds), own.get(p.case), halls.get(p.region[:6], ()), _home(p.case, bodies, slots),
            slots[p.case].starts_at if p.case in slots else None,
        )
        for p in procedures
    }  # fmt: skip


def _home(case: UUID, bodies: Mapping[UUID, Any], slots: Mapping[UUID, Any]) -> UUID | None:
    """Where the body is, or where the cremation is booked."""
    known = bodies.get(case) or slots.get(case)
    return known.home if known else None


async def halls_of(tx: Transaction, counties: Iterable[str]) -> dict[str, tuple[Hall, ...]]:
    """The halls of each county, locked, with the quarters that are taken."""
    regions = sorted(counties)
    if not regions:
        return {}
    await tx.execute(_LOCK, {"regions": regions})
    found: dict[str, list[Hall]] = defaultdict(list)
    for r in await tx.execute(_HALLS, {"regions": regions}):
        taken: frozenset[datetime] = frozenset(r.taken)
        found[r.region].append(Hall(r.id, r.home, r.code, r.name, r.kind, r.minutes, taken))
    return {county: tuple(found[county]) for county in regions}


async def hall_bookings_by_case(tx: Transaction, cases: Iterable[UUID]) -> dict[UUID, HallBooking]:
    """The farewell of each case that has not been given back; the one held last where there are several."""
    wanted = sorted(set(cases))
    if not wanted:
        return {}
    rows = await tx.execute(_BOOKINGS, {"cases": wanted})
    return {
        r.case_id: HallBooking(r.procedure, r.hall, r.kind, r.starts_at, r.ends_at, r.held_at) for r in rows
    }
