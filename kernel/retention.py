"""Forgetting what has been kept long enough, by real time, in portions."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from kernel.messaging.transaction import Transaction, Transactions
from kernel.messaging.waiting import wait_until

Forget = Callable[[Transaction, datetime], Awaitable[int]]
"""Deletes a portion of what is older than that instant and returns how much; 0 when there is no more."""

_LOOK_EVERY_SECONDS = 600.0


class Retention:
    """A loop of a service: `forget` portion after portion, each in a transaction of its own, then a long wait."""

    def __init__(
        self,
        transactions: Transactions,
        forget: Forget,
        *,
        kept_days: int,
        every_seconds: float = _LOOK_EVERY_SECONDS,
    ) -> None:
        self._transactions = transactions
        self._forget = forget
        self._kept = timedelta(days=kept_days)
        self._every_seconds = every_seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Forget until told to stop."""
        while not stop.is_set():
            async with self._transactions.begin() as tx:
                forgotten = await self._forget(tx, datetime.now(UTC) - self._kept)
            if forgotten == 0:
                await wait_until(stop, self._every_seconds)
