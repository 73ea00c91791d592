"""床位通知 in the browser: a home declines for one family and takes in the next; large, narrow and kind enough."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg

from tests.journeys.town import Town
from tests.stack import Stack
from tests.web.pages import Window
from tests.web.test_look import LOOK, UNKIND

OpenWindow = Callable[..., Awaitable[Window]]
_WAITS = """INSERT INTO bed_requests (id, person, home, asked_on, region, state)
            VALUES ($1, $2, $3, DATE '2026-01-01' + $4::integer, $5, 'waiting')"""


async def one_bed_for_two(site: Stack, town: Town) -> list[dict[str, str]]:
    """Two people of the county wait for the one bed of a home; the first is asked."""
    people = [await town.person("old_age_allowance") for _ in range(2)]
    home, bed, region = uuid4(), uuid4(), town.county
    requests = [uuid4(), uuid4()]
    database = await asyncpg.connect(site.dsn("eldercare"))
    try:
        await database.execute(
            "INSERT INTO beds VALUES ($1, $2, '示范敬老院', '203-1', 'institution', $3)", bed, home, region
        )
        for place, person in enumerate(people):
            await database.execute(_WAITS, requests[place], UUID(person["person"]), home, place, region)
        await database.execute(
            """INSERT INTO bed_offers (id, bed, request, person, offered_on, answer_by, state)
               VALUES ($1, $2, $3, $4, CURRENT_DATE, CURRENT_DATE + 7, 'open')""",
            uuid4(), bed, requests[0], UUID(people[0]["person"]),
        )  # fmt: skip
    finally:
        await database.close()
    return people


async def test_a_home_declines_for_one_family_and_takes_in_the_next(
    site: Stack, window: OpenWindow, town: Town
) -> None:
    first, second = await one_bed_for_two(site, town)
    home = await window(f"provider-{town.county}", script=False)
    await home.go("/desk")
    await home.press("床位通知")
    shown = await home.page.inner_text("main")
    assert "示范敬老院 203-1 床" in shown and f"{first['name'][0]}*" in shown and first["name"] not in shown
    assert not [word for word in UNKIND if word in shown]
    assert not await home.page.evaluate(LOOK, {"text": 18, "target": 44})
    await home.page.set_viewport_size({"width": 360, "height": 740})
    assert not await home.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await home.page.get_by_role("button", name="这次不要").click()
    assert "位次保留，现在问下一位" in await home.page.inner_text("main")
    assert f"{second['name'][0]}*" in await home.page.inner_text("main")
    await home.page.get_by_role("button", name="接受").click()
    shown = await home.page.inner_text("main")
    assert "已经登记入住" in shown and "现在没有保留的床位" in shown
    await home.press("已答复和过期的也看")
    shown = await home.page.inner_text("main")
    assert "已接受" in shown and "没有接受，位次保留" in shown


async def test_the_counters_pages_are_large_enough_narrow_enough_and_kind(
    window: OpenWindow, town: Town
) -> None:
    faults: dict[str, list[str]] = {}
    for user, path in (
        (f"registrar-{town.county}", "/marriage-declarations"),
        (f"county_supervisor-{town.county}", "/eco-awards"),
        (f"county_supervisor-{town.county}", "/grant-checks"),
        (f"funeral_home-{town.county}", "/eco-awards"),
    ):
        counter = await window(user)
        assert await counter.go(path) == 200
        faults[f"{user} {path}"] = await counter.page.evaluate(LOOK, {"text": 18, "target": 44})
        assert not [word for word in UNKIND if word in await counter.page.inner_text("main")]
        await counter.page.set_viewport_size({"width": 360, "height": 740})
        assert not await counter.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert {where: some for where, some in faults.items() if some} == {}
