"""What both buses promise: one suite, run against the local one and against real Kafka."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from kernel.messaging import outbox, parking
from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.message import Message
from kernel.messaging.replay import list_parked_outbox, replay, replay_outbox
from kernel.messaging.transaction import Transactions
from kernel.testing import eventually
from tests.kernel.messaging.house import LISTENER, Choosy, House, fresh, hear, lines
from tests.kernel.messaging.said import Said

A = ("hall", "a")


async def parked_rows(house: House, key: tuple[str, str] = A) -> int:
    async with house.listening.begin() as tx:
        keys = await parking.list_parked(tx.connection, consumer=LISTENER)
    return sum(each.waiting for each in keys if (each.topic, each.key) == key)


async def test_everything_said_is_heard_once_and_in_order_per_speaker(house: House) -> None:
    house.start(house.relay(), house.consumer())
    for first in range(1, 100, 10):
        await house.say(*(said for speaker in "abcdefgh" for said in lines(speaker, first, first + 9)))
    await house.assert_hears({speaker: list(range(1, 101)) for speaker in "abcdefgh"})
    assert await house.count("outbox", of=house.speaking) == 0


async def test_speakers_who_commit_at_the_same_time_lose_nothing(house: House) -> None:
    house.start(house.relay(), house.consumer())

    async def speak(speaker: str) -> None:
        for line in range(1, 31):
            await house.say(Said(speaker=speaker, line=line))

    async with asyncio.TaskGroup() as speakers:
        for speaker in "abcdef":
            speakers.create_task(speak(speaker))
    await house.assert_hears({speaker: list(range(1, 31)) for speaker in "abcdef"})


async def test_a_batch_whose_handler_loses_the_database_comes_again_whole(house: House) -> None:
    losses = 3

    async def unlucky(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        nonlocal losses
        await hear(messages, tx)
        if losses:
            losses -= 1
            raise ConnectionResetError("the connection was reset")

    house.start(house.relay(), house.consumer(unlucky))
    await house.say(*lines("a", 1, 20), *lines("b", 1, 20))
    await house.assert_hears({"a": list(range(1, 21)), "b": list(range(1, 21))})
    assert losses == 0
    assert await house.count("parked_keys") == 0


async def test_what_is_sent_twice_is_heard_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    delete, failures = outbox.delete, 2

    async def forgetful(*arguments: object) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise ConnectionResetError("the relay died between the acknowledgement and the delete")
        await delete(*arguments)

    monkeypatch.setattr(outbox, "delete", forgetful)
    house.start(house.relay(), house.consumer())
    await house.say(*lines("a", 1, 10))
    await house.assert_hears({"a": list(range(1, 11))})

    async def emptied() -> bool:
        return await house.count("outbox", of=house.speaking) == 0

    await eventually(emptied)
    assert failures == 0
    await house.say(*lines("a", 11, 12))
    await house.assert_hears({"a": list(range(1, 13))})


async def test_a_consumer_that_dies_before_it_settles_hears_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = house.consumer()

    async def die(deliveries: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(dying.subscription, "settled", die)
    house.start(house.relay())
    await house.say(*lines("a", 1, 10))
    first = house.start(dying)[0]
    await asyncio.wait({first}, timeout=20)
    assert first.cancelled()
    house.tasks.remove(first)
    house.start(house.consumer())
    await house.say(*lines("a", 11, 20))
    await house.assert_hears({"a": list(range(1, 21))})


async def test_a_message_that_cannot_be_handled_parks_its_key_and_the_others_flow(house: House) -> None:
    house.start(house.relay(), house.consumer(Choosy(("a", 2))))
    await house.say(*lines("a", 1, 3), *lines("b", 1, 3))
    await house.assert_hears({"a": [1], "b": [1, 2, 3]})
    await house.say(*lines("a", 4, 5), *lines("b", 4, 5))
    await house.assert_hears({"a": [1], "b": [1, 2, 3, 4, 5]})

    async def four_wait() -> bool:
        return await parked_rows(house) == 4

    await eventually(four_wait)
    async with house.listening.begin() as tx:
        (key,) = await parking.list_parked(tx.connection)
    assert key.reason.startswith("ValueError: unbearable")


async def test_a_replayed_key_keeps_its_order_with_what_came_meanwhile(house: House) -> None:
    choosy = Choosy(("a", 1))
    house.start(house.relay(), house.consumer(choosy))
    await house.say(*lines("a", 1, 3))
    await eventually(lambda: parked_rows(house))
    choosy.unbearable.clear()
    house_says = asyncio.ensure_future(house.say(*lines("a", 4, 6)))
    replayed = await replay(house.listening, LISTENER, A, choosy)
    await house_says
    await house.say(*lines("a", 7, 9))
    assert replayed.released
    await house.assert_hears({"a": list(range(1, 10))})
    assert await house.count("parked_events") == 0


async def test_a_handler_parks_one_message_and_the_rest_of_the_batch_commits(house: House) -> None:
    choosy = Choosy(("a", 2), parks=True)
    await house.say(*lines("a", 1, 4), *lines("b", 1, 4))
    house.start(house.relay(), house.consumer(choosy))
    await house.assert_hears({"a": [1], "b": [1, 2, 3, 4]})

    async def three_wait() -> bool:
        return await parked_rows(house) == 3

    await eventually(three_wait)
    choosy.unbearable.clear()
    assert (await replay(house.listening, LISTENER, A, choosy)).handled == 3
    await house.assert_hears({"a": [1, 2, 3, 4], "b": [1, 2, 3, 4]})


async def test_two_workers_have_one_leader_and_double_nothing(house: House) -> None:
    relays = [house.relay(), house.relay()]
    house.start(*relays, house.consumer(), house.consumer())
    for first in range(1, 60, 3):
        await house.say(*(said for speaker in "abcdef" for said in lines(speaker, first, first + 2)))
        assert sum(relay.leading for relay in relays) <= 1
    await house.assert_hears({speaker: list(range(1, 61)) for speaker in "abcdef"})


async def test_another_relay_leads_when_the_leader_stops(house: House) -> None:
    first, second = house.relay(), house.relay()
    stop_first = asyncio.Event()
    house.start(first, stop=stop_first)
    await eventually(lambda: first.leading)
    house.start(second, house.consumer())
    stop_first.set()
    await eventually(lambda: second.leading)
    await house.say(*lines("a", 1, 5))
    await house.assert_hears({"a": [1, 2, 3, 4, 5]})


async def test_a_consumer_that_leaves_is_succeeded_by_the_next(house: House) -> None:
    stop_first = asyncio.Event()
    house.start(house.relay())
    house.start(house.consumer(), stop=stop_first)
    await house.say(*lines("a", 1, 5))
    await house.assert_hears({"a": [1, 2, 3, 4, 5]})
    stop_first.set()
    house.start(house.consumer())
    await house.say(*lines("a", 6, 8), *lines("b", 1, 3))
    await house.assert_hears({"a": list(range(1, 9)), "b": [1, 2, 3]})


async def test_a_consumer_that_was_stopped_can_be_run_again(house: House) -> None:
    consumer, stop = house.consumer(), asyncio.Event()
    house.start(house.relay())
    (task,) = house.start(consumer, stop=stop)
    await house.say(*lines("a", 1, 3))
    await house.assert_hears({"a": [1, 2, 3]})
    stop.set()
    await task
    house.start(consumer)
    await house.say(*lines("a", 4, 6))
    await house.assert_hears({"a": [1, 2, 3, 4, 5, 6]})


async def test_connections_cut_at_any_moment_lose_nothing(house: House) -> None:
    house.start(house.relay(), house.consumer())
    for line in range(1, 41):
        await eventually(lambda line=line: said_once_more(house, line))
        if line % 10 == 0:
            await cut(house.listening)
            await cut(house.speaking)
    await house.assert_hears({"a": list(range(1, 41))})
    assert await house.count("parked_keys") == 0


async def said_once_more(house: House, line: int) -> bool:
    """Say one line; False where the connection was cut. Its own outbox or the ears tell a doubled one."""
    try:
        await house.say(Said(speaker="a", line=line))
    except Exception as error:
        raise AssertionError("the speaker's own connection was cut") from error
    return True


async def cut(transactions: Transactions) -> None:
    """End every other connection to this database."""
    async with fresh(transactions) as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def test_a_topic_that_is_not_there_parks_its_key_and_the_others_flow(house: House) -> None:
    house.start(house.relay(), house.consumer())
    await house.say(Said(speaker="a", line=1, to="nowhere"), *lines("b", 1, 2))
    await house.assert_hears({"b": [1, 2]})
    await eventually(lambda: list_parked_outbox(house.speaking))
    ((topic, key, reason, seq),) = await list_parked_outbox(house.speaking)
    assert (topic, key) == ("nowhere", "a")
    assert "unknown topic nowhere" in reason
    assert seq is not None
    assert await house.count("outbox", of=house.speaking) == 1
    async with house.speaking.begin() as tx:
        await tx.execute(text("UPDATE outbox SET topic = 'hall'"))
        await tx.execute(text("UPDATE parked_outbox SET topic = 'hall'"))
    await replay_outbox(house.speaking, ("hall", "a"))
    await house.assert_hears({"a": [1], "b": [1, 2]})


async def test_a_topic_without_ears_is_spoken_to_all_the_same(house: House) -> None:
    house.start(house.relay())
    await house.say(Said(speaker="a", line=1, to="void"))

    async def emptied() -> bool:
        return await house.count("outbox", of=house.speaking) == 0

    await eventually(emptied)
    assert await list_parked_outbox(house.speaking) == []


async def test_what_waits_is_told_and_gone_when_it_is_handled(house: House) -> None:
    deaf = True

    async def sometimes_deaf(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        if deaf:
            raise ConnectionResetError("deaf")
        await hear(messages, tx)

    consumer = house.consumer(sometimes_deaf)
    house.start(house.relay(), consumer)
    await house.say(*lines("a", 1, 5))

    async def five_wait() -> bool:
        lag = await consumer.subscription.lag()
        return lag.messages == 5 and lag.oldest_seconds is not None and lag.partitions > 0

    await eventually(five_wait)
    deaf = False
    await house.assert_hears({"a": [1, 2, 3, 4, 5]})

    async def none_waits() -> bool:
        return (await consumer.subscription.lag()).messages == 0

    await eventually(none_waits)


async def test_a_subscription_to_an_unknown_topic_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        house.bus.subscription("listening", LISTENER, ["nowhere"])


async def test_the_bus_tells_what_nobody_has_handled_yet(house: House) -> None:
    consumers = {LISTENER: ["hall"]}
    stop = asyncio.Event()
    first = house.start(house.consumer(), stop=stop)
    house.start(house.relay())
    await house.say(*lines("a", 1, 3))
    await house.assert_hears({"a": [1, 2, 3]})

    async def all_read() -> bool:
        return not await house.bus.unread(consumers)

    await eventually(all_read)
    stop.set()
    await asyncio.gather(*first)
    await house.say(*lines("a", 4, 7), *lines("b", 1, 1))

    async def five_wait() -> bool:
        return await house.bus.unread(consumers) == {LISTENER: 5}

    await eventually(five_wait)
    house.start(house.consumer())
    await house.assert_hears({"a": list(range(1, 8)), "b": [1]})
    await eventually(all_read)
