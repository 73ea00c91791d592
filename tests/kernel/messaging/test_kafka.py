"""What only Kafka has: topics, groups, offsets, refusals, outages. Against a real broker."""

import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from prometheus_client import REGISTRY

from deploy.local.kafka import KafkaServer
from kernel.messaging.bus.interface import OutboxRow
from kernel.messaging.bus.kafka import BoundedNoise, KafkaBus, TopicMisshapen
from kernel.messaging.failures import LostOffset
from kernel.messaging.replay import list_parked_outbox, replay_outbox
from kernel.testing import eventually
from tests.invariants.messaging_laws import limit_message_bytes
from tests.kernel.messaging.house import LISTENER, House, lines
from tests.kernel.messaging.said import Said

pytestmark = pytest.mark.kafka
on_kafka = pytest.mark.parametrize("house", ["kafka"], indirect=True)


@pytest.fixture
async def admin(kafka: KafkaServer) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await client.start()
    yield client
    await client.close()


def make_bus(kafka: KafkaServer, **options: int) -> KafkaBus:
    topics = {"hall": 30, "facts": None}
    return KafkaBus(kafka.bootstrap, topics=topics, namespace=f"t{uuid4().hex[:8]}.", **options)


def kafka_of(house: House) -> KafkaBus:
    assert isinstance(house.bus, KafkaBus)
    return house.bus


def row(seq: int, key: str, *, bytes_: int = 10) -> OutboxRow:
    return OutboxRow(seq, uuid4(), "hall", key, '{"ce_id":"x"}', b"x" * bytes_)


async def test_topics_are_made_with_twelve_partitions_and_their_retention(
    kafka: KafkaServer, admin: AIOKafkaAdminClient
) -> None:
    bus = make_bus(kafka)
    await bus.start()
    await bus.start()
    kept = {}
    for topic in ("hall", "facts"):
        name = bus.namespace + topic
        (described,) = await eventually(lambda name=name: admin.describe_topics([name]))
        assert len(described["partitions"]) == 12
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        kept[topic] = {key: value for key, value, *_ in answer.resources[0][4]}["retention.ms"]
    assert kept == {"hall": str(30 * 24 * 3600 * 1000), "facts": "-1"}


async def test_a_topic_with_another_number_of_partitions_is_refused(
    kafka: KafkaServer, admin: AIOKafkaAdminClient
) -> None:
    bus = make_bus(kafka)
    await bus.start()
    await admin.create_partitions({bus.namespace + "hall": NewPartitions(13)})

    async def grown() -> bool:
        (described,) = await admin.describe_topics([bus.namespace + "hall"])
        return len(described["partitions"]) == 13

    await eventually(grown)
    with pytest.raises(TopicMisshapen, match="13"):
        await bus.start()


async def test_one_key_goes_to_one_partition_in_order(kafka: KafkaServer) -> None:
    bus = make_bus(kafka)
    await bus.start()
    publisher = bus.publisher("speaking")
    await publisher.open()
    result = await publisher.send([row(seq, f"k{seq % 7}") for seq in range(700)])
    await publisher.close()
    assert sorted(result.acknowledged) == list(range(700))
    assert (result.refused, result.broken) == ([], None)


async def test_a_record_the_broker_refuses_is_found_among_many_and_named(kafka: KafkaServer) -> None:
    bus = make_bus(kafka)
    await bus.start()
    await limit_message_bytes(bus, 4000)
    publisher = bus.publisher("speaking")
    waiting = {seq: row(seq, f"k{seq % 30}", bytes_=20_000 if seq == 60 else 10) for seq in range(123)}
    refused: list[int] = []
    for _ in range(5):
        await publisher.open()
        result = await publisher.send(list(waiting.values()))
        await publisher.close()
        refused.extend(seq for seq, _ in result.refused)
        for seq in (*result.acknowledged, *refused):
            waiting.pop(seq, None)
        if result.broken is None:
            break
    assert (waiting, refused) == ({}, [60])


@on_kafka
async def test_a_refused_key_waits_in_order_until_it_is_replayed(house: House) -> None:
    await limit_message_bytes(kafka_of(house), 4000)
    house.start(house.relay(), house.consumer())
    await house.say(Said(speaker="a", line=1), Said(speaker="a", line=2, text="x" * 20_000))
    await house.assert_hears({"a": [1]})
    await eventually(lambda: list_parked_outbox(house.speaking))
    await house.say(*lines("a", 3, 4), *lines("b", 1, 2))
    await house.assert_hears({"a": [1], "b": [1, 2]})
    await limit_message_bytes(kafka_of(house), 1_000_000)
    await replay_outbox(house.speaking, ("hall", "a"))
    await house.assert_hears({"a": [1, 2, 3, 4], "b": [1, 2]})


