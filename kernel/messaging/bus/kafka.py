"""Apache Kafka between processes: aiokafka 0.14, used directly (design 6)."""

import logging
import time
from collections.abc import Mapping, Sequence

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from kernel.messaging.bus.kafka_publisher import KafkaPublisher
from kernel.messaging.bus.kafka_subscription import KafkaSubscription
from kernel.messaging.bus.kafka_unread import UnreadCount

log = structlog.get_logger(__name__)

PARTITIONS = 12  # fixed for good: growing is a new topic and a drain, or order per key breaks
_DAY_MILLISECONDS = 24 * 60 * 60 * 1000


class TopicMisshapen(Exception):
    """主题的分区数与要求不符：请建新主题并排空旧主题，不能直接增加分区。

    A topic has another number of partitions than it must: make a new topic and drain the old one.
    """


class KafkaBus:
    """`topics`: for each how many days records are kept, None for ever.

    `namespace` goes before every topic and group name, so that several installations (or tests) can share
    one broker; messages and parked keys carry the plain names.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        topics: Mapping[str, int | None],
        namespace: str = "",
        partitions: int = PARTITIONS,
        replication_factor: int = 1,
    ) -> None:
        self.bootstrap = bootstrap
        self.topics = dict(topics)
        self.namespace = namespace
        self._partitions = partitions
        self._replication_factor = replication_factor
        self._unread = UnreadCount(bootstrap, namespace=namespace, partitions=partitions)
        bound_noise()

    async def start(self) -> None:
        """Make the topics that are missing. Raises KafkaError while the broker is away, TopicMisshapen."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            await admin.start()
            there = set(await admin.list_topics())
            missing = [topic for topic in self.topics if self.namespace + topic not in there]
            if missing:
                await self._create(admin, missing)
            await self._check(admin, [topic for topic in self.topics if topic not in missing])
        finally:
            await admin.close()

    async def stop(self) -> None:
        """Publishers and subscriptions have connections of their own; only those of `unread` are let go."""
        await self._unread.close()

    def publisher(self, service: str) -> KafkaPublisher:
        """The publisher of one service's relay."""
        return KafkaPublisher(
            self.bootstrap, client_id=f"lianban-{service}-relay", topics=self.topics, namespace=self.namespace
        )

    def subscription(self, service: str, consumer: str, topics: Sequence[str]) -> KafkaSubscription:
        """One member of the group `<namespace><consumer>`. Raises ValueError for an unknown topic."""
        unknown = [topic for topic in topics if topic not in self.topics]
        if unknown:
            raise ValueError(f"topics {unknown} are not among those of this bus; add them where it is made")
        return KafkaSubscription(
            self.bootstrap,
            client_id=f"lianban-{service}",
            group=self.namespace + consumer,
            topics=topics,
            namespace=self.namespace,
        )

    async def unread(self, consumers: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
        """Records past the committed offsets. Raises BusAway."""
        return await self._unread.of(consumers)

    async def _create(self, admin: AIOKafkaAdminClient, topics: Sequence[str]) -> None:
        answer = await admin.create_topics([self._described(topic) for topic in topics])
        for name, code, *detail in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"topic {name} could not be made: {detail}")
        log.info("topics_made", topics=list(topics))

    def _described(self, topic: str) -> NewTopic:
        days = self.topics[topic]
        retention = -1 if days is None else days * _DAY_MILLISECONDS
        return NewTopic(
            self.namespace + topic,
            self._partitions,
            self._replication_factor,
            topic_configs={
                "retention.ms": str(retention),
                "retention.bytes": "-1",
                "cleanup.policy": "delete",
            },
        )

    async def _check(self, admin: AIOKafkaAdminClient, topics: Sequence[str]) -> None:
        for described in (
            await admin.describe_topics([self.namespace + topic for topic in topics]) if topics else []
        ):
            number = len(described["partitions"])
            if described["error_code"] == 0 and number != self._partitions:
                raise TopicMisshapen(
                    f"主题 {described['topic']} 有 {number} 个分区，应为 {self._partitions}：请建新主题并排空旧主题。"
                    f" It has {number} partitions, must have {self._partitions}: make a new topic, drain this one."
                )


class BoundedNoise(logging.Filter):
    """At most one record of each logger and wording per half minute, with the number left out.

    aiokafka writes several lines a second while a broker is away.
    """

    def __init__(self, *, every_seconds: float = 30.0) -> None:
        super().__init__()
        self._every_seconds = every_seconds
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """True lets the record pass."""
        kind = (record.name, str(record.msg))
        last, left_out = self._seen.get(kind, (float("-inf"), 0))
        now = time.monotonic()
        if now - last < self._every_seconds:
            self._seen[kind] = (last, left_out + 1)
            return False
        self._seen[kind] = (now, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} more like it)", None
        return True


_noise = BoundedNoise()


def bound_noise() -> None:
    """Put the filter on every logger of aiokafka (a filter is not inherited by child loggers)."""
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if name.partition(".")[0] == "aiokafka" and _noise not in logger.filters:
            logger.addFilter(_noise)
            logger.setLevel(max(logger.level, logging.WARNING))
