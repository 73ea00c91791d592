"""Reporting: first questions, error summary, save and resume, nothing asked twice, no script needed."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from contracts.catalog_files import load_catalogue
from tests.journeys.town import Town
from tests.stack import Stack
from tests.web.pages import Window, yesterday

ROWS = len(load_catalogue().life_events["death"].procedures)

OpenWindow = Callable[..., Awaitable[Window]]


async def test_a_relative_reports_and_follows_without_javascript(window: OpenWindow, town: Town) -> None:
    family = await window(f"citizen-{town.county}-1", script=False)
    dead = await town.person("old_age_allowance")
    await family.first_questions(dead, yesterday(await town.now()))
    await family.go(f"{family.report}/reporter")
    await family.choose("/applicant/relation", "other_relative")
    await family.save()
    number = await family.send()
    await family.press("看办理进度")
    assert await family.page.locator("article.procedure").count() == ROWS
    assert await family.page.locator(f"a[href='/cases/{number}']").count()
    assert "refresh" in await family.page.content()


async def test_what_the_sign_in_knows_is_not_asked_again(window: OpenWindow, town: Town) -> None:
    family = await window(f"citizen-{town.county}-1")
    await family.first_questions(await town.person("old_age_allowance"), yesterday(await town.now()))
    await family.go(f"{family.report}/reporter")
    assert await family.page.locator("[name='/applicant/relation']").count()
    assert not await family.page.locator("[name='/applicant/name'], [name='/applicant/id_number']").count()
    await family.go(f"{family.report}/check")
    assert await family.page.get_by_text("来自登录信息").count() == 2


async def test_a_missing_answer_is_summed_up_with_the_focus_and_a_link_to_the_question(
    window: OpenWindow, town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    await clerk.go("/report/death")
    await clerk.save()
    await clerk.fill("/deceased/name", "林文海")
    await clerk.save()
    assert await clerk.page.title() == "有误：是谁去世了 · 联办"
    assert await clerk.faults() == ["证件号码：这一项必须填写。"]
    assert await clerk.page.evaluate("document.activeElement.classList.contains('summary')")
    await clerk.page.locator(".summary a").click()
    assert await clerk.page.evaluate("document.activeElement.name") == "/deceased/id_number"
    assert await clerk.page.input_value("[name='/deceased/name']") == "林文海"


async def test_a_number_that_cannot_be_is_explained_before_anything_is_sent(
    window: OpenWindow, town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    await clerk.go("/report/death")
    await clerk.save()
    await clerk.fill("/deceased/name", "林文海")
    await clerk.fill("/deceased/id_number", "331099194203150010")
    await clerk.save()
    assert len(await clerk.faults()) == 1
    assert "证件号码" in (await clerk.faults())[0]


async def test_a_report_that_was_left_is_found_again_and_goes_on(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    await clerk.go("/report/death")
    await clerk.save()
    await clerk.fill("/deceased/name", "回来再填")
    await clerk.choose("/deceased/id_kind", "unknown")
    await clerk.save()
    later = await window(f"window_clerk-{town.county}")
    await later.go("/report/death")
    await later.page.locator(".card", has_text="回来再填").get_by_text("接着填").click()
    assert await later.heading() == "在哪里，什么时候"


async def test_a_draft_is_nobody_elses(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    await clerk.go("/report/death")
    await clerk.save()
    other = await window(f"citizen-{town.county}-1")
    assert await other.go(f"{clerk.report}/who") == 404


async def test_several_heirs_are_added_and_one_is_taken_away(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    await clerk.first_questions(await town.person("old_age_allowance"), yesterday(await town.now()))
    await clerk.go(f"{clerk.report}/heirs")
    for number, name in enumerate(["林小河", "林小溪"]):
        await clerk.fill(f"/heirs/{number}/name", name)
        await clerk.choose(f"/heirs/{number}/relation", "child")
        await clerk.press("保存，再加一位")
    await clerk.page.locator("button[name=remove][value='0']").click()
    assert await clerk.page.input_value("[name='/heirs/0/name']") == "林小溪"
    assert await clerk.page.input_value("[name='/heirs/1/name']") == ""


async def test_a_question_that_earlier_answers_make_needless_is_not_asked(
    window: OpenWindow, town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    await clerk.first_questions(await town.person("old_age_allowance"), yesterday(await town.now()))
    await clerk.go(f"{clerk.report}/funeral")
    await clerk.choose("/wishes/remains", "burial")
    await clerk.save()
    assert await clerk.page.locator("[name='/wishes/farewell']").count()
    await clerk.choose("/wishes/farewell", "none")
    await clerk.save()
    assert clerk.page.url.endswith(clerk.report)


async def test_a_form_without_its_token_changes_nothing(site: Stack, town: Town) -> None:
    async with httpx.AsyncClient(base_url=site.address) as http:
        await http.get("/sign-in")
        answer = await http.post("/sign-in", data={"user": f"window_clerk-{town.county}"})
        assert answer.status_code == 403
        assert "lianban_session" not in answer.cookies
        assert "这张表单不是从本站页面打开的" in answer.text


async def test_a_page_that_needs_a_sign_in_leads_to_it_and_back(window: OpenWindow, town: Town) -> None:
    clerk = await window()
    await clerk.go("/cases?status=finished")
    assert "/sign-in?next=/cases" in clerk.page.url
    await clerk.page.locator(f"button[value='window_clerk-{town.county}']").click()
    assert clerk.page.url.startswith(f"{clerk.address}/cases")


async def test_the_sign_in_never_leads_to_another_site(window: OpenWindow, town: Town) -> None:
    clerk = await window()
    await clerk.go("/sign-in?next=//elsewhere.example/")
    await clerk.page.locator(f"button[value='window_clerk-{town.county}']").click()
    assert clerk.page.url.startswith(clerk.address)


async def test_the_session_is_out_of_reach_of_scripts_and_other_sites(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    cookie = next(one for one in await clerk.context.cookies() if one["name"] == "lianban_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert await clerk.page.evaluate("document.cookie") == ""


async def test_what_does_not_exist_is_told_as_a_page(window: OpenWindow, town: Town) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    assert await clerk.go("/cases/331022-20260101-XXXXXXXX") == 404
    assert "没有找到" in await clerk.heading()


async def test_a_failure_on_our_side_is_a_page_with_the_request_number(
    site: Stack, window: OpenWindow, town: Town
) -> None:
    clerk = await window(f"window_clerk-{town.county}")
    connection = await asyncpg.connect(site.dsn("gateway"))
    try:
        await connection.execute("ALTER TABLE page_drafts RENAME TO page_drafts_away")
        assert await clerk.go("/report/death") == 500
        assert await clerk.heading() == "系统内部出错，您的内容没有提交。"
        assert await clerk.page.get_by_text("请求编号").count()
    finally:
        await connection.execute("ALTER TABLE page_drafts_away RENAME TO page_drafts")
        await connection.close()
