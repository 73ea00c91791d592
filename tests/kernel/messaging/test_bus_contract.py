"""What both buses promise: one suite, run against the local one and against real Kafka."""

from kernel.testing import eventually
from tests.kernel.messaging.house import House
from tests.kernel.messaging.said import Said


def lines(speaker: str, first: int, last: int) -> list[Said]:
    return [Said(speaker=speaker, line=line) for line in range(first, last + 1)]


async def test_everything_said_is_heard_once_and_in_order_per_speaker(house: House) -> None:
    house.start(house.relay(), house.consumer())
    for first in range(1, 100, 10):
        await house.say(*(said for speaker in "abcdefgh" for said in lines(speaker, first, first + 9)))
    expected = {speaker: list(range(1, 101)) for speaker in "abcdefgh"}

    async def all_heard() -> bool:
        return await house.heard() == expected

    await eventually(all_heard, within=20)
    assert await house.count("outbox", of=house.speaking) == 0
