"""The main job: one death, reported once at a window, opens every linked procedure (FN-001, GX-005)."""

import asyncio
from uuid import uuid4

import pytest

from contracts.catalog_files import load_catalogue
from tests.journeys.town import procedure, states

AUTOMATIC = ("assistance.hold_payments", "assistance.stop_benefits", "eldercare.pause_services",
             "eldercare.stop_benefits", "marriage.widowed")  # fmt: skip


@pytest.fixture
async def dead(town):
    return await town.person("dibao", "old_age_allowance", married=True)


@pytest.fixture
async def case(town, dead):
    spouse = await town.look(dead["spouse"])
    answer = await town.report(await town.form(dead, spouse))
    assert answer.status_code == 201, answer.text
    return await town.settled(answer.json()["case_no"])


async def test_every_row_of_the_table_stands_on_the_case(case):
    rows = load_catalogue().life_events["death"].procedures
    assert {row["type"] for row in case["procedures"]} == {row.type for row in rows}


async def test_every_row_has_an_owner_a_state_a_limit_and_a_reason_where_it_ended_otherwise(case):
    for row in case["procedures"]:
        assert row["owner"] and row["state"] and row["limit"], row
        assert row["reason"] or row["state"] not in ("not_applicable", "refused", "stuck"), row


@pytest.mark.journey(*AUTOMATIC, to="done")
async def test_the_automatic_rows_of_our_services_end_by_themselves(case):
    assert {kind: states(case)[kind] for kind in AUTOMATIC} == dict.fromkeys(AUTOMATIC, "done")


async def test_all_ex_officio_rows_but_those_that_an_officer_signs_end_by_themselves(case):
    waiting = {row["type"]: row["state"] for row in case["procedures"]
               if row["origin"] == "ex_officio" and row["state"] not in ("done", "not_applicable")}  # fmt: skip
    assert set(waiting) <= {"assistance.household_recheck", "assistance.change_payee"}, waiting


async def test_the_allowance_ends_with_the_month_of_death(town, dead, case):
    month = procedure(case, "eldercare.stop_benefits")["result"]["stopped"][0]["last_payable_month"]
    assert month == (await town.form(dead, dead))["deceased"]["died_at"][:7]
    held = {hold["kind"]: hold["state"] for hold in (await town.look(dead["person"]))["holds"]}
    assert held["old_age_allowance"] == "stopped"


async def test_the_spouse_is_recorded_as_widowed(town, dead, case):
    assert (await town.look(dead["spouse"]))["marital_state"] == "widowed"


async def test_rows_that_the_family_did_not_ask_for_are_offered(case):
    assert states(case)["human_resources.survivor_benefit"] == "offered"


@pytest.mark.journey("assistance.household_recheck", to="done")
async def test_an_officer_decides_the_recheck(town, case):
    officer = await town.as_user("township_officer", region=town.county)
    row = procedure(case, "assistance.household_recheck")
    assert row["state"] == "open" and row["tasks"], row
    task = (await officer.get(f"/api/v1/tasks/{row['tasks'][0]['id']}")).json()
    body = {"decision": "keep", "reason": "家庭收入没有变化", "data": {}, "version": task["version"]}
    answer = await officer.post(
        f"/api/v1/tasks/{task['id']}/decision", json=body, headers={"Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "done"
    assert states(await town.case(case["case_no"]))["assistance.household_recheck"] == "done"


async def test_a_decision_on_an_ended_procedure_changes_nothing(town, case):
    officer = await town.as_user("township_officer", region=town.county)
    task = (
        await officer.get(
            f"/api/v1/tasks/{procedure(case, 'assistance.household_recheck')['tasks'][0]['id']}"
        )
    ).json()
    body = {"decision": "keep", "reason": "没有变化", "data": {}, "version": task["version"]}
    for expected in (200, 409):
        answer = await officer.post(
            f"/api/v1/tasks/{task['id']}/decision", json=body, headers={"Idempotency-Key": str(uuid4())}
        )
        assert answer.status_code == expected, answer.text


async def test_the_feed_of_a_case_moves_by_itself(town):
    dead = await town.person("old_age_allowance")
    case_no = (await town.report(await town.form(dead))).json()["case_no"]
    clerk = await town.as_user("window_clerk", region=town.county)
    async with asyncio.timeout(30), clerk.stream("GET", f"/api/v1/cases/{case_no}/events") as stream:
        seen = 0
        async for line in stream.aiter_lines():
            seen += line.startswith("data:")
            if seen >= 2:
                break
    assert seen >= 2


async def test_all_kinds_of_free_and_applied_services_open_when_wished(town):
    dead = await town.person("old_age_allowance")
    wishes = {"transport": True, "remains": "cremation", "farewell": "hall", "ashes": "eco_burial", "eco_kind": "tree",
              "asset_query": True, "memorial": True}  # fmt: skip
    answer = await town.report(await town.form(dead, None, **wishes))
    case = await town.settled(answer.json()["case_no"])
    opened = {kind: state for kind, state in states(case).items() if kind.startswith("funeral.")}
    assert {opened["funeral.transport"], opened["funeral.cremation"], opened["funeral.farewell"]} == {"open"}
    assert opened["funeral.ashes"] == "waiting"
