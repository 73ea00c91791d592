"""The laws of design 6, each as a scenario: returns when the law holds, raises AssertionError when it is broken.

`within`: seconds to wait for what must come. Every scenario starts its own workers in the house given.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from kernel.messaging import outbox, parking
from kernel.messaging.bus.interface import OutboxRow, SendResult
from kernel.messaging.bus.kafka import KafkaBus
from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.message import Message
from kernel.messaging.relay import Relay
from kernel.messaging.replay import replay
from kernel.messaging.waiting import wait_until
from kernel.testing import eventually
from tests.kernel.messaging.house import LISTENER, Choosy, House, hear, lines
from tests.kernel.messaging.said import Said

A = ("hall", "a")


class Killed(Exception):
    """The process ended here."""


class DeadWake(asyncio.Event):
    """Whoever calls it is killed: the first thing after a commit."""

    def set(self) -> None:
        raise Killed


async def quiet(house: House, within: float) -> None:
    """Wait until nothing is on its way (local bus)."""

    async def nothing_left() -> bool:
        outgoing = await house.count("outbox", of=house.speaking)
        return outgoing + await house.count("mail") == 0

    await eventually(nothing_left, within=within)


async def committed_is_said_and_rolled_back_is_not(house: House, within: float) -> None:
    """Outbox: a message is there exactly if its transaction is, whatever dies right after the commit."""

    async def roll_back() -> None:
        async with house.speaking.begin() as tx:
            tx.emit(Said(speaker="ghost", line=1))
            raise Killed

    with pytest.raises(Killed):
        await roll_back()
    house.speaking.wake = DeadWake()
    with pytest.raises(Killed):
        await house.say(Said(speaker="a", line=1))
    house.speaking.wake = house.wake
    house.start(house.relay(), house.consumer())
    await house.assert_hears({"a": [1]}, within=within)
    await quiet(house, within)
    assert await house.heard() == {"a": [1]}


async def delivered_twice_is_handled_once(house: House, within: float) -> None:
    """Inbox: the relay dies after the acknowledgement, so everything is delivered again after it was handled."""
    delete = outbox.delete

    deaths: list[str] = []

    async def all_heard() -> bool:
        return await house.heard() == {"a": [1, 2, 3]}

    async def die_once_when_heard(*arguments: object) -> None:
        if not deaths:
            await eventually(all_heard, within)
            deaths.append("after the acknowledgement")
            raise ConnectionResetError
        await delete(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "delete", die_once_when_heard)
        house.start(house.relay(), house.consumer())
        await house.say(*lines("a", 1, 3))
        await quiet(house, within)
    assert await house.heard() == {"a": [1, 2, 3]}


class SlowPublisher:
    """Notes what it sends, and gives another relay the time to send the same."""

    def __init__(self, sent: list[int]) -> None:
        self.sent = sent
        self.never = asyncio.Event()

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing is held."""

    async def send(self, rows: Sequence[OutboxRow]) -> SendResult:
        self.sent.extend(row.seq for row in rows)
        await wait_until(self.never, 0.3)
        return SendResult(acknowledged=[row.seq for row in rows])


async def one_relay_sends(house: House, within: float) -> None:
    """Leader: where nothing fails, no row is sent twice, however many relays run."""
    sent: list[int] = []
    relays = [Relay(house.speaking.engine, SlowPublisher(sent), service="speaking") for _ in range(3)]
    house.start(*relays)
    await house.say(*lines("a", 1, 5))
    await quiet(house, within)
    assert [seq for seq, times in Counter(sent).items() if times > 1] == []
    assert len(sent) == 5


async def unacknowledged_is_kept(house: House, within: float) -> None:
    """Delete after ack: a bus that breaks while sending loses nothing."""
    relay = house.relay()
    send, breaks = relay._publisher.send, 2

    async def break_first(rows: Sequence[OutboxRow]) -> SendResult:
        nonlocal breaks
        if breaks:
            breaks -= 1
            return SendResult(broken=ConnectionResetError("gone"))
        return await send(rows)

    relay._publisher.send = break_first  # type: ignore[method-assign]
    house.start(relay, house.consumer())
    await house.say(*lines("a", 1, 3))
    await house.assert_hears({"a": [1, 2, 3]}, within=within)


async def unhandled_comes_again(house: House, within: float) -> None:
    """Offset after commit: what was fetched and not committed is delivered again, also after a restart."""
    failed = asyncio.Event()

    async def fail(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        await hear(messages, tx)
        failed.set()
        raise ConnectionResetError("the database went away before the commit")

    first_stops = asyncio.Event()
    house.start(house.relay())
    house.start(house.consumer(fail), stop=first_stops)
    await house.say(*lines("a", 1, 3))
    await wait_until(failed, 30)
    assert failed.is_set()
    first_stops.set()
    house.start(house.consumer())
    await house.assert_hears({"a": [1, 2, 3]}, within=within)


async def parked_key_keeps_its_order(house: House, within: float) -> None:
    """Order of a parked key: what comes after a message that failed waits behind it."""
    choosy = Choosy(("a", 1))
    house.start(house.relay(), house.consumer(choosy))
    await house.say(Said(speaker="a", line=1))

    async def parked() -> bool:
        return await house.count("parked_keys") == 1

    await eventually(parked, within=30)
    choosy.unbearable.clear()
    await house.say(*lines("a", 2, 3), *lines("b", 1, 1))
    await quiet(house, within=30)
    await replay(house.listening, LISTENER, A, choosy)
    await house.assert_hears({"a": [1, 2, 3], "b": [1]}, within=within)


async def replays_take_turns(house: House, within: float) -> None:
    """Order of a parked key: two replays at once handle each message once, in order."""
    await parked_key_of_five(house)
    both = asyncio.Barrier(2)

    async def together(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        await hear(messages, tx)
        try:
            async with asyncio.timeout(0.2):
                await both.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            return

    await asyncio.gather(
        replay(house.listening, LISTENER, A, together),
        replay(house.listening, LISTENER, A, together),
        return_exceptions=True,
    )
    await house.assert_hears({"a": [1, 2, 3, 4, 5]}, within=within)


async def parked_key_of_five(house: House) -> None:
    house.start(house.relay(), house.consumer(Choosy(("a", 1))))
    await house.say(*lines("a", 1, 5))
    await quiet(house, within=30)
    async with house.listening.begin() as tx:
        assert [key.waiting for key in await parking.list_parked(tx.connection)] == [5]


async def one_refusal_fails_no_innocent(house: House, within: float) -> None:
    """Fresh producer (real Kafka): one record the broker refuses, 122 others that it takes."""
    assert isinstance(house.bus, KafkaBus)
    await limit_message_bytes(house.bus, 4000)
    house.start(house.relay(), house.consumer())
    big = Said(speaker="big", line=1, text="x" * 20_000)
    innocents = [said for speaker in range(61) for said in lines(f"s{speaker}", 1, 2)]
    await house.say(*innocents[:60], big, *innocents[60:])
    await house.assert_hears({f"s{speaker}": [1, 2] for speaker in range(61)}, within=within)


async def limit_message_bytes(bus: KafkaBus, most: int) -> None:
    """Let the broker refuse larger batches on the topic `hall`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.bootstrap)
    await admin.start()
    topic = bus.namespace + "hall"

    async def in_force() -> bool:
        (described,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return ("max.message.bytes", str(most)) in [
            (name, value) for name, value, *_ in described.resources[0][4]
        ]

    try:
        limits = {"max.message.bytes": str(most)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limits)])
        await eventually(in_force)
    finally:
        await admin.close()
