"""Departments in all six moods, over real HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from deploy.local.departments.app import Departments
from kernel.testing import eventually
from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, House


async def set_mode(house: House, department: str, mode: str, delay_seconds: float = 0.0) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.put(
            f"/demo/departments/{department}", json={"mode": mode, "delay_seconds": delay_seconds}
        )
    assert answer.status_code == 200, answer.text
    assert answer.json()["mode"] == mode


async def assert_comes_to(house: House, case: object, kind: str, state: str) -> None:
    async def reached() -> bool:
        assert (await house.row(case, kind))["state"] == state
        return True

    await eventually(reached, within=10)


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def test_prompt_departments_confirm_a_death_and_the_rest_follows(
    house: House, departments: Departments, number: str
) -> None:
    filed = await house.report(number)
    await assert_comes_to(house, filed.case, CERTIFICATE, "done")
    await assert_comes_to(house, filed.case, CANCELLATION, "done")
    (sent,) = await house.deliveries(filed.case, CERTIFICATE)
    assert (sent["state"], sent["answer"], sent["attempts"]) == ("answered", "done", 1)
    row = await house.row(filed.case, CERTIFICATE)
    assert row["result"] == {"issued_on": "2026-03-01"}, "the certificate's number is sealed, not shown"


async def test_a_department_that_holds_nothing_makes_the_row_not_applicable(
    house: House, departments: Departments
) -> None:
    for number in list(house.people)[:8]:
        filed = await house.report(number)
        await assert_comes_to(house, filed.case, CANCELLATION, "done")

    async def answered() -> list[Mapping[str, Any]]:
        return await house.all(
            "SELECT outcome, reason FROM deliveries WHERE type = 'vehicle.driving_licence' AND answer = 'refused'"
        )

    rows = await eventually(answered)
    assert {(row["outcome"], row["reason"]) for row in rows} == {("not_applicable", "nothing_held")}


async def test_a_name_that_differs_from_the_register_is_the_wrong_person_and_everything_waits(
    house: House, departments: Departments, number: str
) -> None:
    filed = await house.report(number, name="另一人")
    await assert_comes_to(house, filed.case, CERTIFICATE, "stuck")
    assert (await house.row(filed.case, CANCELLATION))["state"] == "waiting"
    case = (await house.all("SELECT doubted, confirmed FROM cases"))[0]
    assert (case["doubted"], case["confirmed"]) == (True, False)


async def test_a_slow_department_answers_later_on_the_results_route(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "health", "slow", 3)  # time to be seen waiting
    filed = await house.report(number)

    async def sent() -> bool:
        return (await house.deliveries(filed.case, CERTIFICATE))[0]["state"] == "sent"

    await eventually(sent)
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "open"
    await assert_comes_to(house, filed.case, CERTIFICATE, "done")


async def test_a_failing_department_is_asked_again_with_the_same_request_id(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "health", "error")
    filed = await house.report(number)

    async def failed() -> bool:
        (row,) = await house.deliveries(filed.case, CERTIFICATE)
        return row["attempts"] >= 2 and row["failure"] == "HTTP 500"

    await eventually(failed)
    (before,) = await house.deliveries(filed.case, CERTIFICATE)
    await set_mode(house, "health", "prompt")
    await assert_comes_to(house, filed.case, CERTIFICATE, "done")
    (after,) = await house.deliveries(filed.case, CERTIFICATE)
    assert after["id"] == before["id"]


async def test_a_silent_department_delays_its_own_row_alone_and_answers_when_it_wakes(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "police", "silent")
    filed = await house.report(number)
    await assert_comes_to(house, filed.case, CERTIFICATE, "done")

    async def sent() -> bool:
        return [row["state"] for row in await house.deliveries(filed.case, CANCELLATION)] == ["sent"]

    await eventually(sent)
    await set_mode(house, "police", "prompt")
    await assert_comes_to(house, filed.case, CANCELLATION, "done")


async def test_a_wrong_department_leaves_a_task_for_the_county(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "police", "wrong")
    filed = await house.report(number)
    await assert_comes_to(house, filed.case, CANCELLATION, "stuck")
    row = await house.row(filed.case, CANCELLATION)
    assert row["task_role"] == "county_supervisor"
    assert {one["id"] for one in row["task"]["decisions"]} == {
        "ask_again",
        "department_did",
        "department_did_not",
    }


async def test_a_manual_department_is_answered_by_a_person_on_its_page(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "health", "manual")
    filed = await house.report(number)
    (waiting,) = await house.deliveries(filed.case, CERTIFICATE)
    async with httpx.AsyncClient(base_url=house.url) as http:
        page = await http.get("/departments/health")
        assert str(waiting["id"]) in page.text
        assert (await house.deliveries(filed.case, CERTIFICATE))[0]["state"] == "pending"
        answered = await http.post(
            "/departments/health/answer", data={"id": str(waiting["id"]), "outcome": "done", "reason": ""}
        )
    assert "accepted" in answered.text
    await assert_comes_to(house, filed.case, CERTIFICATE, "done")


async def test_what_a_person_pulled_and_left_lying_is_answered_once_the_department_is_prompt_again(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "health", "manual")
    filed = await house.report(number)
    async with house.as_department("health") as health:
        (item,) = (await health.get("/exchange/v1/tasks")).json()["items"]
    await set_mode(house, "health", "error")
    await set_mode(house, "health", "prompt")
    await assert_comes_to(house, filed.case, CERTIFICATE, "done")
    (sent,) = await house.deliveries(filed.case, CERTIFICATE)
    assert str(sent["id"]) == item["id"]
