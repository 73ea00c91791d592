"""Eco-burial awards enjoyed in life: given once and taken back over the county's signature, each fen in the books."""

from typing import Any
from uuid import uuid4

import httpx

from deploy.local.people.model import SyntheticPerson
from kernel.public_service.access import Role
from tests.gateway.browsing import browser, form_of, send_form, words_of
from tests.gateway.office import OTHER_COUNTY, Office

PATH = "/api/v1/eco-awards/in-life"


def body(who: SyntheticPerson, kind: str = "tree", **more: Any) -> dict[str, Any]:
    return {"id_number": who.id_number, "name": who.name, "kind": kind, **more}


async def post(client: httpx.AsyncClient, path: str, given: dict[str, Any], key: str = "") -> httpx.Response:
    async with client as http:
        return await http.post(path, json=given, headers={"Idempotency-Key": key or str(uuid4())})


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    async with client as http:
        answer = await http.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def home(office: Office) -> httpx.AsyncClient:
    return office.client(Role.FUNERAL_HOME, owner="funeral")


async def books(office: Office) -> dict[str, int]:
    rows = await office.rows(
        """SELECT a.kind, sum(b.balance_fen)::bigint AS fen FROM ledger_balances b
             JOIN ledger_accounts a ON a.id = b.account GROUP BY a.kind""", "funeral",
    )  # fmt: skip
    return {row.kind: row.fen for row in rows if row.fen}


async def test_the_county_gives_an_award_once_and_the_home_sees_it(working: Office) -> None:
    elder, _ = working.couple()
    first = await post(working.supervisor, PATH, body(elder), key="k")
    again = await post(working.supervisor, PATH, body(elder), key="k")
    second = await post(working.supervisor, PATH, body(elder, "sea"))
    assert (first.status_code, first.json()["amount_fen"], again.json()) == (201, 300000, first.json()), (
        first.text
    )
    assert (second.status_code, second.json()["code"]) == (409, "awarded_before")
    assert await books(working) == {"paid": 300000, "eco_award": -300000}
    (seen,) = await listed(home(working))
    assert (seen["person"], seen["name"], seen["may_undo"]) == (
        str(elder.person), elder.name[0] + "*" * (len(elder.name) - 1), False,
    )  # fmt: skip
    (own,) = await listed(working.supervisor)
    assert (own["name"], own["may_undo"]) == (elder.name, True)
    lines = await working.rows("SELECT action, object, purpose FROM audit_log WHERE action LIKE 'give%'")
    assert [tuple(line) for line in lines] == [("give_award_in_life", f"person:{elder.person}", "tree")]


async def test_it_is_taken_back_with_a_reason_and_what_is_owed_back_is_booked(working: Office) -> None:
    elder, _ = working.couple()
    award = (await post(working.supervisor, PATH, body(elder))).json()["id"]
    undo = f"{PATH}/{award}/undo"
    assert (await post(working.supervisor, undo, {"reason": " "})).status_code == 422
    assert (await post(home(working), undo, {"reason": "反悔"})).status_code == 403
    undone = await post(working.supervisor, undo, {"reason": "本人撤回约定"}, key="u")
    again = await post(working.supervisor, undo, {"reason": "本人撤回约定"}, key="u")
    late = await post(working.supervisor, undo, {"reason": "再撤一次"})
    assert (undone.status_code, undone.json()["recoverable_fen"], again.json()) == (
        200,
        300000,
        undone.json(),
    )
    assert (late.status_code, late.json()["code"]) == (409, "award_taken_back")
    assert await books(working) == {"paid": 300000, "recoverable": -300000}
    assert await listed(working.supervisor) == []
    (kept,) = await listed(working.supervisor, ended=True)
    assert kept["cancelled_at"] and not kept["may_undo"]
    assert (await post(working.supervisor, PATH, body(elder, "sea"))).status_code == 201, (
        "given anew, it stands"
    )


async def test_other_counties_and_roles_neither_see_nor_give(working: Office) -> None:
    elder, _ = working.couple()
    award = (await post(working.supervisor, PATH, body(elder))).json()["id"]

    def stranger() -> httpx.AsyncClient:
        return working.client(Role.COUNTY_SUPERVISOR, region=OTHER_COUNTY)

    assert await listed(stranger()) == []
    assert (await post(stranger(), PATH, body(elder))).status_code == 404
    assert (await post(stranger(), f"{PATH}/{award}/undo", {"reason": "x"})).status_code == 404
    assert (await post(home(working), PATH, body(elder))).status_code == 403
    assert (await post(working.clerk, PATH, body(elder))).status_code == 403
    nobody = await post(working.supervisor, PATH, body(elder, name="某某"))
    assert (nobody.status_code, nobody.json()["errors"][0]["code"]) == (422, "person_unknown")
    assert elder.id_number not in nobody.text


async def test_an_award_after_death_that_rests_on_it_is_undone_first(working: Office) -> None:
    elder, _ = working.couple()
    award = (await post(working.supervisor, PATH, body(elder))).json()["id"]
    await working.rows(
        """INSERT INTO eco_awards (id, person, mode, kind, amount_fen, funding_source, region, granted_at)
           VALUES (:id, :person, 'after_death', 'tree', 100, 'county', '331022', now()) RETURNING id""",
        "funeral", id=uuid4(), person=elder.person,
    )  # fmt: skip
    refused = await post(working.supervisor, f"{PATH}/{award}/undo", {"reason": "撤回"})
    assert (refused.status_code, refused.json()["code"]) == (409, "award_after_death_stands")
    assert await books(working) == {"paid": 300000, "eco_award": -300000}


async def test_the_countys_page_gives_and_takes_back_and_the_homes_page_only_looks(working: Office) -> None:
    elder, _ = working.couple()
    async with browser(working, Role.COUNTY_SUPERVISOR) as http:
        wrong = await send_form(http, "/eco-awards", action="/eco-awards", name="某某", id_number=elder.id_number,
                                kind="tree")  # fmt: skip
        assert wrong.status_code == 422 and "没有姓名和证件号码都相符的人" in words_of(wrong.text)
        given = await send_form(http, "/eco-awards", action="/eco-awards", name=elder.name,
                                id_number=elder.id_number, kind="tree")  # fmt: skip
        said = words_of(given.text)
        assert "奖补已经给予" in said and "3,000.00 元" in said and elder.id_number not in given.text
        (award,) = await listed(working.supervisor)
        undo = form_of(given.text, f"/eco-awards/{award['id']}/undo")
        undone = await http.post(undo.action, data={**undo.hidden, "reason": "本人撤回"})
        assert "已经撤销" in words_of(undone.text)
    async with browser(working, Role.FUNERAL_HOME, owner="funeral") as http:
        shown = await http.get("/eco-awards?ended=1")
    assert shown.status_code == 200 and "签署" not in words_of(shown.text) and elder.name not in shown.text
