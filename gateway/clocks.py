"""The clocks of the gateway's database besides its own procedures: offers, questions, deliveries (design 5 "Clocks").

Whatever is due earliest runs first, of one instant at a time, set-based; the demo's clock and the worker run the same.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.cases import ask_clock, lapses
from gateway.cases.moves import Moves
from gateway.exchange import checks
from gateway.exchange.limits import Limits
from kernel.messaging.transaction import Transaction
from kernel.messaging.waiting import wait_until
from kernel.public_service.clock import Clock

_EVERY_SECONDS = 1.0

NextCheck = Callable[[Transaction], Awaitable[datetime | None]]
RunDue = Callable[..., Awaitable[int]]
Open = Callable[[], AbstractAsyncContextManager[Transaction]]


@dataclass(frozen=True, slots=True)
class Clocks:
    """All three kinds as one."""

    moves: Moves
    limits: Limits

    async def next_check(self, tx: Transaction) -> datetime | None:
        """The earliest instant at which one of them must be looked at; none when nothing waits."""
        return min((at for at, _ in await self._waiting(tx)), default=None)

    async def run_due(self, tx: Transaction, *, now: datetime, limit: int = 500) -> int:
        """Run what is due earliest; how many checks. Call again until it is zero."""
        for at, run in sorted(await self._waiting(tx), key=lambda pair: pair[0]):
            if at <= now and (fired := await run(tx, moves=self.moves, now=now, limit=limit)):
                return fired
        return 0

    async def _waiting(self, tx: Transaction) -> list[tuple[datetime, RunDue]]:
        """Each kind that waits for something: when first, and what runs it."""
        kinds: tuple[tuple[NextCheck, RunDue], ...] = (
            (lapses.next_lapse, lapses.run_due),
            (ask_clock.next_check, ask_clock.run_due),
            (checks.next_check, partial(checks.run_due, limits=self.limits)),
        )
        found = [(await next_check(tx), run) for next_check, run in kinds]
        return [(at, run) for at, run in found if at is not None]


class ClockLoop:
    """Looks once a second whether something is due; not while the demo's clock is being moved."""

    def __init__(self, open_: Open, clocks: Clocks, clock: Clock) -> None:
        self._open = open_
        self._clocks = clocks
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if await self.once() == 0:
                await wait_until(stop, _EVERY_SECONDS)

    async def once(self) -> int:
        """Run what is due earliest now; how many checks fired."""
        async with self._open() as tx:
            if self._clock.moved_lately:
                return 0
            return await self._clocks.run_due(tx, now=self._clock.now())
