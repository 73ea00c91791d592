from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import KafkaServer
from deploy.local.server_process import FolderInUse, port_answers

pytestmark = pytest.mark.kafka


async def make_topic(server: KafkaServer) -> str:
    topic = f"test.{uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()
    return topic


async def send(server: KafkaServer, topic: str, payload: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(topic, payload, key=b"case")
    finally:
        await producer.stop()


async def first_message(server: KafkaServer, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=server.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return (await consumer.getone()).value
    finally:
        await consumer.stop()


async def test_what_is_acknowledged_can_be_read(kafka: KafkaServer) -> None:
    topic = await make_topic(kafka)
    await send(kafka, topic, b"accepted")
    assert await first_message(kafka, topic) == b"accepted"


async def test_an_acknowledged_message_survives_the_kill_of_the_broker(tmp_path: Path) -> None:
    server = KafkaServer(tmp_path)
    server.start()
    try:
        topic = await make_topic(server)
        await send(server, topic, b"accepted")
        server.kill()
        assert not port_answers(server.port)
        server.start()
        assert await first_message(server, topic) == b"accepted"
    finally:
        server.stop()


def test_a_second_supervisor_of_the_same_folder_is_refused(kafka: KafkaServer) -> None:
    with pytest.raises(FolderInUse):
        KafkaServer(kafka.data_dir).start()
    assert kafka.pid is not None
