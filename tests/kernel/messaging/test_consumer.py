"""The consumer's own decisions, over the local bus."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.messaging import parking
from kernel.messaging.bus.interface import Delivery
from kernel.messaging.consumer import Consumer, ConsumerTransaction
from kernel.messaging.event import decode
from kernel.messaging.failures import LostOffset
from kernel.messaging.message import Message
from kernel.messaging.parking import ParkedKey
from kernel.messaging.waiting import Backoff
from kernel.testing import eventually
from tests.kernel.messaging.house import LISTENER, Choosy, House, hear, lines
from tests.kernel.messaging.said import Said


async def posted(house: House, *said: Said) -> None:
    """Say it and wait until it lies in the mail: the consumer will find it as one batch."""
    stop = asyncio.Event()
    house.start(house.relay(), stop=stop)
    await house.say(*said)

    async def all_there() -> bool:
        return await house.count("mail") == len(said)

    await eventually(all_there)
    stop.set()


async def handled(house: House) -> None:
    """Wait until the mail is empty."""

    async def empty() -> bool:
        return await house.count("mail") == 0

    await eventually(empty)


async def parked(house: House) -> list[ParkedKey]:
    async with house.listening.begin() as tx:
        return await parking.list_parked(tx.connection)


class Counting:
    """Counts its calls and what it was given in each; `bad` raises or is parked."""

    def __init__(self, inner: Choosy) -> None:
        self.inner = inner
        self.batches: list[list[tuple[str, int]]] = []

    async def __call__(self, messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        said = [decode(message) for message in messages]
        self.batches.append([(each.speaker, each.line) for each in said if isinstance(each, Said)])
        await self.inner(messages, tx)


async def test_a_batch_is_one_call_and_one_transaction(local_house: House) -> None:
    counting = Counting(Choosy())
    await posted(local_house, *lines("a", 1, 30), *lines("b", 1, 30))
    local_house.start(local_house.consumer(counting))
    await handled(local_house)
    assert [len(batch) for batch in counting.batches] == [60]
    async with local_house.listening.begin() as tx:
        assert (await tx.execute(text("SELECT count(DISTINCT xmin::text) FROM heard"))).scalar_one() == 1


async def test_after_a_failure_each_message_is_tried_alone_and_only_the_bad_one_parks(
    local_house: House,
) -> None:
    counting = Counting(Choosy(("b", 1)))
    await posted(local_house, *lines("a", 1, 2), *lines("b", 1, 2), *lines("c", 1, 2))
    local_house.start(local_house.consumer(counting))
    await handled(local_house)
    assert [len(batch) for batch in counting.batches] == [6, 1, 1, 1, 1, 1]
    assert [(key.key, key.waiting) for key in await parked(local_house)] == [("b", 2)]
    assert await local_house.heard() == {"a": [1, 2], "c": [1, 2]}


async def test_a_message_that_overtook_a_parked_one_is_taken_back(local_house: House) -> None:
    counting = Counting(Choosy(("a", 2), parks=True))
    await posted(local_house, *lines("a", 1, 4), *lines("b", 1, 1))
    local_house.start(local_house.consumer(counting))
    await handled(local_house)
    assert counting.batches == [
        [("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1)],
        [("a", 1), ("a", 2), ("b", 1)],
    ]
    assert await local_house.heard() == {"a": [1], "b": [1]}
    (key,) = await parked(local_house)
    assert (key.waiting, key.reason) == (3, "unbearable")


async def test_a_message_held_back_for_a_key_that_does_not_park_this_time_is_handled(
    local_house: House,
) -> None:
    choosy = Choosy(("a", 2), parks=True)
    calls = 0

    async def changing_its_mind(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            choosy.unbearable.clear()
        await choosy(messages, tx)

    await posted(local_house, *lines("a", 1, 4))
    local_house.start(local_house.consumer(changing_its_mind))
    await handled(local_house)
    assert await local_house.heard() == {"a": [1, 2, 3, 4]}
    assert await parked(local_house) == []


async def test_emissions_of_a_batch_leave_with_its_commit(local_house: House) -> None:
    async def answer(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        for message in messages:
            tx.emit(Said(speaker="echo", line=1, to="void"), cause=message)

    await posted(local_house, *lines("a", 1, 3))
    local_house.start(local_house.consumer(answer))
    await handled(local_house)
    assert await local_house.count("outbox") == 3


@pytest.mark.parametrize(
    "error",
    [asyncpg.DeadlockDetectedError("deadlock"), asyncpg.ReadOnlySQLTransactionError("read-only")],
    ids=repr,
)
async def test_systemic_failures_are_tried_on_and_on_and_never_park(
    error: Exception, local_house: House
) -> None:
    tries = 0

    async def fail_often(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        nonlocal tries
        tries += 1
        if tries < 12:
            raise DBAPIError("UPDATE …", {}, error)
        await hear(messages, tx)

    await posted(local_house, *lines("a", 1, 2))
    local_house.start(
        local_house.consumer(fail_often, backoff=Backoff(first_seconds=0.01, most_seconds=0.02))
    )
    await local_house.assert_hears({"a": [1, 2]})
    assert tries == 12
    assert await parked(local_house) == []


async def test_trouble_is_shown_while_it_lasts_and_gone_after_it(local_house: House) -> None:
    trouble = True

    async def fail(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        if trouble:
            raise ConnectionResetError

    def failures() -> float | None:
        return REGISTRY.get_sample_value("lianban_consumer_waiting_failures", {"consumer": LISTENER})

    await posted(local_house, *lines("a", 1, 1))
    local_house.start(local_house.consumer(fail))
    await eventually(lambda: (failures() or 0) >= 2)
    trouble = False
    await eventually(lambda: failures() == 0)


async def test_a_handler_that_never_ends_parks_the_message_it_hangs_on(local_house: House) -> None:
    async def hang_on_two(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        for message in messages:
            said = decode(message)
            assert isinstance(said, Said)
            if said.line == 2:
                await asyncio.Event().wait()
        await hear(messages, tx)

    await posted(local_house, *lines("a", 1, 2), *lines("b", 1, 1))
    local_house.start(local_house.consumer(hang_on_two, handler_seconds=0.2))
    await handled(local_house)
    (key,) = await parked(local_house)
    assert key.reason.startswith("HandlerTooSlow")
    assert await local_house.heard() == {"a": [1], "b": [1]}


async def test_a_batch_begun_is_finished_when_told_to_stop(local_house: House) -> None:
    begun, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        begun.set()
        await go_on.wait()
        await hear(messages, tx)

    await posted(local_house, *lines("a", 1, 3))
    (task,) = local_house.start(local_house.consumer(wait), stop=stop)
    await begun.wait()
    stop.set()
    go_on.set()
    await asyncio.wait_for(task, 5)
    assert await local_house.heard() == {"a": [1, 2, 3]}


class Lost:
    """A subscription whose position is gone."""

    def __init__(self) -> None:
        self.fetches = 0
        self.closed = False

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        self.closed = True

    async def fetch(self, *, limit: int, wait_seconds: float) -> Sequence[Delivery]:
        self.fetches += 1
        raise LostOffset("partition 3: offset 7 is out of range")


async def test_a_lost_position_halts_with_an_alarm_and_never_jumps(local_house: House) -> None:
    lost, stop = Lost(), asyncio.Event()
    consumer = Consumer("lost", lost, local_house.listening, hear)  # type: ignore[arg-type]
    (task,) = local_house.start(consumer, stop=stop)
    await eventually(lambda: consumer.halted)
    assert REGISTRY.get_sample_value("lianban_consumer_halted", {"consumer": "lost"}) == 1
    assert not task.done()
    stop.set()
    await asyncio.wait_for(task, 5)
    assert (lost.fetches, lost.closed) == (1, True)
