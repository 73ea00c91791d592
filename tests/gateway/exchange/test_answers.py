"""Pull and results: leases, duplicates, unknown ids, foreign departments, lists answered in part."""

from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.exchange import leases
from gateway.exchange.push import technical_now
from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, House


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def pulled(house: House, department: str) -> list[dict]:
    async with house.as_department(department) as http:
        answer = await http.get("/exchange/v1/tasks")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def answer(house: House, department: str, *results: dict) -> list[str]:
    async with house.as_department(department) as http:
        taken = await http.post("/exchange/v1/results", json={"results": list(results)})
    assert taken.status_code == 200, taken.text
    return [one["status"] for one in taken.json()["results"]]


async def test_a_pulled_task_carries_only_the_fields_of_its_row(house: House, number: str) -> None:
    await house.report(number)
    (item,) = await pulled(house, "health")
    row = house.desk.catalogue.life_events["death"].row(CERTIFICATE)
    assert set(item["fields"]) <= set(row.fields)
    assert item["fields"]["/deceased/id_number"] == number
    assert (item["kind"], item["type"], item["purpose"]) == ("task", CERTIFICATE, row.purpose)


async def test_a_leased_task_is_not_given_twice_until_its_ten_minutes_have_passed(
    house: House, number: str
) -> None:
    await house.report(number)
    assert len(await pulled(house, "health")) == 1
    assert await pulled(house, "health") == []
    now = technical_now()
    async with house.desk.open() as tx:
        early, _ = await leases.lease_for_pull(
            tx, "health", most=10, now=now + timedelta(minutes=9), until=now + timedelta(minutes=19)
        )
    assert early == []
    async with house.desk.open() as tx:
        late, attempts = await leases.lease_for_pull(
            tx, "health", most=10, now=now + timedelta(minutes=11), until=now + timedelta(minutes=21)
        )
    assert [attempts[row.id] for row in late] == [2]


async def test_nobody_pulls_another_departments_tasks(house: House, number: str) -> None:
    await house.report(number)
    assert await pulled(house, "police") == []


async def test_each_of_many_results_is_answered_for_itself(house: House) -> None:
    first, second = list(house.people)[:2]
    filed = [await house.report(number) for number in (first, second)]
    one, two = await pulled(house, "health")
    statuses = await answer(
        house, "health", {"id": one["id"], "outcome": "done"}, {"id": str(uuid4()), "outcome": "done"},
        {"id": one["id"], "outcome": "done"}, {"id": one["id"], "outcome": "refused"},
    )  # fmt: skip
    assert statuses == ["accepted", "unknown", "duplicate", "conflict"]
    states = {(await house.row(one_case.case, CERTIFICATE))["state"] for one_case in filed}
    assert states == {"done", "open"}
    assert await answer(house, "health", {"id": two["id"], "outcome": "done"}) == ["accepted"]


async def test_a_departments_token_cannot_answer_for_another(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    async with house.as_department("police") as http:
        refused = await http.post(f"/exchange/v1/tasks/{item['id']}/result", json={"outcome": "done"})
    assert (refused.status_code, refused.json()["code"]) == (404, "request_unknown")
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "open"


async def test_a_contradicting_result_is_a_conflict_and_changes_nothing(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    async with house.as_department("health") as http:
        path = f"/exchange/v1/tasks/{item['id']}/result"
        assert (await http.post(path, json={"outcome": "done"})).json()["status"] == "accepted"
        assert (await http.post(path, json={"outcome": "done"})).json()["status"] == "duplicate"
        other = await http.post(path, json={"outcome": "wrong_person"})
    assert (other.status_code, other.json()["code"]) == (409, "answered_otherwise")
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "done"


async def test_a_call_for_papers_pauses_the_row_and_a_later_word_ends_it(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    assert await answer(
        house, "health", {"id": item["id"], "outcome": "need_more", "reason": "缺少户口簿"}
    ) == ["accepted"]
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["reason"], row["task_role"]) == ("paused", "缺少户口簿", "county_supervisor")
    assert await answer(house, "health", {"id": item["id"], "outcome": "done"}) == ["accepted"]
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["task_id"]) == ("done", None)


async def test_health_finding_an_abnormal_death_opens_the_police_row(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    said = {"id": item["id"], "outcome": "refused", "reason": "abnormal", "data": {"cause": "abnormal"}}
    assert await answer(house, "health", said) == ["accepted"]
    (police,) = await pulled(house, "police")
    assert police["type"] == "police.abnormal_death_proof"
    assert (await house.all("SELECT version FROM cases"))[0]["version"] == 2
    assert await answer(house, "police", {"id": police["id"], "outcome": "done"}) == ["accepted"]
    assert (await house.row(filed.case, CANCELLATION))["state"] == "open"


async def test_what_a_department_says_is_sealed_and_only_amounts_and_dates_are_shown(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    data = {"issued_on": "2026-03-01", "certificate_no": number, "fee_fen": 0, "doctor": "某医生"}
    await answer(
        house, "health", {"id": item["id"], "outcome": "done", "data": data, "reason": f"证号{number}"}
    )
    row = await house.row(filed.case, CERTIFICATE)
    assert row["result"] == {"issued_on": "2026-03-01", "fee_fen": 0}
    stored = str(await house.deliveries(filed.case, CERTIFICATE)) + str(row)
    assert number not in stored
    assert "某医生" not in stored


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"results": []}, "/results"),
        ({"results": [{"id": "no-uuid", "outcome": "done"}]}, "/results/0/id"),
        ({"results": [{"id": str(uuid4()), "outcome": "perhaps"}]}, "/results/0/outcome"),
        ({"results": [{"id": str(uuid4()), "outcome": "done", "more": 1}]}, "/results/0/more"),
    ],
)
async def test_a_malformed_result_is_refused_with_the_field(house: House, body: dict, field: str) -> None:
    async with house.as_department("health") as http:
        refused = await http.post("/exchange/v1/results", json=body)
    assert refused.status_code == 422
    assert field in {error["field"] for error in refused.json()["errors"]}


async def test_without_a_departments_token_the_exchange_is_closed(house: House) -> None:
    async with house.as_department("health") as http:
        assert (
            await http.get("/exchange/v1/tasks", headers={"Authorization": "Bearer x"})
        ).status_code == 401
