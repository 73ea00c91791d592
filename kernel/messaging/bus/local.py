"""All services in one process: the relay copies each row into every subscriber's mail (design 6).

Mail lies in the subscriber's own database, so a slow or parked subscriber delays nobody, and is deleted in
the transaction that handles it: by the numbers read, never by a cursor, for several relays write it and
their rows become visible out of order.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import text

from kernel.messaging.bus.interface import Delivery, Lag, OutboxRow, SendResult
from kernel.messaging.message import Message
from kernel.messaging.transaction import Transaction, Transactions
from kernel.messaging.waiting import wait_until

Routes = Mapping[str, Sequence[tuple[str, Transactions]]]

# The relay may send twice: what still lies here is not laid again, what was handled is told by the inbox.
_POST = text("""
    INSERT INTO mail (consumer, id, topic, key, headers, payload)
    SELECT consumer, id, topic, key, headers::json, payload
    FROM unnest(CAST(:consumers AS text[]), CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]),
                CAST(:headers AS text[]), CAST(:payloads AS bytea[]))
         WITH ORDINALITY AS row (consumer, id, topic, key, headers, payload, n)
    ORDER BY n ON CONFLICT (consumer, id) DO NOTHING
""")
_READ = text("""
    SELECT seq, id, topic, key, headers::text AS headers, payload FROM mail
    WHERE consumer = :consumer ORDER BY seq LIMIT :most
""")
_DELETE = text("DELETE FROM mail WHERE seq = ANY(CAST(:seqs AS bigint[]))")
_WAITING = text("SELECT count(*) FROM mail WHERE consumer = :consumer")
_LAG = text("""
    SELECT count(*), CAST(extract(epoch FROM clock_timestamp() - min(created_at)) AS double precision)
    FROM mail WHERE consumer = :consumer
""")


class LocalBus:
    """`routes`: for every topic its consumers and where each has its database; no consumer is a route too."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.wakes: dict[str, asyncio.Event] = {}
        self._homes: dict[str, Transactions] = {}
        for topic, consumers in routes.items():
            for consumer, transactions in consumers:
                if self._homes.setdefault(consumer, transactions) is not transactions:
                    raise ValueError(
                        f"consumer {consumer} of {topic} is routed to two databases; name them apart"
                    )
                self.wakes.setdefault(consumer, asyncio.Event())

    async def start(self) -> None:
        """Nothing to make ready."""

    async def stop(self) -> None:
        """Nothing to let go."""

    def publisher(self, service: str) -> "LocalPublisher":
        """The publisher of one service's relay."""
        return LocalPublisher(self)

    def subscription(self, service: str, consumer: str, topics: Sequence[str]) -> "LocalSubscription":
        """A consumer's mail. Raises ValueError for a topic that is not routed to it."""
        for topic in topics:
            if consumer not in (name for name, _ in self.routes.get(topic, ())):
                raise ValueError(
                    f"topic {topic} is not routed to {consumer}; add it to the routes of the local bus"
                )
        return LocalSubscription(consumer, self._homes[consumer], self.wakes[consumer])

    async def unread(self, consumers: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
        """Mail of each, from the database where it lies."""
        found = {}
        for consumer in consumers:
            async with self._homes[consumer].begin() as tx:
                count = (await tx.execute(_WAITING, {"consumer": consumer})).scalar_one()
            if count:
                found[consumer] = count
        return found


class LocalPublisher:
    """Lays rows into mail, one transaction per database, all databases at once."""

    def __init__(self, bus: LocalBus) -> None:
        self._bus = bus

    async def open(self) -> None:
        """Nothing to connect: the subscribers' pools are there."""

    async def close(self) -> None:
        """Nothing is held back."""

    async def send(self, rows: Sequence[OutboxRow]) -> SendResult:
        """Acknowledge the rows that lie with every one of their subscribers.

        A database that is away holds back only the topics it subscribes to.
        """
        result = SendResult()
        posts: dict[int, list[tuple[str, OutboxRow]]] = defaultdict(list)
        homes: dict[int, Transactions] = {}
        for row in rows:
            if row.topic not in self._bus.routes:
                result.refused.append((row.seq, f"unknown topic {row.topic}: no route on the local bus"))
            for consumer, home in self._bus.routes.get(row.topic, ()):
                homes[id(home)] = home
                posts[id(home)].append((consumer, row))
        places = list(posts)
        answers = await asyncio.gather(
            *(self._post(homes[place], posts[place]) for place in places), return_exceptions=True
        )
        away: set[str] = set()
        for place, answer in zip(places, answers, strict=True):
            if isinstance(answer, Exception):
                result.broken = answer
                away.update(row.topic for _, row in posts[place])
            elif isinstance(answer, BaseException):
                raise answer
        result.acknowledged = [
            row.seq for row in rows if row.topic in self._bus.routes and row.topic not in away
        ]
        return result

    async def _post(self, home: Transactions, entries: Sequence[tuple[str, OutboxRow]]) -> None:
        parameters = {
            "consumers": [consumer for consumer, _ in entries],
            "ids": [row.id for _, row in entries],
            "topics": [row.topic for _, row in entries],
            "keys": [row.key for _, row in entries],
            "headers": [row.headers for _, row in entries],
            "payloads": [row.payload for _, row in entries],
        }
        async with home.begin() as tx:
            await tx.execute(_POST, parameters)
        for consumer in {consumer for consumer, _ in entries}:
            self._bus.wakes[consumer].set()


class LocalSubscription:
    """One consumer's mail, read by seq."""

    def __init__(self, consumer: str, home: Transactions, wake: asyncio.Event) -> None:
        self._consumer = consumer
        self._wake = wake
        self._reader = home.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing is held."""

    async def fetch(self, *, limit: int = 500, wait_seconds: float = 0.5) -> Sequence[Delivery]:
        """The lowest rows; woken by the relay of the same process, else looks again after the wait."""
        self._wake.clear()
        deliveries = await self._read(limit)
        if deliveries or not await wait_until(self._wake, wait_seconds):
            return deliveries
        return await self._read(limit)

    async def settle(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        """Delete what was read, and nothing else, with the handler's own rows."""
        await tx.execute(_DELETE, {"seqs": [delivery.offset for delivery in deliveries]})

    async def settled(self, deliveries: Sequence[Delivery]) -> None:
        """The commit said it all."""

    async def rewind(self) -> None:
        """What was not settled is still there."""

    async def lag(self) -> Lag:
        """Rows that wait, and the age of the oldest."""
        async with self._reader.connect() as connection:
            messages, oldest_seconds = (await connection.execute(_LAG, {"consumer": self._consumer})).one()
        return Lag(messages, oldest_seconds, partitions=1)

    async def _read(self, most: int) -> list[Delivery]:
        async with self._reader.connect() as connection:
            rows = (await connection.execute(_READ, {"consumer": self._consumer, "most": most})).all()
        return [
            Delivery(Message(row.id, row.topic, row.key, orjson.loads(row.headers), row.payload), 0, row.seq)
            for row in rows
        ]
