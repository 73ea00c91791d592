"""Withdrawal, correction and revocation of a real case, over the public contract (life-events G5, G6)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.journeys.town import procedure, states


def key():
    return {"Idempotency-Key": str(uuid4())}


@pytest.fixture
async def elder(town):
    return await town.person("dibao", "old_age_allowance", married=True)


async def reported(town, person, **wishes):
    answer = await town.report(await town.form(person, await town.look(person["spouse"]), **wishes))
    assert answer.status_code == 201, answer.text
    return await town.settled(answer.json()["case_no"])


def holds(person):
    return {hold["kind"]: hold["state"] for hold in person["holds"]}


@pytest.fixture
async def unproven(town, elder):
    """A death that the family has declared and no department has proved."""
    await town.departments("manual", "health")
    case = await reported(town, elder)
    yield case
    await town.departments("prompt", "health")


async def test_no_benefit_stops_on_a_relatives_word(unproven):
    found = states(unproven)
    assert (found["assistance.stop_benefits"], found["eldercare.stop_benefits"], found["marriage.widowed"]) == (
        "waiting", "waiting", "waiting")  # fmt: skip


async def test_a_relatives_word_suspends_payments(town, elder, unproven):
    assert states(unproven)["assistance.hold_payments"] == "done"
    assert "last_sign_of_life" in procedure(unproven, "assistance.hold_payments")["result"]


@pytest.mark.undo("assistance.hold_payments", "eldercare.pause_services", to="withdrawn")
async def test_a_withdrawal_before_confirmation_lifts_the_suspensions(town, elder, unproven):
    before = holds(elder)
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"reason": "报错了人", "version": unproven["version"]}
    answer = await clerk.post(f"/api/v1/cases/{unproven['case_no']}/withdrawal", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    case = await town.until_status(unproven["case_no"], "withdrawn")
    assert states(case)["assistance.hold_payments"] == "withdrawn"
    assert holds(await town.look(elder["person"])) == before


async def test_a_new_report_after_a_withdrawal_is_a_new_case(town, elder, unproven):
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"reason": "报错了人", "version": unproven["version"]}
    await clerk.post(f"/api/v1/cases/{unproven['case_no']}/withdrawal", json=body, headers=key())
    await town.until_status(unproven["case_no"], "withdrawn")
    again = await town.report(await town.form(elder, await town.look(elder["spouse"])))
    assert again.status_code == 201 and again.json()["case_no"] != unproven["case_no"]


@pytest.mark.undo("funeral.cremation", to="withdrawn")
async def test_a_withdrawal_after_confirmation_leaves_the_stops_alone(town, elder):
    case = await reported(town, elder, remains="cremation")
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"reason": "改在外地办理", "version": case["version"]}
    answer = await clerk.post(f"/api/v1/cases/{case['case_no']}/withdrawal", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    case = await town.settled(case["case_no"])
    assert states(case)["assistance.stop_benefits"] == "done"
    assert states(case)["funeral.cremation"] == "withdrawn"


async def test_a_corrected_date_recomputes_the_last_payable_month(town, elder):
    case = await reported(town, elder)
    earlier = (await town.now()) - timedelta(days=70)
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"changes": {"/deceased/died_at": earlier.isoformat(timespec="seconds")}, "reason": "医学证明日期有误",
            "version": case["version"]}  # fmt: skip
    answer = await clerk.post(f"/api/v1/cases/{case['case_no']}/corrections", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    case = await town.settled(case["case_no"])
    stopped = procedure(case, "eldercare.stop_benefits")["result"]["stopped"]
    assert {line["last_payable_month"] for line in stopped if line["last_payable_month"]} == {
        f"{earlier:%Y-%m}"
    }
    assert any(line["overpaid_fen"] > 0 for line in stopped)


async def test_a_stale_version_is_refused_with_the_current_one(town, elder):
    case = await reported(town, elder)
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"changes": {"/deceased/place": "hospital"}, "reason": "地点有误", "version": case["version"] + 5}
    answer = await clerk.post(f"/api/v1/cases/{case['case_no']}/corrections", json=body, headers=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")


@pytest.mark.undo("assistance.stop_benefits", "eldercare.stop_benefits", "marriage.widowed", to="undone")
async def test_a_revocation_restores_benefits_marriage_and_register(town, elder):
    before = holds(elder)
    case = await reported(town, elder)
    county = await town.as_user("county_supervisor", region=town.county)
    body = {
        "kind": "wrong_match",
        "reason": "认错了人",
        "basis": "县民政局核查记录",
        "version": case["version"],
    }
    answer = await county.post(f"/api/v1/cases/{case['case_no']}/revocation", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    case = await town.until_status(case["case_no"], "revoked")
    assert states(case)["assistance.stop_benefits"] == "undone"
    assert (await town.look(elder["spouse"]))["marital_state"] == "married"
    assert holds(await town.look(elder["person"])) == before


async def test_an_applicant_cannot_revoke(town, elder):
    case = await reported(town, elder)
    citizen = await town.as_user("citizen", region=town.county)
    body = {"kind": "wrong_match", "reason": "x", "basis": "x", "version": case["version"]}
    answer = await citizen.post(f"/api/v1/cases/{case['case_no']}/revocation", json=body, headers=key())
    assert answer.status_code in (403, 404)


async def test_a_departments_request_to_revoke_waits_for_the_county(town, elder):
    case = await reported(town, elder)
    court = await town.as_user("department", owner="court")
    body = {
        "kind": "court_revoked",
        "reason": "宣告死亡判决撤销",
        "basis": "（2026）民特1号",
        "version": case["version"],
    }
    answer = await court.post(f"/api/v1/cases/{case['case_no']}/revocation", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    assert (await town.case(case["case_no"]))["status"] not in ("revoking", "revoked")
    county = await town.as_user("county_supervisor", region=town.county)
    tasks = (await county.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    task = next(
        task for task in tasks if task["case_no"] == case["case_no"] and task["step"] == "sign_revocation"
    )
    decision = {"decision": "sign", "reason": "依法院判决", "data": {}, "version": task["version"]}
    answer = await county.post(f"/api/v1/tasks/{task['id']}/decision", json=decision, headers=key())
    assert answer.status_code == 200, answer.text
    case = await town.until_status(case["case_no"], "revoked")
    assert states(case)["marriage.widowed"] == "undone"


@pytest.mark.journey("human_resources.survivor_benefit", to="done")
async def test_an_offer_accepted_opens_the_row(town, elder):
    case = await reported(town, elder)
    row = procedure(case, "human_resources.survivor_benefit")
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"answer": "accept", "data": {}, "version": case["version"]}
    answer = await clerk.post(f"/api/v1/cases/{case['case_no']}/offers/{row['id']}", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    assert states(await town.settled(case["case_no"]))["human_resources.survivor_benefit"] == "done"


async def test_the_health_departments_own_report_is_confirmed_from_the_start(town, elder):
    form = await town.form(elder, elder)
    form = {"deceased": {**form["deceased"], "sex": elder["sex"], "birth_date": elder["birth_date"]}}
    health = await town.as_user("department", owner="health")
    body = {"life_event": "death", "source_no": f"j-{uuid4()}", "source_version": 1,
            "occurred_at": form["deceased"]["died_at"], "form": form}  # fmt: skip
    answer = await health.post("/exchange/v1/life-events", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    found = states(await _case_of(town, answer.json()["case_no"]))
    assert (found["health.death_certificate"], found["assistance.stop_benefits"]) == ("done", "done")


async def _case_of(town, case_no):
    await town.settle()
    return await town.case(case_no, "county_supervisor")


async def test_two_windows_reporting_the_same_death_share_one_case(town, elder):
    form = await town.form(elder, await town.look(elder["spouse"]))
    first, second = await town.report(form), await town.report(form)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["case_no"] == second.json()["case_no"]


async def test_a_death_that_the_register_does_not_match_stops_nothing(town, elder):
    form = await town.form(elder, await town.look(elder["spouse"]))
    form["deceased"]["name"] = "另一人"
    case = await town.settled((await town.report(form)).json()["case_no"])
    assert states(case)["health.death_certificate"] == "stuck"
    assert states(case)["assistance.stop_benefits"] == "waiting"
    county = await town.as_user("county_supervisor", region=town.county)
    tasks = (await county.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    assert [task for task in tasks if task["case_no"] == case["case_no"] and task["step"] == "identity_doubt"]


@pytest.mark.journey("medical_insurance.settlement", to="done")
async def test_a_pushed_and_a_pulled_department_end_the_same_row(town, elder):
    await town.departments("manual", "medical_insurance")
    try:
        case = await reported(town, elder)
        assert states(case)["medical_insurance.settlement"] == "open"
        bureau = await town.as_user("department", owner="medical_insurance")
        items = (await bureau.get("/exchange/v1/tasks", params={"limit": 200})).json()["items"]
        task = next(item for item in items if item["case_no"] == case["case_no"])
        body = {"outcome": "done", "reason": None, "data": {}}
        answer = await bureau.post(f"/exchange/v1/tasks/{task['id']}/result", json=body, headers=key())
        assert answer.status_code in (200, 202), answer.text
        assert states(await town.settled(case["case_no"]))["medical_insurance.settlement"] == "done"
    finally:
        await town.departments("prompt", "medical_insurance")
