"""Holds: stored, told to the planner, handed to the funeral service in the same request."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.cases.planner.inputs import OfferAnswered, WithdrawalAsked
from kernel.testing import eventually
from tests.gateway.exchange.house import House
from tests.gateway.exchange.test_answers import answer, pulled
from tests.gateway.exchange.test_cancelling import confirmed, of_type

PAYMENT = "human_resources.survivor_benefit"


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def place(
    house: House, of_case: str, source_no: str = "法院2026-1", *, by: str = "court", **more: object
) -> httpx.Response:
    body = {"case_no": of_case, "kind": "court", "source_no": source_no, "reason": "继承纠纷", **more}
    async with house.service.running(), house.as_department(by) as http:
        return await http.post("/exchange/v1/holds", json=body)


async def case_no(house: House, case: UUID) -> str:
    return (await house.all("SELECT case_no FROM cases WHERE id = :case", case=case))[0]["case_no"]


async def with_payment_asked(house: House, number: str) -> UUID:
    """A case whose survivor benefit has been sent to human resources, not yet pulled."""
    case = await confirmed(house, number)
    (item,) = await pulled(house, "police")
    await answer(house, "police", {"id": item["id"], "outcome": "done"})
    await house.move(case, OfferAnswered((await house.row(case, PAYMENT))["id"], accept=True))
    assert (await house.row(case, PAYMENT))["state"] == "open"
    return case


async def test_a_hold_reaches_the_funeral_service_in_the_same_request(house: House, number: str) -> None:
    filed = await house.report(number)
    placed = await place(house, filed.case_no)
    assert placed.status_code == 201, placed.text
    assert placed.json()["state"] == "standing"
    ((_, heard),) = house.funeral.heard
    assert (heard["id"], heard["kind"], heard["case_id"]) == (placed.json()["id"], "court", str(filed.case))


async def test_with_the_funeral_service_away_the_hold_stands_and_is_retried(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    house.funeral.away = True
    refused = await place(house, filed.case_no)
    assert (refused.status_code, refused.json()["code"]) == (503, "funeral_away")
    assert int(refused.headers["Retry-After"]) > 0
    assert (await house.all("SELECT holds FROM cases"))[0]["holds"] == ["court"]
    house.funeral.away = False
    again = await place(house, filed.case_no)
    assert again.status_code == 201
    assert again.json()["id"] == refused.json()["hold"]
    assert len(await house.all("SELECT id FROM holds")) == 1


async def test_a_pending_hold_is_handed_over_without_being_asked_again(house: House, number: str) -> None:
    filed = await house.report(number)
    house.funeral.away = True
    await place(house, filed.case_no)
    house.funeral.away = False
    stop = asyncio.Event()
    async with house.service.running():
        loop = asyncio.create_task(house.exchange.holds.run(stop))
        await eventually(lambda: house.funeral.heard)
        stop.set()
        await loop
    assert await house.exchange.holds.waiting() == []


async def test_while_a_hold_stands_a_payment_is_neither_sent_nor_accepted(house: House, number: str) -> None:
    case = await with_payment_asked(house, number)
    item = of_type(await pulled(house, "human_resources"), PAYMENT)
    placed = (await place(house, await case_no(house, case))).json()
    assert await answer(house, "human_resources", {"id": item["id"], "outcome": "done"}) == ["held"]
    assert (await house.row(case, PAYMENT))["state"] == "open"
    assert PAYMENT not in {one["type"] for one in await pulled(house, "human_resources")}
    async with house.service.running(), house.as_department("court") as http:
        path = f"/exchange/v1/holds/{placed['id']}/release"
        released = await http.post(path, json={"release_no": "解1", "version": placed["version"]})
        assert (released.status_code, released.json()["state"]) == (200, "released")
        again = await http.post(path, json={"release_no": "解1", "version": placed["version"]})
        assert again.json() == released.json()
    assert of_type(await pulled(house, "human_resources"), PAYMENT)["id"] == item["id"]
    assert await answer(house, "human_resources", {"id": item["id"], "outcome": "done"}) == ["accepted"]
    assert (await house.row(case, PAYMENT))["state"] == "done"


async def test_only_who_placed_a_hold_releases_it_and_only_in_its_present_version(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    placed = (await place(house, filed.case_no)).json()
    path = f"/exchange/v1/holds/{placed['id']}/release"
    async with house.service.running(), house.as_department("police") as http:
        assert (await http.post(path, json={"release_no": "x", "version": 1})).status_code == 404
    async with house.service.running(), house.as_department("court") as http:
        stale = await http.post(path, json={"release_no": "x", "version": 7})
    assert (stale.status_code, stale.json()["current_version"]) == (409, 1)


@pytest.mark.parametrize(
    ("by", "kind", "told"),
    [
        ("health", "police", "police"),
        ("police", "court", "court"),
        ("court", "infection", "health"),
        ("tax", "relatives_dispute", "justice"),
    ],
)
async def test_a_hold_outside_ones_competence_is_refused_with_who_may_place_it(
    house: House, number: str, by: str, kind: str, told: str
) -> None:
    filed = await house.report(number)
    refused = await place(house, filed.case_no, by=by, kind=kind)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (403, "hold_not_yours")
    assert told in problem["placed_by"] and kind not in problem["may_place"]
    assert all(told in problem[how] for how in ("how", "how_en"))
    assert await house.all("SELECT id FROM holds") == []
    assert (await house.all("SELECT holds FROM cases"))[0]["holds"] == []
    assert house.funeral.heard == []


@pytest.mark.parametrize(
    ("by", "kind"), [("police", "unknown_identity"), ("health", "medical_dispute"), ("health", "infection")]
)
async def test_each_department_places_its_own_kinds(house: House, number: str, by: str, kind: str) -> None:
    filed = await house.report(number)
    placed = await place(house, filed.case_no, by=by, kind=kind)
    assert (placed.status_code, placed.json()["kind"]) == (201, kind)


async def test_a_hold_that_stands_is_released_although_its_kind_is_no_longer_the_departments(
    house: House, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = await house.report(number)
    placed = (await place(house, filed.case_no)).json()
    monkeypatch.setattr(house.exchange.holds, "_departments", {})
    again = await place(house, filed.case_no)
    assert (again.status_code, again.json()["id"]) == (201, placed["id"])
    async with house.service.running(), house.as_department("court") as http:
        path = f"/exchange/v1/holds/{placed['id']}/release"
        released = await http.post(path, json={"release_no": "解1", "version": 1})
    assert (released.status_code, released.json()["state"]) == (200, "released")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"case_no": "331022-20260301-NOSUCHNO"}, 404),
        ({"case_no": None}, 422),
        ({"person": str(uuid4())}, 422),
        ({"kind": "whim"}, 422),
    ],
)
async def test_a_faulty_hold_is_refused_and_nothing_is_stored(
    house: House, number: str, body: dict, status: int
) -> None:
    filed = await house.report(number)
    assert (await place(house, filed.case_no, **body)).status_code == status
    assert await house.all("SELECT id FROM holds") == []


async def test_one_source_number_for_two_different_holds_is_a_conflict(house: House, number: str) -> None:
    filed = await house.report(number)
    await place(house, filed.case_no)
    other = await place(house, filed.case_no, kind="police")
    assert (other.status_code, other.json()["code"]) == (409, "source_number_reused")


async def test_a_hold_on_a_person_without_a_case_stands_on_the_case_that_opens_later(
    house: House, number: str
) -> None:
    first = await house.report(number)
    person = (await house.all("SELECT subject FROM cases"))[0]["subject"]
    await house.move(first.case, WithdrawalAsked())
    await house.all("UPDATE cases SET status = 'withdrawn' RETURNING id")
    placed = await place(house, first.case_no, case_no=None, person=str(person))
    assert placed.status_code == 201, placed.text
    second = await house.report(number)
    (case,) = await house.all("SELECT holds, status FROM cases WHERE id = :case", case=second.case)
    assert (case["holds"], case["status"]) == (["court"], "in_progress")
