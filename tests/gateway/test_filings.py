"""What a township decides by a delegated power stands in the county's list; three in ten are looked at (R01, X6)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from gateway.filings import decisions
from gateway.filings.decisions import sampled
from kernel.public_service.access import Role
from tests.gateway.notices.post import Post
from tests.gateway.office import COUNTY, OTHER_COUNTY, Office, row
from tests.gateway.test_people_page import browser

STOP, RECHECK = "assistance.stop_benefits", "assistance.household_recheck"
ADJUSTED = {"decision": "adjust", "change": "decrease", "amount_fen": 60000, "due_on": "2026-06-01"}


@pytest.fixture
def post(office: Office) -> Post:
    return Post(office)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether the next decisions are drawn for a check."""

    def draw(yes: bool) -> None:
        monkeypatch.setattr(decisions, "sampled", lambda _procedure: yes)

    return draw


async def decided(post: Post, result: dict[str, Any] = ADJUSTED) -> dict[str, Any]:
    """A household that a township has rechecked."""
    case = await post.office.report()
    await post.confirm(case)
    await post.outcome(case, STOP, "done", result={"stopped": []})
    await post.outcome(case, RECHECK, "done", result=result)
    return case


async def listed(office: Office, state: str = "to_file", **who: Any) -> list[dict[str, Any]]:
    async with office.client(Role.COUNTY_SUPERVISOR, **who) as http:
        answer = await http.get("/api/v1/filings", params={"state": state})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def say(office: Office, one: dict[str, Any], finding: str, **more: Any) -> httpx.Response:
    body = {"finding": finding, "version": one["version"], **more}
    async with office.supervisor as http:
        return await http.post(f"/api/v1/filings/{one['procedure']}", json=body)


async def test_every_delegated_decision_is_filed_by_being_made(post: Post) -> None:
    case = await decided(post)
    (one,) = await listed(post.office)
    assert (one["case_no"], one["type"], one["decision"], one["finding"]) == (
        case["case_no"],
        RECHECK,
        "adjust",
        None,
    )
    assert one["check_until"] == "2026-03-30T23:59:59+08:00"  # twenty working days
    assert one["sampled"] is sampled(UUID(one["procedure"]))


async def test_a_county_files_its_own_townships_decisions_and_no_others(post: Post) -> None:
    await decided(post)
    assert await listed(post.office, region=OTHER_COUNTY) == []
    (one,) = await listed(post.office)
    async with post.office.client(Role.COUNTY_SUPERVISOR, region=OTHER_COUNTY) as http:
        body = {"finding": "upheld", "version": one["version"]}
        assert (await http.post(f"/api/v1/filings/{one['procedure']}", json=body)).status_code == 404
    for role in (Role.TOWNSHIP_OFFICER, Role.WINDOW_CLERK, Role.AUDITOR):
        async with post.office.client(role, region=COUNTY) as http:
            assert (await http.get("/api/v1/filings")).status_code == 403


@pytest.mark.parametrize(
    "result",
    [{**ADJUSTED, "office": "county_office"}, {"stopped": []}],
    ids=["the county's own", "no decision"],
)
async def test_what_no_township_decided_is_not_filed(post: Post, result: dict[str, Any]) -> None:
    await decided(post, result)
    assert await listed(post.office) == []


async def test_a_decision_that_was_not_drawn_is_noted_and_leaves_the_list(
    post: Post, drawn: Callable[[bool], None]
) -> None:
    drawn(False)
    await decided(post)
    (one,) = await listed(post.office)
    assert (await say(post.office, one, "filed")).status_code == 200
    assert await listed(post.office) == []
    (filed,) = await listed(post.office, "filed")
    assert (filed["finding"], filed["said_by"]) == ("filed", f"county_supervisor-{COUNTY}")
    again = await say(post.office, one, "upheld")
    assert (again.status_code, again.json()["code"]) == (409, "filing_said")
    lines = await post.office.rows("SELECT object FROM audit_log WHERE action = 'decision_filed'")
    assert [line.object for line in lines] == [f"procedure:{one['procedure']}"]


async def test_a_decision_that_was_drawn_is_looked_at(post: Post, drawn: Callable[[bool], None]) -> None:
    drawn(True)
    await decided(post)
    (one,) = await listed(post.office)
    assert one["sampled"] is True
    noted = await say(post.office, one, "filed")
    assert (noted.status_code, noted.json()["code"]) == (409, "check_needed")
    assert (await say(post.office, one, "upheld")).json()["finding"] == "upheld"


async def test_a_decision_that_is_annulled_is_taken_back_and_decided_anew(post: Post) -> None:
    case = await decided(post)
    (one,) = await listed(post.office)
    assert (await say(post.office, one, "annulled")).status_code == 422
    answer = await say(post.office, one, "annulled", reason="漏算一名在世成员")
    assert (answer.status_code, answer.json()["finding"]) == (200, "annulled"), answer.text
    (sent,) = await post.office.rows(
        "SELECT payload FROM outbox WHERE topic = 'orders.assistance' ORDER BY seq DESC LIMIT 1"
    )
    (order,) = orjson.loads(sent.payload)["orders"]
    assert (order["type"], order["verb"], order["undo_reason"]) == (RECHECK, "undo", "not_needed")
    await post.outcome(case, RECHECK, "undone", order=order["number"], undo_kind="restore")
    shown = await post.office.read(case["case_no"])
    assert row(shown, RECHECK)["round"] == 2 and row(shown, RECHECK)["state"] == "open"
    assert "annulled" in {line["kind"] for line in shown["timeline"]}


async def test_after_the_time_for_a_check_nothing_is_annulled(post: Post) -> None:
    await decided(post)
    (one,) = await listed(post.office)
    post.office.clock.advance(timedelta(days=29))
    late = await say(post.office, one, "annulled", reason="太迟")
    assert (late.status_code, late.json()["code"]) == (409, "check_over")
    assert (await say(post.office, one, "upheld")).status_code == 200


async def test_a_decision_that_has_changed_since_it_was_read_is_not_judged(post: Post) -> None:
    case = await decided(post)
    (one,) = await listed(post.office)
    await post.outcome(case, RECHECK, "done", result={**ADJUSTED, "amount_fen": 70000})
    moved = await say(post.office, one, "upheld")
    assert (moved.status_code, moved.json()["code"]) == (409, "decision_moved")


async def test_the_county_files_and_annuls_on_a_page(post: Post, drawn: Callable[[bool], None]) -> None:
    drawn(True)
    case = await decided(post)
    async with await browser(post.office, Role.COUNTY_SUPERVISOR) as http:
        assert "/filings" in (await http.get("/desk")).text
        shown = (await http.get("/filings")).text
        assert case["case_no"] in shown and "抽中核查" in shown and 'value="filed"' not in shown
        form = shown.split('<section class="card"')[1]
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        (action,) = re.findall(r'action="(/filings/[^"]+)"', form)
        refused = await http.post(action, data={**fields, "finding": "annulled"})
        assert refused.status_code == 422 and "撤销要写明理由" in refused.text
        said = await http.post(
            action, data={**fields, "key": "again", "finding": "annulled", "reason": "漏算成员"}
        )
        assert said.status_code == 200 and case["case_no"] not in said.text


def test_about_three_in_ten_are_drawn_and_nobody_chooses_which() -> None:
    keys = [UUID(int=number) for number in range(10_000)]
    chosen = sum(sampled(key) for key in keys)
    assert 2_850 <= chosen <= 3_150
    assert [sampled(key) for key in keys] == [sampled(key) for key in keys]
