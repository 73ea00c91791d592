"""幸福清单 in the browser: found by a form, large enough, narrow enough, in kind words."""

from collections.abc import Awaitable, Callable

import pytest

from tests.journeys.town import Town
from tests.web.pages import Window
from tests.web.test_look import LOOK, UNKIND

OpenWindow = Callable[..., Awaitable[Window]]


async def found(clerk: Window, town: Town) -> str:
    """Search for somebody by number; the address of the list."""
    dead = await town.person("dibao", "old_age_allowance", married=True)
    await clerk.go("/desk")
    await clerk.press("查幸福清单")
    await clerk.fill("/id_number", dead["id_number"])
    await clerk.choose("/purpose", "visit")
    await clerk.save()
    await clerk.page.get_by_role("link", name=dead["name"]).click()
    assert "最低生活保障" in await clerk.page.inner_text("main")
    return clerk.page.url.removeprefix(clerk.address)


@pytest.mark.parametrize(
    ("large", "least"), [(False, {"text": 18, "target": 44}), (True, {"text": 18, "target": 60})]
)
async def test_the_list_is_large_enough_narrow_enough_and_kind(
    large: bool, least: dict[str, int], window: OpenWindow, town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    if large:
        await clerk.press("大字版")
    address = await found(clerk, town)
    faults = {}
    for path in ("/people", address):
        await clerk.go(path)
        faults[path] = await clerk.page.evaluate(LOOK, least)
        assert not [word for word in UNKIND if word in await clerk.page.inner_text("main")]
    assert {path: some for path, some in faults.items() if some} == {}
    await clerk.page.set_viewport_size({"width": 360, "height": 740})
    assert not await clerk.page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_the_list_needs_no_script(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}", script=False)
    await found(clerk, town)
    assert (await clerk.heading()).startswith("幸福清单")
