"""What a service's messaging needs beside its loops: gauges every few seconds, partitions once an hour."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog
from sqlalchemy import text

from kernel.messaging import inbox
from kernel.messaging.consumer import Consumer
from kernel.messaging.metrics import (
    CONSUMER_ASSIGNED,
    CONSUMER_LAG,
    CONSUMER_OLDEST_SECONDS,
    OUTBOX_OLDEST_SECONDS,
    OUTBOX_PARKED_KEYS,
    OUTBOX_ROWS,
    PARKED_KEYS,
    PARKED_OLDEST_SECONDS,
)
from kernel.messaging.transaction import Transactions
from kernel.messaging.waiting import wait_until

log = structlog.get_logger(__name__)

_OUTBOX = text("""
    SELECT coalesce(CAST(extract(epoch FROM clock_timestamp() - min(created_at)) AS double precision), 0), count(*)
    FROM (SELECT created_at FROM outbox ORDER BY seq LIMIT 10000) lowest
""")
_PARKED_OUTBOX = text("SELECT count(*) FROM parked_outbox")
_PARKED = text("""
    SELECT consumer, count(*), CAST(extract(epoch FROM clock_timestamp() - min(parked_at)) AS double precision)
    FROM parked_keys GROUP BY consumer
""")


class Upkeep:
    """Keeps one service's messaging tables and gauges. Ages are technical time, in seconds."""

    def __init__(
        self,
        transactions: Transactions,
        consumers: Iterable[Consumer] = (),
        *,
        service: str,
        gauge_seconds: float = 5.0,
        partition_seconds: float = 3600.0,
    ) -> None:
        self._transactions = transactions
        self._consumers = tuple(consumers)
        self._service = service
        self._gauge_seconds = gauge_seconds
        self._partition_seconds = partition_seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. Raises what fails: the worker shows it in /readyz and metrics and starts this anew."""
        partitioned_at: float | None = None
        while not stop.is_set():
            if partitioned_at is None or time.monotonic() - partitioned_at >= self._partition_seconds:
                await self.keep_partitions()
                partitioned_at = time.monotonic()
            await self.measure()
            await wait_until(stop, self._gauge_seconds)

    async def keep_partitions(self) -> None:
        """Inbox partitions: the next week's made, those past 40 days dropped."""
        today = datetime.now(UTC).date()
        async with self._transactions.begin() as tx:
            made = await inbox.make_partitions(tx.connection, today=today)
            dropped = await inbox.drop_partitions(tx.connection, today=today)
        if made or dropped:
            log.info("inbox_partitions", service=self._service, made=made, dropped=dropped)

    async def measure(self) -> None:
        """Set every gauge once."""
        async with self._transactions.begin() as tx:
            outbox = (await tx.execute(_OUTBOX)).one()
            parked_outbox = (await tx.execute(_PARKED_OUTBOX)).scalar_one()
            parked = {row[0]: (row[1], row[2]) for row in (await tx.execute(_PARKED)).all()}
        OUTBOX_OLDEST_SECONDS.labels(self._service).set(outbox[0])
        OUTBOX_ROWS.labels(self._service).set(outbox[1])
        OUTBOX_PARKED_KEYS.labels(self._service).set(parked_outbox)
        for name in {consumer.name for consumer in self._consumers} | set(parked):
            keys, seconds = parked.get(name, (0, 0.0))
            PARKED_KEYS.labels(self._service, name).set(keys)
            PARKED_OLDEST_SECONDS.labels(self._service, name).set(seconds)
        for consumer in self._consumers:
            lag = await consumer.subscription.lag()
            CONSUMER_LAG.labels(self._service, consumer.name).set(lag.messages)
            CONSUMER_OLDEST_SECONDS.labels(self._service, consumer.name).set(lag.oldest_seconds or 0)
            CONSUMER_ASSIGNED.labels(self._service, consumer.name).set(lag.partitions)
