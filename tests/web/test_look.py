"""How pages look and speak: sizes, contrast, the content policy, kind words, large type, a narrow screen."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.journeys.town import Town
from tests.stack import Stack
from tests.web.pages import Window, yesterday
from tests.web.test_main_job import report

OpenWindow = Callable[..., Awaitable[Window]]
LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
UNKIND = ("逾期", "超时", "超过办理时限", "倒计时", "剩余", "评价", "满意", "overdue", "countdown", "rating")


async def pages_of(clerk: Window, number: str) -> list[str]:
    """Every kind of page a window clerk meets."""
    await clerk.go("/report/death")
    await clerk.save()
    draft = clerk.report
    return [
        "/sign-in", "/cases", "/desk", "/demo-people?holds=dibao", "/report/death", f"{draft}/who", f"{draft}/where",
        f"{draft}/reporter", f"{draft}/heirs", f"{draft}/funeral", f"{draft}/check", f"/cases/{number}",
        f"/cases/{number}/received", f"/cases/{number}/correction", f"/cases/{number}/withdrawal", "/cases/none",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("large", "least"), [(False, {"text": 18, "target": 44}), (True, {"text": 18, "target": 60})]
)
async def test_everything_is_large_enough_to_read_and_to_hit_and_stands_out(
    large: bool, least: dict[str, int], window: OpenWindow, town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    if large:
        await clerk.press("大字版")
    found = {}
    for path in await pages_of(clerk, await report(clerk, town)):
        await clerk.go(path)
        found[path] = await clerk.page.evaluate(LOOK, least)
    assert {path: faults for path, faults in found.items() if faults} == {}


async def test_the_look_finds_what_is_too_small_too_faint_and_too_hard_to_hit(window: OpenWindow) -> None:
    anybody = await window()
    await anybody.go("/sign-in")
    await anybody.page.evaluate("""() => {
        const p = document.createElement("p");
        p.innerHTML = "<small>x</small> <a href='/'>y</a>";
        p.querySelector("small").style.fontSize = "12px";
        p.querySelector("a").style.color = "#bbbbbb";
        document.querySelector("main").append(p);
    }""")
    found = " ".join(await anybody.page.evaluate(LOOK, {"text": 18, "target": 44}))
    assert "text of 12 px" in found
    assert "contrast of" in found
    assert "target of" in found


async def test_a_narrow_screen_needs_no_sideways_scrolling(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town)
    await clerk.page.set_viewport_size({"width": 360, "height": 740})
    wide = []
    for path in await pages_of(clerk, number):
        await clerk.go(path)
        if await clerk.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert wide == []


async def test_every_control_has_a_name_that_is_read_out(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    nameless = []
    for path in await pages_of(clerk, await report(clerk, town)):
        await clerk.go(path)
        nameless += await clerk.page.evaluate("""() => Array.from(
            document.querySelectorAll("input:not([type=hidden]), select, textarea"))
            .filter((one) => !one.labels.length && !one.getAttribute("aria-label")).map((one) => one.name)""")
    assert nameless == []


async def test_a_family_reads_no_unkind_word_when_an_office_is_late(window: OpenWindow, town: Town) -> None:
    await town.departments("silent", "police")
    try:
        family = await window(f"citizen-{town.county}-2")
        await family.first_questions(await town.person("old_age_allowance"), yesterday(await town.now()))
        await family.go(f"{family.report}/reporter")
        await family.choose("/applicant/relation", "other_relative")
        await family.save()
        number = await family.send()
        await town.settle()
        moved = await town.http.post("/demo/clock", json={"advance": "P45D"})
        assert moved.status_code == 200, moved.text
        await family.go(f"/cases/{number}")
        text = (await family.page.inner_text("main")).lower()
        assert "我们正在催办，您不用做什么" in text
        assert [word for word in UNKIND if word in text] == []
    finally:
        await town.departments("prompt", "police")


async def test_no_page_loads_anything_from_elsewhere(site: Stack, window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    asked: list[str] = []
    clerk.page.on("request", lambda request: asked.append(request.url))
    for path in await pages_of(clerk, await report(clerk, town)):
        await clerk.go(path)
    assert asked
    assert [url for url in asked if not url.startswith(site.address)] == []


async def test_the_content_policy_allows_our_own_files_only(site: Stack) -> None:
    async with httpx.AsyncClient(base_url=site.address) as http:
        answer = await http.get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy


async def test_a_breach_of_the_content_policy_is_noticed(window: OpenWindow) -> None:
    anybody = await window()
    await anybody.go("/sign-in")
    await anybody.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.broke = true";
        document.head.append(script);
    }""")
    assert anybody.breaches
    anybody.breaches.clear()
