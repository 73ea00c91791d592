"""Holds: they pause and forbid the start, whenever they come."""

from uuid import uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from tests.funeral.cremations import KIND, OPERATORS, booked, death, hold, refresh, release, standing, started
from tests.owner_desk import NOW, Desk


@pytest.mark.parametrize("target", ["case", "person"])
async def test_a_hold_pauses_and_forbids_the_start_until_it_is_released(desk: Desk, target: str) -> None:
    report = await booked(desk)
    where = {"case_id": str(report.case)} if target == "case" else {"person": str(report.subject)}
    hold_id, answer = await hold(desk, **where)
    assert answer["procedures"] == [str(report.procedures[KIND])] and answer["too_late"] == []
    held = await refresh(desk, report)
    assert (held.state, held.reason) == (OwnerState.PAUSED, "hold")
    refused = await desk.decide(KIND, report, "start", data=OPERATORS)
    assert (refused.status_code, refused.json()["code"]) == (409, "hold_stands")
    await release(desk, hold_id)
    free = await refresh(desk, report)
    assert (free.state, free.reason, free.step) == (OwnerState.OPEN, None, "identify")
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200


async def test_two_holds_have_to_be_released_both(desk: Desk) -> None:
    report = await booked(desk)
    first, _ = await hold(desk, case_id=str(report.case))
    second, _ = await hold(desk, "court", person=str(report.subject))
    await release(desk, first)
    assert (await refresh(desk, report)).state is OwnerState.PAUSED
    await release(desk, second)
    assert (await refresh(desk, report)).state is OwnerState.OPEN


async def test_a_hold_that_came_before_the_order_is_heeded(desk: Desk) -> None:
    report = death()
    await hold(desk, person=str(report.subject))
    outcome = await desk.send(Verb.OPEN, KIND, report)
    assert (outcome.state, outcome.reason) == (OwnerState.PAUSED, "hold")
    await desk.decide(KIND, report, "booked")
    assert (standing(desk, report).state, standing(desk, report).step) == (OwnerState.PAUSED, "identify")


async def test_an_infection_does_not_delay_a_cremation(desk: Desk) -> None:
    report = await booked(desk)
    await hold(desk, "infection", case_id=str(report.case))
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200


async def test_another_case_is_not_held(desk: Desk) -> None:
    report = await booked(desk)
    await hold(desk, case_id=str(uuid4()))
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200


async def test_a_hold_after_the_start_says_that_it_is_too_late(desk: Desk) -> None:
    report = await started(desk)
    _, answer = await hold(desk, case_id=str(report.case))
    assert answer["too_late"] == [str(report.procedures[KIND])]
    await refresh(desk, report)
    assert (await desk.decide(KIND, report, "finish")).status_code == 200


async def test_the_same_hold_and_release_twice_are_one(desk: Desk) -> None:
    report = await booked(desk)
    body = {
        "id": str(uuid4()), "kind": "police", "source_no": "P-1", "placed_at": NOW.isoformat(),
        "case_id": str(report.case),
    }  # fmt: skip
    async with desk.http() as client:
        for _ in range(2):
            assert (await client.post("/internal/v1/holds", json=body)).status_code == 200
        other = await client.post("/internal/v1/holds", json={**body, "kind": "court"})
    assert (other.status_code, other.json()["code"]) == (409, "hold_differs")
    for _ in range(2):
        assert (await release(desk, body["id"]))["standing"] is False
    assert (await refresh(desk, report)).state is OwnerState.OPEN


async def test_a_release_of_nothing_is_not_found(desk: Desk) -> None:
    async with desk.http() as client:
        answer = await client.post(
            f"/internal/v1/holds/{uuid4()}/release", json={"release_no": "R-1", "version": 2}
        )
    assert (answer.status_code, answer.json()["code"]) == (404, "hold_unknown")
