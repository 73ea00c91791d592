"""Rows 18 to 20 to their own ends, and one undo, by the public contract alone (R27, R28; shared test 9).

A system of its own: its clock goes past the promise's end.
"""

import pytest

from kernel.testing import eventually
from tests.journeys.town import procedure
from tests.stack import Stack

PROOF, QUERY, GUIDE = "gateway.proof_of_relation", "gateway.asset_query", "gateway.estate_guide"


@pytest.fixture(scope="module", params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stack(request, tmp_path_factory):
    """`lianban up` for this file alone."""
    folder = tmp_path_factory.mktemp(f"estate-{request.param}") / "data"
    running = await Stack(request.param, folder).start()
    yield running
    await running.stop()


@pytest.fixture
async def asked(town):
    """A widow or widower asks where the spouse's assets are held; the bank says nothing."""
    await town.departments("silent", "bank")
    dead = await town.person("old_age_allowance", married=True)
    form = await town.form(dead, await town.look(dead["spouse"]), asset_query=True)
    answer = await town.report(form)
    assert answer.status_code == 201, answer.text
    return await town.settled(answer.json()["case_no"])


@pytest.mark.journey(PROOF, QUERY, GUIDE, to="done")
@pytest.mark.undo(PROOF, QUERY, to="undone")
async def test_the_list_is_delivered_without_the_bank_gets_its_late_answer_and_is_taken_back(town, asked):
    case_no = asked["case_no"]
    assert procedure(asked, PROOF)["result"]["registers"] == ["household_register"]
    assert (procedure(asked, PROOF)["state"], procedure(asked, QUERY)["state"]) == ("done", "open")
    clerk = await town.as_user("window_clerk", region=town.county)
    address = f"/api/v1/cases/{case_no}/asset-query"
    assert (await clerk.get(address, params={"purpose": "delivery"})).status_code == 409

    moved = await town.http.post("/demo/clock", json={"set": procedure(asked, QUERY)["due_at"]})
    assert moved.status_code == 200, moved.text
    case = await town.settled(case_no)
    assert (procedure(case, QUERY)["state"], procedure(case, QUERY)["result"]["not_answered"]) == ("done", 1)
    shown = (await clerk.get(address, params={"purpose": "delivery"})).json()
    assert {line["source"]: line["answer"] for line in shown["lines"]}["bank"] == "not_answered"
    assert shown["watermark"]["case_no"] == case_no

    await town.departments("prompt", "bank")

    async def second_edition():
        return procedure(await town.case(case_no), QUERY)["result"]["edition"] == 2

    await eventually(second_edition, within=30)
    case = await town.settled(case_no)
    assert procedure(case, GUIDE)["result"]["not_answered"] == 0
    looks = (await clerk.get(f"{address}/lookups")).json()["items"]
    assert [one["kind"] for one in looks] == ["list", "asked"]

    supervisor = await town.as_user("county_supervisor", region=town.county)
    void = {"kind": "wrong_match", "reason": "认错了人", "basis": "更正函", "version": case["version"]}
    revoked = await supervisor.post(f"/api/v1/cases/{case_no}/revocation", json=void)
    assert revoked.status_code == 202, revoked.text
    case = await town.settled(case_no)
    assert (procedure(case, QUERY)["state"], procedure(case, QUERY)["undo_kind"]) == ("undone", "annotate")
    assert (procedure(case, PROOF)["state"], procedure(case, GUIDE)["state"]) == ("undone", "done")
    assert (await clerk.get(address, params={"purpose": "delivery"})).status_code == 409


@pytest.mark.refusal(QUERY, to="refused")
async def test_somebody_who_is_no_relative_is_refused_by_a_person_and_told_another_way(town):
    dead = await town.person("old_age_allowance")
    form = await town.form(dead, asset_query=True)
    form["applicant"]["relation"] = "carer"
    case = await town.settled((await town.report(form)).json()["case_no"])
    assert procedure(case, PROOF)["state"] == "not_applicable"
    (task,) = procedure(case, QUERY)["tasks"]
    clerk = await town.as_user("window_clerk", region=town.county)
    whole = (await clerk.get(f"/api/v1/tasks/{task['id']}")).json()
    said = {"decision": "not_entitled", "reason": "没有遗嘱，也不是遗产管理人", "data": {"next_route": "heirs"},
            "version": whole["version"]}  # fmt: skip
    decided = await clerk.post(f"/api/v1/tasks/{task['id']}/decision", json=said)
    assert (decided.status_code, decided.json()["state"]) == (200, "refused"), decided.text
    assert procedure(await town.case(case["case_no"]), QUERY)["result"] == {"next_route": "heirs"}
