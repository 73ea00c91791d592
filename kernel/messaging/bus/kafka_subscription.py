"""The consumer's end on Kafka: a group member that commits offsets itself, after the database has."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from kernel.messaging.bus.interface import Delivery, Lag
from kernel.messaging.failures import LostOffset, describe
from kernel.messaging.message import Message
from kernel.messaging.transaction import Transaction
from kernel.messaging.waiting import wait_until

log = structlog.get_logger(__name__)

COMMIT_EVERY_SECONDS = 1.0
QUIET_SECONDS = 0.05  # nothing more for so long: commit at once, so that the broker knows what is unread
BOUND_SECONDS = 3.0  # for whatever Kafka is asked while it may be away
FINISH_SECONDS = 20.0  # how long a rebalance waits for the batch being handled


class KafkaSubscription:
    """One member of one group.

    Offsets are committed about once a second and whenever it falls quiet, after the transaction that handled
    the messages: a crash in between delivers them again and the inbox tells. `auto_offset_reset` is "none": a
    group begins at the earliest record once, by an explicit commit for all partitions at once, and after that
    never jumps.
    """

    def __init__(
        self, bootstrap: str, *, client_id: str, group: str, topics: Sequence[str], namespace: str = ""
    ) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._group = group
        self._topics = [namespace + topic for topic in topics]
        self._namespace = namespace
        self._consumer: AIOKafkaConsumer | None = None
        self._unsettled: dict[TopicPartition, int] = {}  # fetched: the first offset not yet settled
        self._oldest: dict[TopicPartition, int] = {}  # and its time, epoch milliseconds
        self._last: dict[TopicPartition, int] = {}  # fetched: the last offset
        self._settled: dict[TopicPartition, int] = {}  # handled: the offset to commit
        self._uncommitted: set[TopicPartition] = set()
        self._committed_at = time.monotonic()
        self._idle = asyncio.Event()
        self._idle.set()

    async def open(self) -> None:
        """Join the group. Raises KafkaError while the broker is away, LostOffset."""
        await self._begin_once()
        consumer = self._new_consumer(auto_offset_reset="none")
        consumer.subscribe(self._topics, listener=_Rebalance(self))
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        self._consumer = consumer
        for partition in list(self._unsettled):
            self._forget(partition)
        self._settled.clear()
        self._uncommitted.clear()

    async def close(self) -> None:
        """Commit what was settled and leave the group; bounded in time."""
        consumer = self._consumer
        if consumer is None:
            return
        await self._commit()
        self._consumer = None
        await _bounded(consumer.stop(), "leave_group")

    async def fetch(self, *, limit: int = 500, wait_seconds: float = 0.5) -> Sequence[Delivery]:
        """The next records; returns at once when there are any. Raises LostOffset."""
        await self._commit_if_due()
        fetched: dict[TopicPartition, list[ConsumerRecord]] = {}
        if self._uncommitted:
            fetched = await self._getmany(limit, min(QUIET_SECONDS, wait_seconds))
            if not any(fetched.values()):
                await self._commit()
        if not any(fetched.values()):
            fetched = await self._getmany(limit, wait_seconds)
        deliveries: list[Delivery] = []
        for partition, records in fetched.items():
            if not records:
                continue
            self._idle.clear()
            self._unsettled.setdefault(partition, records[0].offset)
            self._oldest.setdefault(partition, records[0].timestamp)
            self._last[partition] = records[-1].offset
            deliveries.extend(self._delivery(record) for record in records)
        return deliveries

    async def settle(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        """Nothing inside the transaction: the inbox makes the later offset commit safe."""

    async def settled(self, deliveries: Sequence[Delivery]) -> None:
        """Remember the offsets; commit them when a second has passed."""
        for delivery in deliveries:
            partition = self._partition(delivery)
            after = delivery.offset + 1
            self._settled[partition] = max(after, self._settled.get(partition, 0))
            self._uncommitted.add(partition)
            if partition in self._unsettled:
                self._unsettled[partition] = after
                if after > self._last[partition]:
                    self._forget(partition)
        await self._commit_if_due()

    async def rewind(self) -> None:
        """Seek back to the first record that was fetched and not settled."""
        consumer = self._open_consumer()
        assigned = consumer.assignment()
        for partition, offset in list(self._unsettled.items()):
            if partition in assigned:
                consumer.seek(partition, offset)
            self._forget(partition, keep_time=True)

    async def lag(self) -> Lag:
        """Records behind the end of the assigned partitions, as far as the last fetch has told."""
        consumer = self._consumer
        if consumer is None:
            return Lag(0, None, 0)
        messages = 0
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None:
                next_offset = self._unsettled.get(partition)
                position = next_offset if next_offset is not None else await consumer.position(partition)
                messages += max(0, end - position)
        oldest_seconds = time.time() - min(self._oldest.values()) / 1000 if self._oldest else None
        return Lag(messages, oldest_seconds, len(consumer.assignment()))

    async def revoked(self, partitions: Iterable[TopicPartition]) -> None:
        """Before a rebalance: finish the batch being handled, commit, forget what is no longer ours."""
        if not await wait_until(self._idle, FINISH_SECONDS):
            log.warning("rebalance_did_not_wait", group=self._group, seconds=FINISH_SECONDS)
        await self._commit()
        for partition in partitions:
            self._forget(partition)
            self._settled.pop(partition, None)
            self._uncommitted.discard(partition)

    async def _getmany(self, limit: int, wait_seconds: float) -> dict[TopicPartition, list[ConsumerRecord]]:
        try:
            return await self._open_consumer().getmany(timeout_ms=int(wait_seconds * 1000), max_records=limit)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError) as error:
            raise LostOffset(f"group {self._group}: {error}") from error

    async def _commit_if_due(self) -> None:
        if self._uncommitted and time.monotonic() - self._committed_at >= COMMIT_EVERY_SECONDS:
            await self._commit()

    async def _commit(self) -> None:
        """Commit settled offsets. What fails stays uncommitted and is tried again a second later."""
        consumer = self._open_consumer()
        self._committed_at = time.monotonic()
        assigned = consumer.assignment()
        self._uncommitted &= assigned
        offsets = {partition: self._settled[partition] for partition in self._uncommitted}
        if offsets and await _bounded(consumer.commit(offsets), "commit_offsets"):
            self._uncommitted -= {tp for tp, offset in offsets.items() if self._settled.get(tp) == offset}

    async def _begin_once(self) -> None:
        """At the group's first start on a topic: commit the earliest offset of all its partitions.

        One request for all, so that a topic has either all offsets or none; some missing means lost.
        """
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, client_id=self._client_id)
        reader = self._new_consumer(auto_offset_reset="none")
        try:
            await admin.start()
            await reader.start()
            known = await admin.list_consumer_group_offsets(self._group)
            new = await self._never_begun(admin, {tp for tp, at in known.items() if at.offset >= 0})
            if new:
                reader.assign(new)
                await reader.commit(await reader.beginning_offsets(new))
                log.info("group_begun", group=self._group, partitions=len(new))
        finally:
            await _bounded(reader.stop(), "leave_group")
            await admin.close()

    async def _never_begun(
        self, admin: AIOKafkaAdminClient, known: set[TopicPartition]
    ) -> list[TopicPartition]:
        new: list[TopicPartition] = []
        for topic in await admin.describe_topics(self._topics):
            partitions = {TopicPartition(topic["topic"], each["partition"]) for each in topic["partitions"]}
            missing = partitions - known
            if not partitions:
                raise KafkaError(f"topic {topic['topic']} is not there yet; KafkaBus.start makes it")
            if missing and missing != partitions:
                raise LostOffset(
                    f"group {self._group} has no offset for {sorted(missing)}, others of the topic have"
                )
            new.extend(missing)
        return new

    def _new_consumer(self, **options: Any) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            group_id=self._group,
            enable_auto_commit=False,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            rebalance_timeout_ms=30_000,
            max_poll_interval_ms=300_000,
            **options,
        )

    def _delivery(self, record: ConsumerRecord) -> Delivery:
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        topic = record.topic.removeprefix(self._namespace)
        key = (record.key or b"").decode(errors="replace")
        message = Message(_message_id(headers, record), topic, key, headers, record.value or b"")
        return Delivery(message, record.partition, record.offset)

    def _partition(self, delivery: Delivery) -> TopicPartition:
        return TopicPartition(self._namespace + delivery.message.topic, delivery.partition)

    def _forget(self, partition: TopicPartition, *, keep_time: bool = False) -> None:
        self._unsettled.pop(partition, None)
        self._last.pop(partition, None)
        if not keep_time:
            self._oldest.pop(partition, None)
        if not self._unsettled:
            self._idle.set()

    def _open_consumer(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise IllegalStateError("the subscription is not open")
        return self._consumer


class _Rebalance(ConsumerRebalanceListener):
    def __init__(self, subscription: KafkaSubscription) -> None:
        self._subscription = subscription

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        if revoked:
            await self._subscription.revoked(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        log.info("partitions_assigned", partitions=sorted(f"{tp.topic}/{tp.partition}" for tp in assigned))


def _message_id(headers: dict[str, str], record: ConsumerRecord) -> UUID:
    """The event's id; a record without one gets an id of its place, so that it can be parked."""
    try:
        return UUID(headers["ce_id"])
    except (KeyError, ValueError):
        return uuid5(NAMESPACE_OID, f"{record.topic}/{record.partition}/{record.offset}")


async def _bounded(work: Coroutine[Any, Any, Any], what: str, *, seconds: float = BOUND_SECONDS) -> bool:
    """Whether the work succeeded in time; its failure is said and left to the next turn."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except (KafkaError, CommitFailedError, TimeoutError) as error:
        log.warning("kafka_did_not_answer", what=what, reason=describe(error))
        return False
    return True
