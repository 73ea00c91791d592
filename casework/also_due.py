"""Due checks of an owner's own rows that are no procedures (an offered bed, say): run by the same clock, in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ


class AlsoDue(Protocol):
    """One kind of row. Handed to `build_owner_service`; the worker, the demo's clock and tests run the same."""

    async def next_check(self, tx: Transaction) -> datetime | None:
        """The earliest instant at which one of the rows must be looked at; none when nothing waits."""
        ...

    async def run_due(self, tx: Transaction, *, now: datetime, limit: int) -> int:
        """Run at most `limit` checks that are due; how many ran. Safe with two workers."""
        ...


async def earliest(tx: Transaction, kinds: Sequence[AlsoDue]) -> tuple[datetime, AlsoDue] | None:
    """The kind that must be looked at first, and when."""
    found = [(at.astimezone(TZ), kind) for kind in kinds if (at := await kind.next_check(tx)) is not None]
    return min(found, key=lambda pair: pair[0], default=None)
