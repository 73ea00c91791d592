"""The teller: reads what has changed, makes the day's digests, sends them. One loop, and the demo's clock, use it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.notices import queue
from gateway.notices.daily import Daily
from gateway.notices.dispatch import Dispatch
from gateway.notices.queue import Queue
from kernel.messaging.transaction import Transaction, Transactions
from kernel.messaging.waiting import wait_until
from kernel.public_service.clock import Clock

# Nobody is told before ten o'clock: changes of many cases, and many of one, are looked at together.
_EVERY_SECONDS = 5.0
_MOST_LOOKS = 200
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Teller:
    """Everything that tells people something; the rest of the gateway never sends."""

    transactions: Transactions
    clock: Clock
    queue: Queue
    daily: Daily
    dispatch: Dispatch

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transaction]:
        """A transaction that knows the legal time."""
        async with self.transactions.begin() as tx:
            await self.clock.refresh(tx)
            yield tx

    async def catch_up(self) -> int:
        """Look at every change that may be read by now; how many there were."""
        async with self.open() as tx:
            if not await queue.behind(tx):
                return 0
            lost = await queue.forgotten(tx)
        if lost:
            await self._look_at_all()
        looked = 0
        while some := await self._page():
            looked += some
        return looked

    async def catch_up_fully(self) -> None:
        """As `catch_up`, and wait for transactions that still hide a change: the demo's clock leaves nothing out."""
        for _ in range(_MOST_LOOKS):
            await self.catch_up()
            async with self.open() as tx:
                if not await queue.behind(tx):
                    return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _page(self) -> int:
        async with self.open() as tx:
            return await self.queue.take_page(tx, now=self.clock.now())

    async def _look_at_all(self) -> None:
        """Changes were forgotten before anybody looked: every live case is looked at, a page at a time."""
        after = UUID(int=0)
        while True:
            async with self.open() as tx:
                cases = await queue.cases_after(tx, after)
                if not cases:
                    return
                await self.queue.look_at(tx, cases, now=self.clock.now())
            after = cases[-1]

    async def next_at(self) -> datetime | None:
        """When the next digest is due, every change looked at."""
        await self.catch_up_fully()
        async with self.open() as tx:
            return await self.daily.next_at(tx, now=self.clock.now())

    async def tell(self, now: datetime) -> int:
        """Make and send what is due at the legal instant `now`; how many messages went out."""
        looked = True
        while looked:
            async with self.open() as tx:
                looked = await self.daily.make_page(tx, now=now) > 0
        sent = 0
        while some := await self.dispatch.send_page(now=now):
            sent += some
        return sent


class TellerLoop:
    """Looks every few seconds. While the demo's clock is being moved it reads, and leaves telling to the mover."""

    def __init__(self, teller: Teller, *, every_seconds: float = _EVERY_SECONDS) -> None:
        self._teller = teller
        self._every_seconds = every_seconds

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.once()
            await wait_until(stop, self._every_seconds)

    async def once(self) -> int:
        """One look; how many messages went out."""
        await self._teller.catch_up()
        clock = self._teller.clock
        return 0 if clock.moved_lately else await self._teller.tell(clock.now())
