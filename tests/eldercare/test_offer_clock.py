"""The clock of offered beds: at the midnight after the last day, once, however many workers look (R56)."""

import asyncio
from datetime import date, datetime, time, timedelta
from uuid import UUID

from contracts.orders import Verb
from kernel.public_service.clock import TZ
from kernel.testing import eventually
from services.eldercare.commands.offer_clock import lapse_offers
from services.eldercare.queries.beds import lock_homes
from tests.eldercare.test_beds import HOME, STOP, answer, ask, died, move_in, new_home, offers
from tests.owner_desk import NOW, Desk


async def two_wait(desk: Desk, beds: int = 1) -> list[UUID]:
    """Two people wait for a home whose beds have been freed today: each bed is kept for one of them."""
    elders = [await move_in(desk, bed) for bed in await new_home(desk, beds)]
    waiting = [await ask(desk), await ask(desk, "2026-10-02")]
    for elder in elders:
        await desk.send(Verb.OPEN, STOP, died(elder))
    return waiting


async def all_wait(desk: Desk, workers: int) -> bool:
    """Whether that many have seen what is due and wait for the home's beds."""
    (found,) = await desk.rows(
        """SELECT count(*) AS waiting FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    )
    return bool(found.waiting == workers)


async def next_check(desk: Desk) -> str | None:
    async with desk.http() as client:
        found: str | None = (await client.get("/internal/v1/checks/next")).json()["next_check_at"]
    return found


async def fired(desk: Desk) -> int:
    async with desk.http() as client:
        answer_ = await client.post("/internal/v1/checks/run", json={"now": desk.clock.now().isoformat()})
    assert answer_.status_code == 200, answer_.text
    count: int = answer_.json()["fired"]
    return count


async def test_the_check_is_due_at_the_midnight_after_the_last_day_and_not_before(desk: Desk) -> None:
    person, _ = await two_wait(desk)
    midnight = datetime.combine(NOW.date() + timedelta(days=8), time(), TZ)
    assert datetime.fromisoformat(str(await next_check(desk))) == midnight
    desk.pass_time(seconds=(midnight - NOW).total_seconds() - 1)
    assert (await fired(desk), list(await offers(desk))) == (0, [person])
    desk.pass_time(seconds=1)
    assert await fired(desk) == 1
    assert list(await offers(desk)) != [person] and await fired(desk) == 0


async def test_an_answer_on_the_last_day_counts_and_one_after_midnight_does_not(desk: Desk) -> None:
    first, second = await two_wait(desk, 2)
    last_evening = datetime.combine(NOW.date() + timedelta(days=7), time(23, 59, 59), TZ)
    desk.pass_time(seconds=(last_evening - NOW).total_seconds())
    assert (await answer(desk, first, "accept")).status_code == 200
    desk.pass_time(seconds=1)
    assert (await answer(desk, second, "accept")).json()["code"] == "offer_closed"


async def test_two_workers_count_a_silence_once(desk: Desk) -> None:
    await two_wait(desk, 2)
    desk.pass_time(days=8)

    async def worker() -> int:
        async with desk.service.transactions.begin() as tx:
            return await lapse_offers(tx, at=desk.clock.now())

    async with desk.service.transactions.begin() as somebody:
        await lock_homes(somebody, [HOME])
        workers = [asyncio.create_task(worker()) for _ in range(3)]
        await eventually(lambda: all_wait(desk, len(workers)))
    assert sorted(await asyncio.gather(*workers)) == [0, 0, 2]
    rows = await desk.rows("SELECT declined FROM bed_requests ORDER BY asked_on")
    assert [row.declined for row in rows] == [1, 1]
    lapsed = await desk.rows("SELECT closed_at, answered_by FROM bed_offers WHERE state = 'lapsed'")
    assert [(row.closed_at, row.answered_by) for row in lapsed] == [(desk.clock.now(), None)] * 2
    open_ = await desk.rows("SELECT offered_on FROM bed_offers WHERE state = 'open'")
    assert {row.offered_on for row in open_} == {date(2026, 11, 30)}
