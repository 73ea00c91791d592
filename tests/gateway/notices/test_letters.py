"""Letters about money: printed and brought by a person of the office, never a text message (design 9)."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.notices.making import make_teller
from gateway.notices.senders import LettersToPrint
from kernel.public_service.access import Role
from tests.gateway.notices.post import Post
from tests.gateway.office import COUNTY, OTHER_COUNTY
from tests.gateway.test_people_page import browser

STOP = "assistance.stop_benefits"
SIGNED = {"decision": "recover", "overpaid_fen": 105000, "instalments": 3, "letter_from": "2026-04-19"}
QUIET_IS_OVER = "04-19 10:00"


async def recovery(post: Post) -> dict[str, Any]:
    """A recovery that has been signed, outside the demo: text messages go to no gateway here."""
    desk = post.office.desk
    dispatch = replace(desk.teller.dispatch, senders={"letter": LettersToPrint()})
    object.__setattr__(desk, "teller", replace(desk.teller, dispatch=dispatch))
    case = await post.office.report()
    await post.confirm(case)
    await post.outcome(case, STOP, "done", result=SIGNED)
    return case


async def listed(http: httpx.AsyncClient, state: str = "to_print") -> list[dict[str, Any]]:
    answer = await http.get("/api/v1/letters", params={"state": state})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def letter(post: Post) -> dict[str, Any]:
    """The one letter that waits at the window."""
    await recovery(post)
    await post.comes(QUIET_IS_OVER)
    async with post.office.clerk as http:
        (found,) = await listed(http)
    return found


def test_outside_the_demo_letters_are_printed_and_text_messages_wait_for_a_city(post: Post) -> None:
    desk = post.office.desk
    settings = desk.settings.model_copy(update={"profile": "production", "sms_gateway_url": ""})
    senders = make_teller(desk.service, settings, desk.plans, desk.register).dispatch.senders
    assert {channel: sender.then for channel, sender in senders.items()} == {"letter": "to_print"}


async def test_a_letter_appears_at_the_window_when_the_quiet_period_is_over_and_not_before(
    post: Post,
) -> None:
    case = await recovery(post)
    async with post.office.clerk as http:
        for day in ("03-04 10:00", "04-18 10:00"):
            await post.comes(day)
            assert await listed(http) == []
        await post.comes(QUIET_IS_OVER)
        (found,) = await listed(http)
    assert (found["case_no"], found["state"], found["sent_at"]) == (case["case_no"], "to_print", None)
    assert [one for one in await post.told(case) if one.channel == "letter"] == []  # nobody has been told yet


async def test_money_is_never_asked_for_by_text_message(post: Post) -> None:
    """The household has a number, and a city's gateway would be there: the letter is a letter all the same."""
    await letter(post)
    ways = await post.office.rows(
        "SELECT DISTINCT m.channel FROM messages m JOIN notices n ON n.message = m.request WHERE n.topic = 'recovery'"
    )
    assert [row.channel for row in ways] == ["letter"]


async def test_who_prints_it_reads_the_whole_letter_and_leaves_a_trace(post: Post) -> None:
    found = await letter(post)
    assert "*" in found["to"] and found.get("text") is None
    async with post.office.clerk as http:
        whole = (await http.get(f"/api/v1/letters/{found['id']}")).json()
    assert "可以商量分次" in whole["text"] and "*" not in whole["to"]
    (line,) = await post.office.rows(
        "SELECT actor, action, object FROM audit_log WHERE action = 'letter_opened'"
    )
    assert (line.actor, line.object) == (f"window_clerk-{COUNTY}", f"letter:{found['id']}")


