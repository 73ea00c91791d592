"""幸福清单 as a page: searched by a form, read in words, every gap said."""

import re
from datetime import date
from uuid import uuid4

import httpx
import pytest

from casework.people_view import Hold, PersonView, Wait
from gateway.people.asking import _live
from gateway.web.person_view import HOLD_STATES, _wait, gaps
from kernel.public_service.access import COOKIE, Role
from tests.gateway.office import NOW, OTHER_COUNTY, Office
from tests.web.test_look import UNKIND


async def browser(office: Office, role: Role, **who: object) -> httpx.AsyncClient:
    """A browser with a session cookie that follows redirects."""
    token = office.client(role, **who).headers["authorization"].removeprefix("Bearer ")  # type: ignore[arg-type]
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(office.services["gateway"].app), base_url="http://gateway",
        cookies={COOKIE: token}, follow_redirects=True,
    )  # fmt: skip


async def find(http: httpx.AsyncClient, **values: str) -> httpx.Response:
    """Send the search form as the page gave it."""
    form = (await http.get("/people")).text
    token = re.search(r'name="form_token" value="([^"]+)"', form.split("<main")[1])
    assert token
    fields = {f"/{name}": value for name, value in values.items()}
    return await http.post("/people", data={"form_token": token[1], **fields})


def shown(page: str) -> str:
    """The words of the main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0]))


async def test_a_clerk_finds_a_person_and_the_purpose_is_logged_with_the_search(office: Office) -> None:
    dead, _ = office.couple()
    async with await browser(office, Role.WINDOW_CLERK) as http:
        found = await find(http, id_number=dead.id_number, purpose="visit")
        assert found.status_code == 200
        assert dead.name in shown(found.text)
        assert dead.id_number not in found.text.split("查到")[1]
        link = re.search(r'href="(/people/[^"]+)"', found.text.split("查到")[1])
        assert link
        page = await http.get(link[1])
    assert "幸福清单" in page.text
    lines = await office.rows("SELECT action, purpose FROM audit_log ORDER BY seq")
    assert {(line.action, line.purpose) for line in lines} == {
        ("search_people", "入户走访、探访"),
        ("read_person", "入户走访、探访"),
    }


@pytest.mark.parametrize(
    "values", [{"purpose": "visit"}, {"name": "王秀英"}, {"name": "王", "purpose": "visit"}]
)
async def test_a_search_without_purpose_or_name_is_explained(office: Office, values: dict[str, str]) -> None:
    async with await browser(office, Role.WINDOW_CLERK) as http:
        answer = await find(http, **values)
    assert answer.status_code == 422
    assert 'class="summary"' in answer.text
    assert await office.rows("SELECT 1 FROM audit_log") == []


async def test_the_page_tells_what_is_held_received_and_waited_for(office: Office) -> None:
    dead, spouse = office.couple()
    case = (await office.post_report(office.form(dead, spouse))).json()
    async with await browser(office, Role.WINDOW_CLERK) as http:
        page = shown((await http.get(f"/cases/{case['case_no']}/person")).text)
    for words in (
        dead.name,
        "最低生活保障",
        "高龄津贴",
        "正在享受",
        "已发到",
        "下次该发",
        "已婚",
        "在世",
        spouse.name,
    ):
        assert words in page, words
    assert dead.id_number not in page
    assert not [word for word in UNKIND if word in page]


async def test_a_citizen_reads_his_own_list_from_the_head_of_every_page(office: Office) -> None:
    dead, spouse = office.couple()
    async with await browser(office, Role.CITIZEN, person=spouse.person) as http:
        page = await http.get("/people/mine")
        assert page.status_code == 200
        assert page.url.path == f"/people/{spouse.person}"
        assert 'href="/people/mine"' in page.text
        assert dead.name in shown(page.text), "the household holds dibao together"
        assert (await http.get(f"/people/{uuid4()}")).status_code == 404
        assert (await http.get("/people")).status_code == 403


async def test_a_case_of_another_county_leads_nowhere(office: Office) -> None:
    case = await office.report()
    async with await browser(office, Role.WINDOW_CLERK, region=OTHER_COUNTY) as http:
        assert (await http.get(f"/cases/{case['case_no']}/person")).status_code == 404


async def test_a_service_that_is_away_is_said_and_not_shown_as_nothing(office: Office) -> None:
    dead, _ = office.couple()
    office.desk.owners._clients.pop("eldercare")
    async with await browser(office, Role.WINDOW_CLERK) as http:
        page = shown((await http.get(f"/people/{dead.person}?for=window")).text)
    assert "有没有待遇暂时不知道，不等于没有" in page
    assert "最低生活保障" in page


def test_a_gap_says_as_of_when_it_is_known() -> None:
    parts = {
        "assistance": {"known": "live", "as_of": "2026-03-02T10:00:00+08:00"},
        "eldercare": {"known": "copy", "as_of": "2026-03-01T09:05:00+08:00"},
        "marriage": {"known": "unknown", "as_of": None},
    }
    copied, unknown = gaps(parts)
    assert "2026年3月1日 9:05" in copied.text and "2026-03-01 09:05" in copied.text_en
    assert "不等于没有" in unknown.text


def test_every_state_of_what_is_held_has_words_and_a_sign() -> None:
    assert all(sign and chinese and english for sign, chinese, english in HOLD_STATES.values())
    assert {"active", "suspended", "ended", "stopped", "booked", "delivered", "done", "waiting"} <= set(
        HOLD_STATES
    )


def test_what_is_kept_for_somebody_says_that_they_are_waited_for() -> None:
    asked = date(2026, 2, 1)
    view = PersonView(
        person=uuid4(),
        holds=(Hold(id=uuid4(), service="eldercare", kind="elder_card", state="active"),),
        waits=(
            Wait(id=uuid4(), service="eldercare", kind="bed", since=asked),
            Wait(id=uuid4(), service="eldercare", kind="bed", since=asked, state="offered"),
        ),
    )
    part = _live(view, NOW)
    assert [hold["kind"] for hold in part.holds] == ["elder_card"]
    assert [_wait(wait) for wait in part.waits or ()] == [
        "床位：2026年2月1日申请",
        "床位：2026年2月1日申请，已为您留好，等您决定",
    ]
