"""The main job through the pages alone: report, follow, decide, correct, withdraw, revoke."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from contracts.catalog_files import load_catalogue
from kernel.testing import eventually
from tests.journeys.town import Town, states
from tests.web.pages import Window, yesterday

ROWS = len(load_catalogue().life_events["death"].procedures)


async def report(window: Window, town: Town, *, cremation: bool = False) -> str:
    dead = await town.person("dibao", "old_age_allowance", married=True)
    await window.first_questions(dead, yesterday(await town.now()))
    await window.who_reports(await town.look(dead["spouse"]))
    if cremation:
        await window.go(f"{window.report}/funeral")
        await window.choose("/wishes/remains", "cremation")
        await window.save()
    return await window.send()


async def test_a_clerk_reports_a_death_and_every_linked_procedure_stands_on_the_progress_page(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town)
    await clerk.press("看办理进度")
    assert await clerk.page.locator("article.procedure").count() == ROWS
    for card in await clerk.page.locator("article.procedure").all():
        assert (await card.locator(".owner").text_content() or "").strip()
        assert (await card.locator(".head .state").text_content() or "").strip()
    await town.settle()
    await clerk.go(f"/cases/{number}")
    assert await clerk.state("assistance.stop_benefits") == "✓已办结"
    assert await clerk.state("marriage.widowed") == "✓已办结"


async def test_a_funeral_home_decides_a_task_with_the_fields_of_its_decision(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town, cremation=True)
    await town.settle()
    funeral = await window(f"funeral_home-{town.county}")
    await funeral.go(f"/cases/{number}")
    await funeral.page.locator("[data-type='funeral.cremation'] a.button").click()
    assert await funeral.page.locator(
        "form[aria-labelledby='d-booked'] [name='/booked/not_before#year']"
    ).count()
    await funeral.page.locator("form[aria-labelledby='d-booked'] button.primary").click()
    assert "已经办理" in await funeral.page.inner_text("[role=status]")
    case = await town.case(number)
    row = next(row for row in case["procedures"] if row["type"] == "funeral.cremation")
    assert row["step"] == "identify"


async def test_a_decision_without_its_required_reason_is_explained_and_changes_nothing(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town, cremation=True)
    await town.settle()
    funeral = await window(f"funeral_home-{town.county}")
    await funeral.go(f"/cases/{number}")
    await funeral.page.locator("[data-type='funeral.cremation'] a.button").click()
    await funeral.page.locator("form[aria-labelledby='d-impossible'] button.primary").click()
    assert await funeral.faults()
    assert states(await town.case(number))["funeral.cremation"] == "open"


async def test_a_corrected_date_is_sent_from_the_page_and_raises_the_version(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town)
    await town.settle()
    await clerk.go(f"/cases/{number}/correction")
    await clerk.fill_instant("/deceased/died_at", yesterday(await town.now()) - timedelta(days=40))
    await clerk.fill("/reason", "家属记错了日期")
    await clerk.save()
    assert "更正已收到" in await clerk.page.inner_text("[role=status]")
    assert (await town.settled(number))["version"] == 2


async def test_a_correction_without_a_reason_says_so_at_the_field(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town)
    await clerk.go(f"/cases/{number}/correction")
    await clerk.fill("/applicant/phone", "13911111111")
    await clerk.save()
    assert len(await clerk.faults()) == 1
    assert await clerk.page.locator(".faulty [name='/reason']").count() == 1
    assert await clerk.page.input_value("[name='/applicant/phone']") == "13911111111"


async def test_one_procedure_is_withdrawn_from_the_page(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town, cremation=True)
    await town.settle()
    await clerk.go(f"/cases/{number}/withdrawal")
    await clerk.page.get_by_label("遗体火化").check()
    await clerk.fill("/reason", "改为回乡安葬")
    await clerk.save()
    case = await town.settled(number)
    assert states(case)["funeral.cremation"] == "withdrawn"
    assert states(case)["assistance.stop_benefits"] == "done"


async def test_an_offer_is_accepted_with_one_button(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town)
    await town.settle()
    await clerk.go(f"/cases/{number}")
    await clerk.page.locator("[data-type='funeral.memorial'] button[value=accept]").click()
    await town.settle()
    assert states(await town.case(number))["funeral.memorial"] != "offered"


async def test_a_supervisor_revokes_and_the_case_is_restored(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    number = await report(clerk, town)
    await town.settle()
    supervisor = await window(f"county_supervisor-{town.county}")
    await supervisor.go(f"/cases/{number}/revocation")
    await supervisor.choose("/kind", "wrong_match")
    await supervisor.fill("/basis", "派出所证明 2026-18 号")
    await supervisor.fill("/reason", "同名同姓，认错了人")
    await supervisor.save()
    await town.until_status(number, "revoked")
    await supervisor.go(f"/cases/{number}")
    assert await supervisor.page.locator("[data-status=revoked]").count() == 1
    assert await supervisor.state("marriage.widowed") == "↺已恢复"


async def test_a_page_moves_by_itself_when_a_department_answers(
    window: Callable[..., Awaitable[Window]], town: Town
) -> None:
    await town.departments("manual", "police")
    try:
        clerk = await window(f"window_clerk-{town.county}")
        number = await report(clerk, town)
        await clerk.go(f"/cases/{number}")
        await clerk.page.evaluate("window.neverLoadedAgain = true")
        await eventually(lambda: clerk.state("marriage.widowed"), within=20)
        police = await town.as_user("department", owner="police")
        task = await eventually(lambda: pulled(police, number), within=20)
        await police.post(f"/exchange/v1/tasks/{task}/result", json={"outcome": "done"})

        async def moved() -> bool:
            return await clerk.state("police.household_cancellation") == "✓已办结"

        await eventually(moved, within=20)
        assert await clerk.page.evaluate("window.neverLoadedAgain") is True
    finally:
        await town.departments("prompt", "police")


async def pulled(police: object, number: str) -> str | None:
    """The police's request about this case, once it can be pulled."""
    answer = await police.get("/exchange/v1/tasks", params={"limit": 200})
    return next((item["id"] for item in answer.json()["items"] if item["case_no"] == number), None)
