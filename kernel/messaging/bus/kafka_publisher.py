"""The relay's end on Kafka: whole batches per partition, one at a time, so that nothing overtakes a refusal.

`producer.send` would let a later batch of a partition out before an earlier one is refused; a fresh
idempotent producer whose first batch is refused may even have its second accepted. So the batches are built
here, and a partition's next batch is sent only after the one before was acknowledged.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zlib import crc32

import orjson
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
    RecordListTooLargeError,
    RecordTooLargeError,
    UnsupportedForMessageFormatError,
)
from aiokafka.producer.message_accumulator import BatchBuilder

from kernel.messaging.bus.interface import OutboxRow, SendResult
from kernel.messaging.failures import describe

log = structlog.get_logger(__name__)

MOST_BATCH_BYTES = 512 * 1024  # the broker refuses batches over 1 MiB; one message is 256 KiB at most
CLOSE_SECONDS = 2.0

# What will be refused again however often it is sent: it parks its key. Everything else is waited out.
_REFUSED = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    RecordTooLargeError,
    InvalidTimestampError,
    UnsupportedForMessageFormatError,
)


@dataclass(slots=True)
class _Batch:
    """Rows of one partition that travel, and fail, together."""

    partition: TopicPartition
    rows: list[OutboxRow]
    builder: BatchBuilder


class KafkaPublisher:
    """acks=all, idempotent; opened afresh after any error (the relay sees to it)."""

    def __init__(
        self, bootstrap: str, *, client_id: str, topics: Collection[str], namespace: str = ""
    ) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._topics = frozenset(topics)
        self._namespace = namespace
        self._producer: AIOKafkaProducer | None = None
        # Partitions where a batch of several was refused: sent row by row until the culprit is found.
        self._suspected: set[TopicPartition] = set()

    async def open(self) -> None:
        """A fresh producer. Raises KafkaError while the broker is away."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            max_batch_size=MOST_BATCH_BYTES,
            request_timeout_ms=15_000,
            linger_ms=0,
        )
        try:
            await producer.start()
        except BaseException:
            await _abandon(producer)
            raise
        self._producer = producer

    async def close(self) -> None:
        """Let the producer go, whatever state it is in; bounded in time."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _abandon(producer)

    async def send(self, rows: Sequence[OutboxRow]) -> SendResult:
        """Send rows in order and wait for all answers; while the broker is away this simply waits."""
        result = SendResult()
        try:
            waiting = await self._by_partition(rows, result)
        except KafkaError as error:
            result.broken = error
            return result
        while waiting:
            batches = [self._fill(partition, queue) for partition, queue in waiting.items()]
            answers = await self._send_round(batches)
            for batch, answer in zip(batches, answers, strict=True):
                if isinstance(answer, BaseException):
                    self._note_failure(batch, answer, result)
                    del waiting[batch.partition]  # nothing of this partition may overtake
                else:
                    result.acknowledged.extend(row.seq for row in batch.rows)
                    if not waiting[batch.partition]:
                        del waiting[batch.partition]
                        self._suspected.discard(batch.partition)
        return result

    async def _by_partition(
        self, rows: Sequence[OutboxRow], result: SendResult
    ) -> dict[TopicPartition, deque[OutboxRow]]:
        waiting: dict[TopicPartition, deque[OutboxRow]] = defaultdict(deque)
        numbers: dict[str, int] = {}
        for row in rows:
            if row.topic not in self._topics:
                result.refused.append((row.seq, f"unknown topic {row.topic}: the bus was started without it"))
                continue
            topic = self._namespace + row.topic
            if topic not in numbers:
                numbers[topic] = len(await self._open_producer().partitions_for(topic))
            # All producers are ours, so the cheap checksum may choose (murmur2 in Python costs 20 times it).
            waiting[TopicPartition(topic, crc32(row.key.encode()) % numbers[topic])].append(row)
        return waiting

    def _fill(self, partition: TopicPartition, queue: deque[OutboxRow]) -> _Batch:
        """Move as many rows as fit from the queue into a batch; a suspected partition's go singly."""
        batch = _Batch(partition, [], self._open_producer().create_batch())
        while queue:
            row = queue[0]
            headers = [(name, value.encode()) for name, value in orjson.loads(row.headers).items()]
            if (
                batch.builder.append(timestamp=None, key=row.key.encode(), value=row.payload, headers=headers)
                is None
            ):
                break
            batch.rows.append(queue.popleft())
            if partition in self._suspected:
                break
        batch.builder.close()
        return batch

    async def _send_round(self, batches: Sequence[_Batch]) -> list[object | BaseException]:
        producer = self._open_producer()

        async def send(batch: _Batch) -> object:
            topic, partition = batch.partition
            return await (await producer.send_batch(batch.builder, topic, partition=partition))

        return await asyncio.gather(*(send(batch) for batch in batches), return_exceptions=True)

    def _note_failure(self, batch: _Batch, error: BaseException, result: SendResult) -> None:
        if not isinstance(error, Exception):
            raise error
        result.broken = error
        if not isinstance(error, _REFUSED):
            return
        if len(batch.rows) == 1:
            result.refused.append((batch.rows[0].seq, describe(error)))
        else:
            self._suspected.add(batch.partition)

    def _open_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise ProducerClosed("the publisher is not open")
        return self._producer


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer within seconds. Its own `stop` waits for unsent batches as long as the broker is away.

    Reaches into aiokafka 0.14 (pinned): no public call gives unsent batches up.
    """
    stopping = asyncio.ensure_future(producer.stop())
    await asyncio.wait({stopping}, timeout=CLOSE_SECONDS)
    if not stopping.done():
        await producer.client.close()
        producer._message_accumulator.fail_all(ProducerClosed())
        if producer._sender.sender_task is not None:
            producer._sender.sender_task.cancel()
        await asyncio.wait({stopping}, timeout=CLOSE_SECONDS)
    if not stopping.done():
        stopping.cancel()
    elif (error := stopping.exception()) is not None:
        log.info("producer_closed_with_error", reason=describe(error))