@on_kafka
async def test_a_killed_broker_delays_and_loses_nothing(house: House, kafka: KafkaServer) -> None:
    house.start(house.relay(), house.consumer())
    await house.say(*lines("a", 1, 10))
    await house.assert_hears({"a": list(range(1, 11))})
    kafka.kill()
    try:
        for line in range(11, 31):
            await house.say(Said(speaker="a", line=line))
    finally:
        await asyncio.to_thread(kafka.start)
    await house.say(*lines("a", 31, 40))
    await house.assert_hears({"a": list(range(1, 41))}, within=60)
    assert await list_parked_outbox(house.speaking) == []
    assert await house.count("parked_keys") == 0


@on_kafka
async def test_relay_and_consumer_end_when_told_also_while_the_broker_is_away(
    house: House, kafka: KafkaServer
) -> None:
    relay = house.relay(stop_grace_seconds=0.2)
    house.start(relay, house.consumer())
    await house.say(*lines("a", 1, 3))
    await house.assert_hears({"a": [1, 2, 3]})
    kafka.kill()
    try:
        await house.say(*lines("a", 4, 6))
        await asyncio.wait_for(house.halt(), 40)
    finally:
        await asyncio.to_thread(kafka.start)
    assert await house.count("outbox", of=house.speaking) == 3
    house.start(house.relay(), house.consumer())
    await house.assert_hears({"a": [1, 2, 3, 4, 5, 6]}, within=60)


@on_kafka
async def test_records_gone_before_they_were_read_halt_the_consumer(
    house: House, admin: AIOKafkaAdminClient
) -> None:
    stop = asyncio.Event()
    house.start(house.relay())
    (task,) = house.start(house.consumer(), stop=stop)
    await house.say(*lines("a", 1, 3))
    await house.assert_hears({"a": [1, 2, 3]})
    stop.set()
    await task
    await house.say(*lines("a", 4, 6))

    async def sent() -> bool:
        return await house.count("outbox", of=house.speaking) == 0

    await eventually(sent)
    everything = {
        TopicPartition(kafka_of(house).namespace + "hall", partition): RecordsToDelete(-1)
        for partition in range(12)
    }
    await admin.delete_records(everything)
    consumer = house.consumer()
    house.start(consumer)
    await eventually(lambda: consumer.halted, within=30)
    assert await house.heard() == {"a": [1, 2, 3]}


@on_kafka
async def test_a_group_that_lost_some_offsets_does_not_begin_again(house: House) -> None:
    bus = kafka_of(house)
    partition = TopicPartition(bus.namespace + "hall", 3)
    reader = AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap, group_id=bus.namespace + LISTENER, enable_auto_commit=False
    )
    await reader.start()
    reader.assign([partition])
    await reader.commit({partition: 0})
    await reader.stop()
    with pytest.raises(LostOffset):
        await bus.subscription("listening", LISTENER, ["hall"]).open()


@on_kafka
async def test_a_member_that_joins_gets_nothing_that_was_handled(house: House) -> None:
    def duplicates() -> float:
        labels = {"consumer": LISTENER, "outcome": "duplicate"}
        return REGISTRY.get_sample_value("lianban_consumer_messages_total", labels) or 0

    before = duplicates()
    house.start(house.relay(), house.consumer())
    said = [said for speaker in range(40) for said in lines(f"s{speaker}", 1, 2)]
    await house.say(*said)
    expected = {f"s{speaker}": [1, 2] for speaker in range(40)}
    await house.assert_hears(expected)
    second = house.consumer()
    house.start(second)

    async def shared() -> bool:
        return (await second.subscription.lag()).partitions == 6

    await eventually(shared, within=30)
    await house.say(*(Said(speaker=f"s{speaker}", line=3) for speaker in range(40)))
    await house.assert_hears({speaker: [*spoken, 3] for speaker, spoken in expected.items()})
    assert duplicates() == before


def test_a_flood_of_one_wording_is_bounded_and_counted() -> None:
    bounded = BoundedNoise(every_seconds=3600)

    def record(wording: str) -> logging.LogRecord:
        return logging.LogRecord("aiokafka.conn", logging.WARNING, __file__, 1, wording, ("x",), None)

    passed = [bounded.filter(record("no answer from %s")) for _ in range(100)]
    assert passed.count(True) == 1
    assert bounded.filter(record("another %s"))
    patient = BoundedNoise(every_seconds=0)
    assert [patient.filter(record("no answer from %s")) for _ in range(3)] == [True, True, True]
