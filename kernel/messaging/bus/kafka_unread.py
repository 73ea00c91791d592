"""How much no consumer has handled yet, asked of the broker itself: also of groups that nobody runs just now."""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kernel.messaging.bus.kafka_subscription import BOUND_SECONDS
from kernel.messaging.failures import BusAway, describe


class UnreadCount:
    """Keeps two connections from the first question to `close`; after any error the next one opens new ones."""

    def __init__(self, bootstrap: str, *, namespace: str, partitions: int) -> None:
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._partitions = partitions
        self._admin: AIOKafkaAdminClient | None = None
        self._reader: AIOKafkaConsumer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def of(self, consumers: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """Records past the committed offset, by consumer. Raises BusAway when the broker does not tell."""
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(BOUND_SECONDS):
                    return await self._count(consumers)
            except (KafkaError, TimeoutError) as error:
                await self.close()
                raise BusAway(f"{BusAway.__doc__} {describe(error)}") from error

    async def close(self) -> None:
        """Let the connections go."""
        admin, reader, self._admin, self._reader = self._admin, self._reader, None, None
        if admin is not None:
            await admin.close()
        if reader is not None:
            await reader.stop()

    async def _count(self, consumers: Mapping[str, Sequence[str]]) -> dict[str, int]:
        admin, reader = await self._opened(consumers)
        ends = await reader.end_offsets(reader.assignment())
        unread: dict[str, int] = {}
        for consumer, topics in consumers.items():
            handled = await admin.list_consumer_group_offsets(self._namespace + consumer)
            partitions = [partition for topic in topics for partition in self._of(topic)]
            # A group that has not begun will begin at the first record.
            behind = (ends[each] - (handled[each].offset if each in handled else 0) for each in partitions)
            if number := sum(max(0, records) for records in behind):
                unread[consumer] = number
        return unread

    async def _opened(
        self, consumers: Mapping[str, Sequence[str]]
    ) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
            await self._admin.start()
        if self._reader is None:
            self._reader = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
            await self._reader.start()
        topics = {topic for named in consumers.values() for topic in named}
        wanted = {partition for topic in topics for partition in self._of(topic)}
        if self._reader.assignment() != wanted:
            self._reader.assign(sorted(wanted))
            self._reader.pause(*wanted)  # only asked where it ends, never read
        return self._admin, self._reader

    def _of(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(self._namespace + topic, number) for number in range(self._partitions)]
