import asyncio
import time

from kernel.messaging.waiting import Pace
from kernel.testing import eventually
from tests.kernel.messaging.house import Choosy, House, lines
from tests.kernel.messaging.said import Said


async def assert_begins_at_once(pace: Pace, stop: asyncio.Event) -> None:
    """Raises TimeoutError for a round that keeps the pace."""
    await asyncio.wait_for(pace.next_round(stop), 5)


async def test_the_first_round_after_a_rest_waits_for_nobody() -> None:
    await assert_begins_at_once(Pace(3600), asyncio.Event())


async def test_the_next_round_begins_when_the_pace_allows_it() -> None:
    pace = Pace(0.05)
    pace.begun()
    begun = time.monotonic()
    await pace.next_round(asyncio.Event())
    assert time.monotonic() - begun >= 0.049


async def test_whoever_is_told_to_stop_does_not_wait_for_the_pace() -> None:
    pace, stop = Pace(3600), asyncio.Event()
    pace.begun()
    stop.set()
    await assert_begins_at_once(pace, stop)


async def test_messages_that_come_one_by_one_share_the_next_transaction(local_house: House) -> None:
    handed: list[int] = []

    async def count(messages, tx) -> None:
        handed.append(len(messages))
        await Choosy()(messages, tx)

    local_house.start(local_house.relay(), local_house.consumer(count, pace_seconds=1.0))
    await local_house.say(Said(speaker="a", line=1))
    await eventually(lambda: handed)
    for said in lines("a", 2, 9):
        await local_house.say(said)
    await local_house.assert_hears({"a": list(range(1, 10))})
    assert handed[0] == 1
    assert len(handed) < 9
