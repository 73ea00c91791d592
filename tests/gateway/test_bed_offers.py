"""Offered beds at the gateway: who sees them, who answers, and how silence passes them on."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from casework.deadlines import run_due
from kernel.public_service.access import Role
from tests.gateway.browsing import browser, form_of, send_form, words_of
from tests.gateway.office import COUNTY, NOW, OTHER_COUNTY, TODAY, Office, couples

TOWN = f"{COUNTY}901000"
HOME = UUID(int=4242)


async def care(office: Office, path: str, **body: Any) -> dict[str, Any]:
    """A route of the eldercare service, as a provider's system calls it."""
    service = office.services["eldercare"]
    headers = {"X-Service-Key": service.settings.service_key.get_secret_value()}
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://eldercare", headers=headers) as http:
        answer = await http.post(f"/internal/v1/care/{path}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


@pytest.fixture
async def offered(working: Office) -> tuple[Office, list[UUID]]:
    """Three wait, the first has the offer."""
    await working.rows(
        """INSERT INTO beds (id, home, home_name, number, kind, region)
           VALUES (:id, :home, '示范敬老院', '1', 'institution', :region) RETURNING id""",
        service="eldercare", id=uuid4(), home=HOME, region=TOWN,
    )  # fmt: skip
    asked = [pair[0].person for pair in couples()[:3]]
    for place, person in enumerate(asked):
        day = (date(2026, 1, 1) + timedelta(days=place)).isoformat()
        await care(working, "bed-requests", person=str(person), home=str(HOME), asked_on=day)
    return working, asked


def provider(office: Office, region: str = COUNTY, owner: str = "eldercare") -> httpx.AsyncClient:
    return office.client(Role.PROVIDER, region=region, owner=owner)


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    async with client as http:
        answer = await http.get("/api/v1/bed-offers", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def answers(
    client: httpx.AsyncClient, offer: str, word: str, key: str = "", **more: Any
) -> httpx.Response:
    body = {"answer": word, "reason": "家属商量过", "version": 1, **more}
    async with client as http:
        return await http.post(
            f"/api/v1/bed-offers/{offer}/answer", json=body, headers={"Idempotency-Key": key or str(uuid4())}
        )


async def test_home_township_and_the_person_see_the_offer_each_with_the_name_they_may_see(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    elder = couples()[0][0]
    name, masked = elder.name, elder.name[0] + "*" * (len(elder.name) - 1)
    assert elder.region != TOWN, "the home lies in another township than the one they live in"
    (home,) = await listed(provider(office))
    (town,) = await listed(office.client(Role.TOWNSHIP_OFFICER, region=TOWN))
    (own,) = await listed(office.client(Role.CITIZEN, person=asked[0]))
    (county,) = await listed(office.supervisor)
    assert {one["id"] for one in (home, town, own, county)} == {home["id"]}
    assert [one["name"] for one in (home, town, own, county)] == [masked, masked, name, name]
    assert [one["may_answer"] for one in (home, town, own, county)] == [True, True, True, False]
    assert (home["offered_on"], home["answer_by"]) == (str(TODAY), str(TODAY + timedelta(days=7)))
    lines = await office.rows("SELECT actor, object FROM audit_log WHERE action = 'read_bed_offers'")
    assert {line.object for line in lines} == {f"person:{asked[0]}"} and len(lines) == 4


async def test_other_people_homes_and_regions_see_nothing_and_may_answer_nothing(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    (offer,) = [one["id"] for one in await listed(provider(office))]
    others = [
        provider(office, OTHER_COUNTY), office.client(Role.TOWNSHIP_OFFICER, region=f"{COUNTY}999000"),
        office.client(Role.CITIZEN, person=asked[1]),
    ]  # fmt: skip
    for other in others:
        assert (await answers(other, offer, "accept")).status_code == 404
    for other in (provider(office, OTHER_COUNTY), office.client(Role.CITIZEN, person=asked[1])):
        assert await listed(other) == []
    assert (await answers(office.supervisor, offer, "accept")).status_code == 403
    assert (await answers(office.clerk, offer, "accept")).status_code == 403
    async with provider(office, owner="funeral") as http:
        assert (await http.get("/api/v1/bed-offers")).status_code == 404
    assert await listed(provider(office)), "the offer stands"


async def test_an_accepted_bed_is_a_stay_once_however_often_it_is_sent(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    (offer,) = [one["id"] for one in await listed(provider(office))]
    citizen = {"role": Role.CITIZEN, "person": asked[0], "user": "family"}
    first = await answers(office.client(**citizen), offer, "accept", key="k-1")
    again = await answers(office.client(**citizen), offer, "accept", key="k-1")
    late = await answers(office.client(**citizen), offer, "accept", key="k-2")
    assert (first.status_code, again.json()) == (200, first.json())
    assert (late.status_code, late.json()["code"]) == (409, "offer_closed")
    assert late.json()["title_en"] and late.headers["content-type"] == "application/problem+json"
    stays = await office.rows(
        "SELECT person FROM stays WHERE bed IN (SELECT bed FROM bed_offers)", "eldercare"
    )
    assert [stay.person for stay in stays] == [asked[0]]
    kept = await office.rows("SELECT state, answered_by, reason, version FROM bed_offers", "eldercare")
    assert [tuple(row) for row in kept] == [("accepted", "family", "家属商量过", 2)]
    lines = await office.rows(
        "SELECT actor, object, purpose FROM audit_log WHERE action = 'answer_bed_offer'"
    )
    assert [tuple(line) for line in lines] == [("family", f"bed_offer:{offer}", "accept")]


async def test_a_declined_bed_goes_to_the_next_and_an_old_version_answers_nothing(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    (offer,) = [one["id"] for one in await listed(provider(office))]
    stale = await answers(provider(office), offer, "decline", version=2)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    declined = await answers(provider(office), offer, "decline")
    assert (declined.status_code, declined.json()) == (200, {"stay": None})
    (next_,) = await listed(provider(office))
    assert next_["person"] == str(asked[1])
    ended = await listed(provider(office), ended=True)
    assert [one["state"] for one in ended if one["id"] == offer] == ["declined"]


async def test_unanswered_offers_lapse_each_at_its_own_midnight_when_the_demo_clock_leaps(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(office.services["gateway"].app), base_url="http://gateway", timeout=120
    ) as http:
        moved = await http.post("/demo/clock", json={"advance": "P20D"})
    assert moved.status_code == 200, moved.text
    rows = await office.rows(
        """SELECT person, state, offered_on, closed_at AT TIME ZONE 'Asia/Shanghai' AS closed FROM bed_offers
            ORDER BY offered_on""", "eldercare",
    )  # fmt: skip
    days = [TODAY + timedelta(days=8 * n) for n in range(3)]
    assert [(row.person, row.state, row.offered_on) for row in rows] == [
        (asked[0], "lapsed", days[0]), (asked[1], "lapsed", days[1]), (asked[0], "open", days[2]),
    ]  # fmt: skip
    assert [row.closed and (row.closed.date(), row.closed.hour) for row in rows] == [
        (days[1], 0), (days[2], 0), None,
    ]  # fmt: skip
    assert moved.json()["fired"] >= 2 and NOW.date() == TODAY


async def test_a_worker_that_was_away_lapses_what_was_offered_and_runs_no_chain_that_nobody_saw(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    service = office.services["eldercare"]
    office.clock.advance(timedelta(days=30))
    async with service.transactions.begin() as tx:
        fired = [
            (await run_due(tx, office=service.app.state.office, now=office.clock.now())).count
            for _ in range(2)
        ]
    assert fired == [1, 0]
    rows = await office.rows("SELECT person, offered_on FROM bed_offers WHERE state = 'open'", "eldercare")
    assert [(row.person, row.offered_on) for row in rows] == [(asked[1], TODAY + timedelta(days=30))]


async def test_the_home_answers_on_the_page_and_the_next_is_asked(offered: tuple[Office, list[UUID]]) -> None:
    office, asked = offered
    first, second = couples()[0][0], couples()[1][0]
    async with browser(office, Role.PROVIDER, owner="eldercare") as http:
        shown = await http.get("/bed-offers")
        assert shown.status_code == 200, shown.text
        assert "示范敬老院 1 床" in words_of(shown.text) and f"{first.name[0]}*" in shown.text
        assert first.name not in shown.text and "2026年3月9日" in shown.text
        sent = await send_form(http, "/bed-offers", answer="decline", reason="这次不要")
        assert sent.status_code == 200, sent.text
        assert "位次保留，现在问下一位" in words_of(sent.text) and f"{second.name[0]}*" in sent.text
        ended = await http.get("/bed-offers?ended=1")
    assert "没有接受，位次保留" in words_of(ended.text)
    rows = await office.rows("SELECT person, state FROM bed_offers ORDER BY state", "eldercare")
    assert [(row.person, row.state) for row in rows] == [(asked[0], "declined"), (asked[1], "open")]


async def test_the_person_is_led_to_the_bed_and_moves_in_and_an_old_page_is_told_so(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    async with browser(office, Role.CITIZEN, person=asked[0]) as http:
        assert 'href="/bed-offers"' in (await http.get("/people/mine")).text
        old = form_of((await http.get("/bed-offers")).text)
        sent = await send_form(http, "/bed-offers", answer="accept")
        assert "已经登记入住" in words_of(sent.text) and "现在没有保留的床位" in words_of(sent.text)
        late = await http.post(old.action, data={**old.hidden, "answer": "decline"})
        assert (late.status_code, "这条床位通知已经失效" in late.text) == (409, True)
        assert 'href="/bed-offers"' not in (await http.get("/people/mine")).text.split("<main")[1]


async def test_the_page_is_not_for_a_window_and_a_stranger_sees_no_bed(
    offered: tuple[Office, list[UUID]],
) -> None:
    office, asked = offered
    async with browser(office, Role.WINDOW_CLERK) as http:
        assert (await http.get("/bed-offers")).status_code == 403
    async with browser(office, Role.CITIZEN, person=asked[2]) as http:
        assert "现在没有保留的床位" in words_of((await http.get("/bed-offers")).text)
