"""The exchange as departments meet it: reports, holds, leases, results (api.md, Exchange)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.journeys.contract import INSTANT, assert_problem, key
from tests.journeys.town import Town, procedure, states

HOLD = {"kind": "police", "reason": "正在勘验"}


async def post(client, path, sent):
    return await client.post(f"/exchange/v1/{path}", json=sent, headers=key())


async def notice(town, dead, *, source_no=None, version=1, days=1, **deceased):
    """A department's report of that death so many days ago."""
    died = (await town.now() - timedelta(days=days)).isoformat(timespec="seconds")
    known = {name: dead[name] for name in ("name", "id_number", "sex", "birth_date")}
    place = {"place": "hospital", "place_region": town.county, "hukou_region": town.county}
    return {"life_event": "death", "source_no": source_no or str(uuid4()), "source_version": version,
            "occurred_at": died, "form": {"deceased": {**known, "died_at": died, **place, **deceased}}}  # fmt: skip


async def test_the_issuers_numbers_decide_between_repetition_and_correction(town):
    health = await town.as_user("department", owner="health")
    dead = await town.person("old_age_allowance")
    first = await notice(town, dead, version=2)
    answer = await post(health, "life-events", first)
    assert (answer.status_code, set(answer.json())) == (202, {"case_no"})
    case_no = answer.json()["case_no"]
    await town.settle()
    before = await town.case(case_no)
    assert (before["channel"], before["version"]) == ("department", 1)
    for version in (1, 2):
        again = await post(health, "life-events", {**first, "source_version": version})
        assert (again.status_code, again.json()["case_no"]) == (202, case_no)
    await town.settle()
    assert await town.case(case_no) == before
    later = await notice(town, dead, source_no=first["source_no"], version=3, days=70)
    assert (await post(health, "life-events", later)).json()["case_no"] == case_no
    case = await town.settled(case_no)
    assert case["version"] == 2
    (line,) = [one for one in procedure(case, "eldercare.stop_benefits")["result"]["stopped"]
               if one["kind"] == "old_age_allowance"]  # fmt: skip
    assert line["last_payable_month"] == later["occurred_at"][:7] and line["overpaid_fen"] > 0


async def test_a_department_that_reports_a_known_death_joins_its_case(town):
    dead = await town.person("elder_card")
    case_no = (await town.report(await town.form(dead))).json()["case_no"]
    await town.settle()
    education = await town.as_user("department", owner="education")
    answer = await post(education, "life-events", await notice(town, dead))
    assert (answer.status_code, answer.json()["case_no"]) == (202, case_no)
    kinds = [line["kind"] for line in (await town.settled(case_no))["timeline"]]
    assert "joined" in kinds


async def test_only_the_issuers_report_confirms(town):
    await town.departments("manual", "health")
    try:
        dead = await town.person("old_age_allowance")
        education = await town.as_user("department", owner="education")
        case_no = (await post(education, "life-events", await notice(town, dead))).json()["case_no"]
        await town.settle()
        assert states(await town.case(case_no, "county_supervisor"))["eldercare.stop_benefits"] == "waiting"
        health = await town.as_user("department", owner="health")
        assert (await post(health, "life-events", await notice(town, dead))).json()["case_no"] == case_no
        await town.settle()
        found = states(await town.case(case_no, "county_supervisor"))
        assert (found["health.death_certificate"], found["eldercare.stop_benefits"]) == ("done", "done")
    finally:
        await town.departments("prompt", "health")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"source_no": ""}, "/source_no"), ({"source_version": 0}, "/source_version"), ({"note": 1}, "/note"),
     ({"source_version": "1"}, "/source_version"), ({"life_event": "rebirth"}, "/life_event"),
     ({"occurred_at": "2026-01-01T00:00:00"}, "/occurred_at"), ({"form": None}, "/form")],
)  # fmt: skip
async def test_a_faulty_notice_is_refused(town, change, field):
    health = await town.as_user("department", owner="health")
    somebody = (await town.http.get("/demo/people?limit=1")).json()["items"][0]
    sent = {**await notice(town, somebody), **change}
    assert_problem(await post(health, "life-events", sent), 422, field=field)


