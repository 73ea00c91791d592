"""Offers that nobody answered end at their own instant (design 4, `offer_lapses`)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from sqlalchemy import text

from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import DueCheck
from kernel.messaging.transaction import Transaction
from kernel.messaging.waiting import wait_until
from kernel.public_service.clock import Clock

_EVERY_SECONDS = 5.0
_NEXT = text("SELECT min(lapses_at) FROM case_procedures WHERE state = 'offered'")
# The earliest instant that is due, and the cases that have an offer lapsing then.
_DUE = text("""
    SELECT lapses_at, array_agg(DISTINCT case_id) AS cases FROM case_procedures
    WHERE state = 'offered' AND lapses_at <= :now GROUP BY lapses_at ORDER BY lapses_at LIMIT 1""")

Open = Callable[[], AbstractAsyncContextManager[Transaction]]


async def next_lapse(tx: Transaction) -> datetime | None:
    """When the next offer lapses; None when no offer has an end."""
    found: datetime | None = (await tx.execute(_NEXT)).scalar()
    return found


async def run_due(tx: Transaction, *, moves: Moves, now: datetime) -> int:
    """End the offers of the earliest due instant, seen at that instant. Returns how many cases were looked at."""
    row = (await tx.execute(_DUE, {"now": now})).first()
    if row is None:
        return 0
    await moves.move(tx, [(case, [DueCheck()]) for case in row.cases], at=row.lapses_at, actor="system")
    return len(row.cases)


class OfferClock:
    """Looks every few seconds whether an offer has lapsed; not while the demo's clock is being moved."""

    def __init__(
        self, open_: Open, moves: Moves, clock: Clock, *, every_seconds: float = _EVERY_SECONDS
    ) -> None:
        self._open = open_
        self._moves = moves
        self._clock = clock
        self._every_seconds = every_seconds

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if await self._once() == 0:
                await wait_until(stop, self._every_seconds)

    async def _once(self) -> int:
        async with self._open() as tx:
            if self._clock.moved_lately:
                return 0
            return await run_due(tx, moves=self._moves, now=self._clock.now())