async def test_a_letter_on_its_way_says_who_sent_it_when_and_how_and_is_told_from_then_on(post: Post) -> None:
    found = await letter(post)
    async with post.office.clerk as http:
        sent = await http.post(f"/api/v1/letters/{found['id']}/sent", json={"way": "by_hand"})
        assert sent.status_code == 200, sent.text
        again = await http.post(f"/api/v1/letters/{found['id']}/sent", json={"way": "post"})
        assert (again.status_code, again.json()["code"]) == (409, "letter_sent")
        assert await listed(http) == []
        (gone,) = await listed(http, "sent")
    told = ("sent", "by_hand", f"window_clerk-{COUNTY}", "2026-04-19T10:00:00+08:00")
    assert (gone["state"], gone["way"], gone["sent_by"], gone["sent_at"]) == told
    lines = await post.office.rows("SELECT purpose FROM audit_log WHERE action = 'letter_sent'")
    assert [line.purpose for line in lines] == ["by_hand"]
    case = {"case_no": found["case_no"]}
    assert [one.channel for one in await post.told(case) if "可以商量分次" in one.text] == ["letter"]


async def test_the_same_word_sent_twice_is_one_word(post: Post) -> None:
    found = await letter(post)
    async with post.office.clerk as http:
        answers = [
            await http.post(
                f"/api/v1/letters/{found['id']}/sent",
                json={"way": "post"},
                headers={"Idempotency-Key": "once"},
            )
            for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await post.office.rows("SELECT 1 FROM audit_log WHERE action = 'letter_sent'")) == 1


@pytest.mark.parametrize(
    ("role", "region", "seen", "status"),
    [
        (Role.WINDOW_CLERK, COUNTY, True, 200),
        (Role.TOWNSHIP_OFFICER, "own", True, 200),
        (Role.WINDOW_CLERK, OTHER_COUNTY, False, 404),
        (Role.TOWNSHIP_OFFICER, f"{COUNTY}999000", False, 404),
        (Role.COUNTY_SUPERVISOR, COUNTY, None, 403),
        (Role.FINANCE, COUNTY, None, 403),
        (Role.HOTLINE, COUNTY, None, 403),
    ],
)
async def test_only_the_offices_of_the_region_know_of_a_letter(
    post: Post, role: Role, region: str, seen: bool | None, status: int
) -> None:
    found = await letter(post)
    place = found["region"] if region == "own" else region
    async with post.office.client(role, region=place) as http:
        answer = await http.get("/api/v1/letters")
        assert (answer.status_code == 200) is (seen is not None)
        if seen is not None:
            assert bool(answer.json()["items"]) is seen
        assert (await http.get(f"/api/v1/letters/{found['id']}")).status_code == status
        sent = await http.post(f"/api/v1/letters/{found['id']}/sent", json={"way": "by_hand"})
        assert sent.status_code == status


async def test_a_letter_that_may_not_go_out_yet_is_nobodys_to_send(post: Post) -> None:
    found = await letter(post)
    await post.office.rows("UPDATE messages SET state = 'pending' WHERE channel = 'letter' RETURNING 1")
    async with post.office.clerk as http:
        assert (await http.get(f"/api/v1/letters/{found['id']}")).status_code == 404
        answer = await http.post(f"/api/v1/letters/{found['id']}/sent", json={"way": "by_hand"})
    assert answer.status_code == 404


@pytest.mark.parametrize("after", ["x", "WyJhIl0"])
async def test_a_cursor_that_is_not_of_this_list_is_told_so(post: Post, after: str) -> None:
    async with post.office.clerk as http:
        answer = await http.get("/api/v1/letters", params={"after": after})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_cursor")


async def test_the_window_prints_and_sends_it_on_pages(post: Post) -> None:
    found = await letter(post)
    async with await browser(post.office, Role.WINDOW_CLERK) as http:
        page = (await http.get("/letters")).text
        assert f"/letters/{found['id']}" in page and found["case_no"] in page and "待打印" in page
        whole = (await http.get(f"/letters/{found['id']}")).text
        assert "可以商量分次" in whole and "登记送出" in whole
        token = whole.split("<main")[1].split('name="form_token" value="')[1].split('"')[0]
        sent = await http.post(
            f"/letters/{found['id']}", data={"form_token": token, "key": "k1", "way": "post"}
        )
        assert (sent.status_code, sent.url.path, str(sent.url.query, "ascii")) == (
            200,
            "/letters",
            "state=sent",
        )
        assert "邮寄" in sent.text
