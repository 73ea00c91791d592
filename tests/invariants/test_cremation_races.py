"""A withdrawal against the start of a cremation, through the gateway and the real services, in both orders."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from tests.gateway.office import row
from tests.invariants.one_death import Death, desk_of
from tests.invariants.proved_death import decided, seen

CREMATION = "funeral.cremation"
OPERATORS = {"operators": ["A-01", "B-02"], "identity_matches": True}
_STARTED = "SELECT 1 FROM bookings WHERE started_at IS NOT NULL"


async def ready(death: Death) -> dict[str, Any]:
    """A proved death whose cremation is booked and could start."""
    form = death.office.form(death.dead, death.spouse, remains="cremation")
    answer = await death.office.post_report(form)
    await death.health_reports()
    await death.settle()
    booked = await decided(death, CREMATION, "booked")
    assert booked.status_code == 200, booked.text
    return await death.office.read(answer.json()["case_no"])


async def withdraw(death: Death, case: dict[str, Any]) -> httpx.Response:
    body = {"procedures": [row(case, CREMATION)["id"]], "reason": "改为土葬", "version": case["version"]}
    return await death.office.act(death.office.clerk, case["case_no"], "withdrawal", **body)


async def start(death: Death) -> httpx.Response:
    return await decided(death, CREMATION, "start", **OPERATORS)


async def test_a_withdrawal_that_comes_before_the_start_lets_no_cremation_start(death: Death) -> None:
    case = await ready(death)
    (task,) = [one for one in await death.tasks() if one.name.startswith(CREMATION)]
    async with desk_of(death.office, task) as http:
        version = (await http.get(f"/api/v1/tasks/{task.id}")).json()["version"]
        assert (await withdraw(death, case)).status_code == 202
        await death.settle()
        body = {"decision": "start", "reason": None, "data": OPERATORS, "version": version}
        key = {"Idempotency-Key": str(uuid4())}
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json=body, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "procedure_ended")
    assert (await seen(death, case["case_no"], CREMATION))["state"] == "withdrawn"
    assert await death.office.rows(_STARTED, "funeral") == []


async def test_a_withdrawal_that_comes_after_the_start_is_told_that_it_is_too_late(death: Death) -> None:
    case = await ready(death)
    assert (await start(death)).status_code == 200
    assert (await withdraw(death, case)).status_code == 202
    await death.settle()
    shown = await death.office.read(case["case_no"])
    found = row(shown, CREMATION)
    assert (found["state"], shown["status"]) == ("open", "in_progress")
    told = [line["kind"] for line in shown["timeline"] if line["procedure"] == found["id"]]
    assert "too_late" in told
    assert (await decided(death, CREMATION, "finish")).status_code == 200
    assert (await seen(death, case["case_no"], CREMATION))["state"] == "done"


async def test_a_withdrawal_and_a_start_at_once_have_one_winner(death: Death) -> None:
    """Whoever comes first at the funeral home wins, and both are told so."""
    case = await ready(death)
    withdrawn, started = await asyncio.gather(withdraw(death, case), start(death))
    await death.settle()
    began = await death.office.rows(_STARTED, "funeral")
    state = (await seen(death, case["case_no"], CREMATION))["state"]
    assert withdrawn.status_code == 202
    assert (started.status_code, state, len(began)) in ((200, "open", 1), (409, "withdrawn", 0))
