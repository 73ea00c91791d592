"""What a person does about parked keys."""

import asyncio

import pytest
from sqlalchemy import text

from kernel.messaging import parking
from kernel.messaging.replay import (
    NotParked,
    SkipNeedsReason,
    list_parked_outbox,
    replay,
    skip,
    skip_outbox,
)
from kernel.testing import eventually
from tests.kernel.messaging.house import LISTENER, Choosy, House, hear, lines
from tests.kernel.messaging.said import Said

A = ("hall", "a")
BY = {"person": "operator-7", "reason": "重复申报，已人工核对"}


@pytest.fixture
async def choosy(local_house: House) -> Choosy:
    """Lines 1 to 3 of `a` wait; the consumer runs on."""
    choosy = Choosy(("a", 1))
    local_house.start(local_house.relay(), local_house.consumer(choosy))
    await local_house.say(*lines("a", 1, 3))

    async def three_wait() -> bool:
        return await waiting(local_house) == [3]

    await eventually(three_wait)
    return choosy


async def waiting(house: House) -> list[int]:
    async with house.listening.begin() as tx:
        return [key.waiting for key in await parking.list_parked(tx.connection)]


async def first_number(house: House) -> int:
    async with house.listening.begin() as tx:
        (key,) = await parking.list_parked(tx.connection)
    assert key.next_n is not None
    return key.next_n


async def test_a_replay_that_fails_again_keeps_the_rest_and_counts(
    local_house: House, choosy: Choosy
) -> None:
    choosy.unbearable = {("a", 2)}
    replayed = await replay(local_house.listening, LISTENER, A, choosy)
    assert (replayed.handled, replayed.released) == (1, False)
    async with local_house.listening.begin() as tx:
        (key,) = await parking.list_parked(tx.connection)
    assert (key.waiting, key.attempts) == (2, 2)
    assert await local_house.heard() == {"a": [1]}


async def test_a_handler_that_parks_again_during_the_replay_has_failed(
    local_house: House, choosy: Choosy
) -> None:
    choosy.parks = True
    replayed = await replay(local_house.listening, LISTENER, A, choosy)
    assert (replayed.handled, replayed.released) == (0, False)
    assert replayed.reason is not None
    assert replayed.reason.startswith("ParkedAgain: unbearable")
    assert await waiting(local_house) == [3]


async def test_a_replay_cut_off_by_the_database_loses_nothing(local_house: House, choosy: Choosy) -> None:
    async def lose(messages: object, tx: object) -> None:
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        await replay(local_house.listening, LISTENER, A, lose)
    assert await waiting(local_house) == [3]


async def test_what_comes_while_the_last_one_is_replayed_follows_it(
    local_house: House, choosy: Choosy
) -> None:
    replaying, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(messages: object, tx: object) -> None:
        replaying.set()
        await go_on.wait()
        await hear(messages, tx)  # type: ignore[arg-type]

    choosy.unbearable.clear()
    running = asyncio.ensure_future(replay(local_house.listening, LISTENER, A, slowly))
    await replaying.wait()
    await local_house.say(*lines("a", 4, 6))
    go_on.set()
    await running
    await local_house.assert_hears({"a": [1, 2, 3, 4, 5, 6]})
    assert await waiting(local_house) == []


async def test_a_key_that_is_not_parked_cannot_be_replayed(local_house: House) -> None:
    with pytest.raises(NotParked):
        await replay(local_house.listening, LISTENER, A, hear)


async def test_skipping_one_leaves_the_others_and_says_who_and_why(
    local_house: House, choosy: Choosy
) -> None:
    await skip(local_house.listening, LISTENER, A, await first_number(local_house), **BY)
    assert (await replay(local_house.listening, LISTENER, A, choosy)).handled == 2
    await local_house.assert_hears({"a": [2, 3]})
    async with local_house.listening.begin() as tx:
        row = (await tx.execute(text("SELECT person, reason, failure, key FROM parked_skips"))).one()
    assert (row.person, row.reason, row.key) == (BY["person"], BY["reason"], "a")
    assert row.failure.startswith("ValueError: unbearable")


async def test_skipping_the_last_one_frees_the_key(local_house: House, choosy: Choosy) -> None:
    for _ in range(3):
        await skip(local_house.listening, LISTENER, A, await first_number(local_house), **BY)
    assert await waiting(local_house) == []
    await local_house.say(Said(speaker="a", line=4))
    await local_house.assert_hears({"a": [4]})


@pytest.mark.parametrize(("person", "reason"), [("", "why"), ("who", ""), ("  ", "why"), ("who", " ")])
async def test_a_skip_without_person_or_reason_is_refused(
    person: str, reason: str, local_house: House, choosy: Choosy
) -> None:
    with pytest.raises(SkipNeedsReason):
        await skip(local_house.listening, LISTENER, A, 1, person=person, reason=reason)
    assert await waiting(local_house) == [3]


async def test_a_number_that_does_not_wait_cannot_be_skipped(local_house: House, choosy: Choosy) -> None:
    with pytest.raises(NotParked):
        await skip(local_house.listening, LISTENER, A, 999_999, **BY)


async def test_a_refused_row_can_be_given_up_with_person_and_reason(local_house: House) -> None:
    local_house.start(local_house.relay())
    await local_house.say(Said(speaker="a", line=1, to="nowhere"))
    await eventually(lambda: list_parked_outbox(local_house.speaking))
    ((_, _, _, seq),) = await list_parked_outbox(local_house.speaking)
    assert seq is not None
    await skip_outbox(local_house.speaking, ("nowhere", "a"), seq, **BY)
    assert await local_house.count("outbox", of=local_house.speaking) == 0
    assert await local_house.count("parked_skips", of=local_house.speaking) == 1
