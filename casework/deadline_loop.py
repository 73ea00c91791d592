"""The clock of one owner: looks once a second whether something is due, and runs it."""

import asyncio

from casework.deadlines import run_due
from casework.office import Office
from kernel.messaging.transaction import Transactions
from kernel.messaging.waiting import wait_until
from kernel.public_service.clock import Clock

_EVERY_SECONDS = 1.0


class DeadlineLoop:
    """Runs due checks until told to stop. What fails is tried again by the worker, with its alarm."""

    def __init__(
        self,
        transactions: Transactions,
        office: Office,
        clock: Clock,
        *,
        every_seconds: float = _EVERY_SECONDS,
    ) -> None:
        self._transactions = transactions
        self._office = office
        self._clock = clock
        self._every_seconds = every_seconds

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if await self.once() == 0:
                await wait_until(stop, self._every_seconds)

    async def once(self) -> int:
        """Run what is due now; returns how many checks fired: none while the demo's clock is being moved.

        Raises the first error of a clock act that a verb refused, after the rest has been committed.
        """
        async with self._transactions.begin() as tx:
            await self._clock.refresh(tx)
            if self._clock.moved_lately:
                return 0
            fired = await run_due(tx, office=self._office, now=self._clock.now())
            for report in fired.reports:
                tx.emit(report)
        if fired.failed:
            raise fired.failed[0]
        return fired.count
