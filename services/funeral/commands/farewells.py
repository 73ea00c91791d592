"""Halls: given back, taken, used. A quarter of an hour belongs to one booking; the key is the last word."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.commands.effects import Rulings, of_kind
from services.funeral.domain.effects import BookHall, HallHeld, ReleaseHall
from services.funeral.domain.halls import quarters
from services.funeral.problems import HallTaken

_OWN = (
    "SELECT id FROM hall_bookings WHERE released_at IS NULL AND procedure = ANY(CAST(:procedures AS uuid[]))"
)
# What was held is over: its quarters need not be looked at any more.
_FREE = text(f"DELETE FROM hall_quarters WHERE booking IN ({_OWN})")
_RELEASE = text(
    """UPDATE hall_bookings SET released_at = :at
        WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL AND held_at IS NULL"""
)
_HELD = text(
    """UPDATE hall_bookings SET held_at = :at
        WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL"""
)
_BOOK = text(
    """INSERT INTO hall_bookings (id, procedure, case_id, hall, starts_at, ends_at, booked_at)
       SELECT id, procedure, case_id, hall, starts_at, ends_at, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:procedures AS uuid[]), CAST(:cases AS uuid[]), CAST(:halls AS uuid[]),
              CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
              AS new(id, procedure, case_id, hall, starts_at, ends_at)"""
)
_TAKE = text(
    """INSERT INTO hall_quarters (hall, quarter, booking)
       SELECT hall, quarter, booking FROM unnest(CAST(:halls AS uuid[]), CAST(:quarters AS timestamptz[]),
              CAST(:bookings AS uuid[])) AS new(hall, quarter, booking) ORDER BY hall, quarter
       ON CONFLICT DO NOTHING RETURNING quarter"""
)


async def apply_farewells(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Halls given back or used first, then taken. Raises HallTaken."""
    released = [procedure.id for procedure, _ in of_kind(rulings, ReleaseHall)]
    held = [procedure.id for procedure, _ in of_kind(rulings, HallHeld)]
    if released or held:
        await tx.execute(_FREE, {"procedures": sorted({*released, *held})})
    if released:
        await tx.execute(_RELEASE, {"procedures": released, "at": at})
    if held:
        await tx.execute(_HELD, {"procedures": held, "at": at})
    await _book(tx, of_kind(rulings, BookHall), at)


async def _book(tx: Transaction, booked: Sequence[tuple[Procedure, BookHall]], at: datetime) -> None:
    if not booked:
        return
    ids = [uuid4() for _ in booked]
    ends = [effect.hall.end_of(effect.starts_at) for _, effect in booked]
    await tx.execute(
        _BOOK,
        {
            "ids": ids, "procedures": [procedure.id for procedure, _ in booked],
            "cases": [procedure.case for procedure, _ in booked],
            "halls": [effect.hall.id for _, effect in booked],
            "starts": [effect.starts_at for _, effect in booked], "ends": ends, "at": at,
        },
    )  # fmt: skip
    cells: list[tuple[UUID, datetime, UUID]] = [
        (effect.hall.id, quarter, booking)
        for booking, end, (_, effect) in zip(ids, ends, booked, strict=True)
        for quarter in quarters(effect.starts_at, end)
    ]
    halls, times, bookings = zip(*cells, strict=True)
    taken = await tx.execute(
        _TAKE, {"halls": list(halls), "quarters": list(times), "bookings": list(bookings)}
    )
    if len(taken.all()) < len(cells):
        raise HallTaken()