@pytest.fixture(scope="module")
async def held(stack):
    """A county with a case that wishes a cremation; `case_no`, `police`, `home`."""
    async with Town.of(stack.address) as town:
        answer = await town.report(await town.form(await town.person("elder_card"), remains="cremation"))
        town.case_no = answer.json()["case_no"]
        await town.settle()
        town.police = await town.as_user("department", owner="police")
        town.home = await town.as_user("funeral_home", region=town.county)
        yield town


async def test_a_hold_reaches_the_funeral_home_at_once_and_its_release_too(held):
    sent = {**HOLD, "case_no": held.case_no, "source_no": str(uuid4())}
    first, again = await post(held.police, "holds", sent), await post(held.police, "holds", sent)
    assert (first.status_code, again.status_code) == (201, 201)
    hold = first.json()
    assert hold["id"] == again.json()["id"] and INSTANT.fullmatch(hold["placed_at"])
    tasks = (await held.home.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    assert [task["facts"]["holds"] for task in tasks if task["case_no"] == held.case_no] == [["police"]]
    path = f"holds/{hold['id']}/release"
    health = await held.as_user("department", owner="health")
    right = {"release_no": str(uuid4()), "version": hold["version"]}
    assert_problem(await post(health, path, right), 404)
    assert_problem(await post(held.police, path, {**right, "version": 9}), 409, "stale_version")
    for _ in "12":
        released = await post(held.police, path, right)
        assert (released.status_code, released.json()["id"]) == (200, hold["id"])
    tasks = (await held.home.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    assert [task["facts"]["holds"] for task in tasks if task["case_no"] == held.case_no] == [[]]


async def _act(held, decision, **data):
    """That decision on the cremation as it stands."""
    await held.settle()
    tasks = (await held.home.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    (task,) = [one for one in tasks if one["case_no"] == held.case_no]
    assert decision in {one["id"] for one in task["decisions"]}, task
    sent = {"decision": decision, "reason": "办理", "data": data, "version": task["version"]}
    return await held.home.post(f"/api/v1/tasks/{task['id']}/decision", json=sent, headers=key())


async def test_a_cremation_does_not_start_while_a_hold_stands(held):
    sent = {**HOLD, "case_no": held.case_no, "kind": "court", "source_no": str(uuid4())}
    assert (await _act(held, "booked")).status_code == 200
    court = await held.as_user("department", owner="court")
    hold = (await post(court, "holds", sent)).json()
    ready = {"operators": ["甲", "乙"], "identity_matches": True}
    assert_problem(await _act(held, "start"), 422, "required", "/data/operators")
    assert_problem(await _act(held, "start", **ready), 409)
    released = await post(court, f"holds/{hold['id']}/release", {"release_no": "r1", "version": 1})
    assert released.status_code == 200
    assert (await _act(held, "start", **ready)).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [({"kind": "whim"}, 422), ({"case_no": "nowhere"}, 404), ({"case_no": None}, 422), ({"reason": ""}, 422),
     ({"case_no": None, "person": str(uuid4())}, 404), ({"person": str(uuid4())}, 422), ({"note": 1}, 422)],
)  # fmt: skip
async def test_a_faulty_hold_is_refused(held, change, status):
    sent = {**HOLD, "case_no": held.case_no, "source_no": str(uuid4()), **change}
    assert_problem(await post(held.police, "holds", sent), status)


async def test_a_source_number_is_one_hold(held):
    sent = {**HOLD, "case_no": held.case_no, "kind": "infection", "source_no": str(uuid4())}
    assert (await post(held.police, "holds", sent)).status_code == 201
    assert_problem(await post(held.police, "holds", {**sent, "kind": "court"}), 409)


async def test_only_departments_speak_on_the_exchange(held):
    clerk = await held.as_user("window_clerk", region=held.county)
    assert_problem(await clerk.get("/exchange/v1/tasks"), 403)
    assert_problem(await post(clerk, "holds", {**HOLD, "case_no": held.case_no, "source_no": "x"}), 403)
    assert_problem(await post(clerk, "results", {"results": []}), 403)


@pytest.fixture
async def bureau(town):
    """The medical insurance, answering by hand."""
    await town.departments("manual", "medical_insurance")
    yield await town.as_user("department", owner="medical_insurance")
    await town.departments("prompt", "medical_insurance")


async def asked(town, bureau, count):
    """So many new requests of the bureau, pulled: [(request, case number)]."""
    numbers = []
    for _ in range(count):
        answer = await town.report(await town.form(await town.person("elder_card")))
        numbers.append(answer.json()["case_no"])
    await town.settle()
    items = (await bureau.get("/exchange/v1/tasks", params={"limit": 200})).json()["items"]
    mine = {item["case_no"]: item for item in items}
    return [(mine[case_no], case_no) for case_no in numbers]


async def settlement(town, case_no):
    return procedure(await town.settled(case_no), "medical_insurance.settlement")


async def test_a_pulled_request_has_every_member_and_is_leased(town, bureau):
    ((item, _),) = await asked(town, bureau, 1)
    assert {"id", "case_no", "type", "purpose", "legal_basis", "due_at", "fields"} <= set(item)
    assert item["type"] == "medical_insurance.settlement" and item["purpose"] and item["legal_basis"]
    assert not any("phone" in field or "cause" in field for field in item["fields"])
    again = (await bureau.get("/exchange/v1/tasks")).json()["items"]
    assert item["id"] not in {one["id"] for one in again}


async def test_need_more_pauses_and_done_ends(town, bureau):
    ((item, case_no),) = await asked(town, bureau, 1)
    path = f"tasks/{item['id']}/result"
    sent = {"outcome": "need_more", "reason": "缺少银行账号", "data": {}}
    assert (await post(bureau, path, sent)).status_code in (200, 202)
    row = await settlement(town, case_no)
    assert (row["state"], row["paused"], row["reason"]) == ("open", True, "缺少银行账号")
    done = {"outcome": "done", "reason": None, "data": {"balance_fen": 5}}
    assert (await post(bureau, path, done)).status_code in (200, 202)
    row = await settlement(town, case_no)
    assert (row["state"], row["paused"], row["result"]["balance_fen"]) == ("done", False, 5)
    assert (await post(bureau, path, done)).status_code in (200, 202)
    assert_problem(await post(bureau, path, {"outcome": "refused", "reason": "不符", "data": {}}), 409)


async def test_many_results_are_each_answered_for_itself(town, bureau):
    (first, one), (second, other) = await asked(town, bureau, 2)
    sent = [{"id": first["id"], "outcome": "done", "reason": None, "data": {}},
            {"id": str(uuid4()), "outcome": "done", "reason": None, "data": {}},
            {"id": second["id"], "outcome": "refused", "reason": "未参保", "data": {}}]  # fmt: skip
    answer = await post(bureau, "results", {"results": sent})
    assert answer.status_code == 200
    assert [(said["id"], said["status"]) for said in answer.json()["results"]] == [
        (sent[0]["id"], "accepted"), (sent[1]["id"], "unknown"), (sent[2]["id"], "accepted")]  # fmt: skip
    assert (await settlement(town, one))["state"] == "done"
    row = await settlement(town, other)
    assert (row["state"], row["reason"]) == ("refused", "未参保")


async def test_a_result_is_checked_and_nobody_elses_request_is_known(town, bureau):
    ((item, case_no),) = await asked(town, bureau, 1)
    path, right = f"tasks/{item['id']}/result", {"outcome": "done", "reason": None, "data": {}}
    assert_problem(await post(bureau, path, {**right, "outcome": "perhaps"}), 422, field="/outcome")
    assert_problem(await post(bureau, path, {**right, "note": 1}), 422, field="/note")
    assert_problem(await post(bureau, f"tasks/{uuid4()}/result", right), 404)
    assert_problem(await post(await town.as_user("department", owner="tax"), path, right), 404)
    assert (await settlement(town, case_no))["state"] == "open"
