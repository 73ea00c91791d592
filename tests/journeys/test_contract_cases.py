"""Reports, cases, tasks and people as the contract shows them (api.md: Life events, Cases, Death)."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from stdnum.cn import ric

from tests.journeys.contract import CASE, INSTANT, PROCEDURE, TASK, assert_problem, key, listed
from tests.journeys.town import Town, procedure

STATES = {
    "waiting",
    "open",
    "offered",
    "done",
    "refused",
    "not_applicable",
    "withdrawn",
    "undoing",
    "undone",
    "stuck",
}


@pytest.fixture(scope="module")
async def desk(stack):
    """A county with the case of a dibao elder, on which nothing is changed; `dead`, `sent`, `clerk`."""
    async with Town.of(stack.address) as town:
        town.dead = await town.person("dibao", "old_age_allowance", married=True)
        town.sent = await town.form(town.dead, await town.look(town.dead["spouse"]), transport=True)
        town.clerk = await town.as_user("window_clerk", region=town.county)
        answer = await town.report(town.sent)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/api/v1/cases/{answer.json()['case_no']}"
        town.case_no = answer.json()["case_no"]
        await town.settle()
        yield town


@pytest.fixture
async def case(desk):
    return await desk.case(desk.case_no)


async def test_a_case_and_its_procedures_have_every_member(case):
    assert set(case) >= CASE and (case["life_event"], case["channel"]) == ("death", "window")
    assert INSTANT.fullmatch(case["submitted_at"]) and case["version"] == 1
    for row in case["procedures"]:
        assert set(row) >= PROCEDURE and row["state"] in STATES, row
        assert row["origin"] in ("ex_officio", "applied") and row["stage"] in ("declared", "confirmed")
        assert set(row["limit"]) in ({"amount", "unit", "from"}, {"none"}), row["limit"]
        assert all(set(need) == {"any", "kind", "accept"} for need in row["needs"])
        assert all(
            row[name] is None or INSTANT.fullmatch(row[name]) for name in ("due_at", "opened_at", "ended_at")
        )
        assert row["round"] == 1 and isinstance(row["result"], dict)


async def test_the_timeline_speaks_both_languages(case):
    assert case["timeline"][0]["kind"] == "reported"
    for line in case["timeline"]:
        assert set(line) == {"at", "actor", "kind", "procedure", "text", "text_en"}
        assert INSTANT.fullmatch(line["at"]) and line["text"] and line["text_en"].isprintable()
    assert [line["at"] for line in case["timeline"]] == sorted(line["at"] for line in case["timeline"])


async def test_results_have_the_shapes_of_the_contract(desk, case):
    said = {row["type"]: row["result"] for row in case["procedures"]}
    assert {"suspended", "last_sign_of_life"} <= set(said["assistance.hold_payments"])
    assert {"suspended", "last_sign_of_life"} <= set(said["eldercare.pause_services"])
    for line in said["eldercare.stop_benefits"]["stopped"]:
        assert {"hold", "kind", "last_payable_month", "overpaid_fen"} <= set(line)
    assert said["eldercare.stop_benefits"]["stopped"] and "stopped" in said["assistance.stop_benefits"]
    recheck = said["assistance.household_recheck"]
    assert {"before_fen", "provisional_fen", "from_month", "due_on"} <= set(recheck)
    assert recheck["provisional_fen"] <= recheck["before_fen"]
    assert said["marriage.widowed"] == {"person": desk.dead["spouse"], "marital_state": "widowed"}


async def test_the_guide_names_form_materials_and_every_row(desk, case):
    guide = (await desk.http.get("/api/v1/life-events/death", params={"region": desk.county})).json()
    assert {"id", "name", "version", "form", "materials", "procedures"} <= set(guide)
    assert guide["form"]["properties"]["deceased"]["properties"]["died_at"]["title"]
    wanted = {"row", "type", "owner", "name", "origin", "stage", "needs", "held_by", "when", "wish", "limit", "undo",
              "point_of_no_return", "fields"}  # fmt: skip
    assert all(wanted <= set(row) for row in guide["procedures"])
    assert {row["type"] for row in guide["procedures"]} == {row["type"] for row in case["procedures"]}
    assert_problem(await desk.http.get("/api/v1/life-events/rebirth"), 404)
    assert_problem(await desk.http.get("/api/v1/life-events/death?region=12"), 422)


async def test_a_second_report_answers_200_with_the_case_that_stands(desk, case):
    answer = await desk.report(desk.sent)
    assert (answer.status_code, answer.json()["case_no"], answer.json()["version"]) == (200, desk.case_no, 1)
    assert answer.json()["timeline"][-1]["kind"] == "joined"


async def test_another_countys_window_learns_only_that_the_case_stands(desk):
    county = next(user["region"] for user in desk.users
                  if user["role"] == "window_clerk" and user["region"] != desk.county)  # fmt: skip
    clerk = await desk.as_user("window_clerk", region=county)
    sent = {"life_event": "death", "region": county, "form": desk.sent}
    answer = await clerk.post("/api/v1/cases", json=sent, headers=key())
    assert (answer.status_code, answer.json()["case_no"]) == (200, desk.case_no)
    assert answer.json()["procedures"] == [] and answer.json()["timeline"] == []
    for path in ("", "/events"):
        assert_problem(await clerk.get(f"/api/v1/cases/{desk.case_no}{path}"), 404)
    act = {"reason": "改期", "version": 1}
    assert_problem(await clerk.post(f"/api/v1/cases/{desk.case_no}/withdrawal", json=act, headers=key()), 404)


async def test_a_window_reports_in_its_own_region_only(desk):
    clerk = await desk.as_user("window_clerk", region=desk.county)
    elsewhere = next(user["region"] for user in desk.users
                     if user["role"] == "window_clerk" and user["region"] != desk.county)  # fmt: skip
    sent = {"life_event": "death", "region": elsewhere, "form": desk.sent}
    assert_problem(await clerk.post("/api/v1/cases", json=sent, headers=key()), 403)


@pytest.mark.parametrize(
    ("role", "right", "wrong"), [("window_clerk", "window", "web"), ("citizen", "web", "window")]
)
async def test_the_channel_follows_from_the_role(town, role, right, wrong):
    reporter = await town.as_user(role, region=town.county)
    sent = {
        "life_event": "death",
        "region": town.county,
        "form": await town.form(await town.person("elder_card")),
    }
    for channel in (wrong, "department", "fax"):
        answer = await reporter.post("/api/v1/cases", json={**sent, "channel": channel}, headers=key())
        assert_problem(answer, 422, field="/channel")
    answer = await reporter.post("/api/v1/cases", json={**sent, "channel": right}, headers=key())
    assert (answer.status_code, answer.json()["channel"]) == (201, right)


async def test_a_stranger_who_reports_learns_nothing_about_benefits(town):
    """Whom the register does not know as a relative: what was found out reads `handled`, in the timeline too."""
    stranger = await town.as_user("citizen", region=town.county)
    form = await town.form(await town.person("elder_card"))
    sent = {"life_event": "death", "region": town.county, "form": form}
    case_no = (await stranger.post("/api/v1/cases", json=sent, headers=key())).json()["case_no"]
    await town.settle()
    seen = (await stranger.get(f"/api/v1/cases/{case_no}")).json()
    hidden = {row["id"]: row for row in seen["procedures"] if row["reason"] == "handled"}
    assert all((row["state"], row["result"]) == ("done", {}) for row in hidden.values())
    truth = {row["id"]: row["state"] for row in (await town.case(case_no))["procedures"]}
    assert {truth[one] for one in hidden} >= {"done", "not_applicable"}
    death = (await town.http.get("/api/v1/life-events/death")).json()
    found_out = {row["type"] for row in death["procedures"] if (row["when"] or {}).get("predicate")}
    answered = [
        row for row in seen["procedures"] if row["type"] in found_out and truth[row["id"]] != "waiting"
    ]
    assert answered
    assert [row["type"] for row in answered if row["id"] not in hidden] == []
    told = [line["kind"] for line in seen["timeline"] if line["procedure"] in hidden]
    assert "done" in told and "not_applicable" not in told


def _number(birth: str) -> str:
    return (start := f"990004{birth}530") + ric.calc_check_digit(f"{start}0")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id_number", "990004194005305301"), ("id_number", _number("19410230")), ("id_number", _number("20900101")),
        ("id_number", "123"), ("id_number", 7), ("id_number", None), ("name", None), ("name", " "),
        ("place", "moon"), ("place", None), ("died_at", None), ("died_at", "yesterday"),
        ("died_at", "2026-03-01T09:00:00"), ("died_at", "2099-03-01T09:00:00+08:00"),
        ("died_at", "1800-03-01T09:00:00+08:00"), ("id_kind", "library_card"), ("hukou_region", "999999"),
        ("infectious", "no"), ("shoe_size", 42),
    ],
)  # fmt: skip
async def test_a_faulty_answer_is_named_by_its_place_and_nothing_is_opened(town, field, value):
    dead = await town.look((await town.http.get("/demo/people?limit=1")).json()["items"][0]["person"])
    form = await town.form(dead, dead)
    form["applicant"]["relation"] = "child"
    form["deceased"] = {**form["deceased"], field: value}
    if value is None:
        del form["deceased"][field]
    assert_problem(await town.report(form), 422, field=f"/form/deceased/{field}")
    county = await town.as_user("county_supervisor", region=town.county)
    assert listed(await county.get("/api/v1/cases", params={"person": dead["person"]})) == []


@pytest.mark.parametrize("field", ["name", "id_number", "relation", "phone"])
async def test_the_applicant_is_asked_for_name_number_relation_and_phone(desk, field):
    form = {
        **desk.sent,
        "applicant": {name: said for name, said in desk.sent["applicant"].items() if name != field},
    }
    assert_problem(await desk.report(form), 422, "required", f"/form/applicant/{field}")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"life_event": "rebirth"}, "/life_event"), ({"region": "999999"}, "/region"), ({"region": "33"}, "/region"),
     ({"region": 331022}, "/region"), ({"form": []}, "/form"), ({"note": "x"}, "/note"),
     ({"on_behalf_of": str(uuid4())}, "/on_behalf_of")],
)  # fmt: skip
async def test_an_unknown_life_event_region_person_or_field_is_refused(desk, change, field):
    sent = {"life_event": "death", "region": desk.county, "form": desk.sent, **change}
    assert_problem(await desk.clerk.post("/api/v1/cases", json=sent, headers=key()), 422, field=field)


async def test_a_death_without_a_number_and_one_with_a_passport_are_taken(town):
    form = await town.form(await town.person("elder_card"))
    form["deceased"] |= {"id_kind": "passport", "id_number": f"E{uuid4().int % 10**8:08}"}
    assert (await town.report(form)).status_code == 201
    form["deceased"]["id_kind"] = "unknown"
    del form["deceased"]["id_number"]
    assert (await town.report(form)).status_code == 201


async def test_cases_are_listed_by_status_event_region_and_person(desk):
    county = await desk.as_user("county_supervisor", region=desk.county)
    for query in ({"person": desk.dead["person"]}, {"region": desk.county}, {"region": desk.county[:4] + "00"},
                  {"life_event": "death"}, {"status": "in_progress", "person": desk.dead["person"]}):  # fmt: skip
        found = listed(await county.get("/api/v1/cases", params={"limit": 200, **query}))
        assert desk.case_no in {one["case_no"] for one in found}, query
    none = {"status": "revoked", "person": desk.dead["person"]}
    assert listed(await county.get("/api/v1/cases", params=none)) == []


async def test_a_task_has_every_member_and_is_found_by_owner_region_event_and_due(desk, case):
    county = await desk.as_user("county_supervisor", region=desk.county)
    row = procedure(case, "assistance.household_recheck")
    later = (await desk.now() + timedelta(days=200)).isoformat()
    for query in (
        {"owner": "assistance"},
        {"region": desk.county},
        {"life_event": "death"},
        {"due_before": later},
    ):
        found = listed(await county.get("/api/v1/tasks", params={"limit": 200, **query}))
        (task,) = [one for one in found if one["procedure"] == row["id"]]
        assert set(task) >= TASK and task["colour"] in ("none", "blue", "yellow", "red")
        assert all({"id", "name", "data_schema"} <= set(one) for one in task["decisions"])
    assert set((await county.get(f"/api/v1/tasks/{task['id']}")).json()) >= TASK
    assert_problem(await county.get(f"/api/v1/tasks/{uuid4()}"), 404)
    for other in ({"owner": "funeral"}, {"life_event": "birth"}):
        found = listed(await county.get("/api/v1/tasks", params={"limit": 200, **other}))
        assert row["id"] not in {one["procedure"] for one in found}


async def test_a_decision_is_checked_before_anything_is_done(desk, case):
    officer = await desk.as_user("township_officer", region=desk.county)
    row = procedure(case, "assistance.household_recheck")
    task = (await officer.get(f"/api/v1/tasks/{row['tasks'][0]['id']}")).json()
    right = {"decision": task["decisions"][0]["id"], "reason": "核实", "data": {}, "version": task["version"]}
    path = f"/api/v1/tasks/{task['id']}/decision"
    for wrong, status in (({"decision": "shrug"}, 422), ({"version": task["version"] + 1}, 409), ({"note": 1}, 422),
                          ({"data": {"bonus": 1}}, 422)):  # fmt: skip
        assert_problem(await officer.post(path, json={**right, **wrong}, headers=key()), status)
    county = await desk.as_user("county_supervisor", region=desk.county)
    assert_problem(await county.post(path, json=right, headers=key()), 403)
    assert procedure(await desk.case(desk.case_no), row["type"])["version"] == row["version"]


async def test_people_are_searched_by_staff_and_never_browsed(desk):
    assert_problem(await desk.clerk.get("/api/v1/people"), 422)
    for query in ({"id_number": desk.dead["id_number"]}, {"name": desk.dead["name"]}):
        found = listed(await desk.clerk.get("/api/v1/people", params=query))
        assert desk.dead["person"] in {one["person"] for one in found}
        assert all("*" in one["id_number"] for one in found)
    assert listed(await desk.clerk.get("/api/v1/people", params={"id_number": "990004194005305301"})) == []
    citizen = await desk.as_user("citizen", region=desk.county)
    assert_problem(await citizen.get("/api/v1/people", params={"name": desk.dead["name"]}), 403)


async def test_a_person_shows_what_person_and_household_hold_and_wait_for(desk):
    seen = (await desk.clerk.get(f"/api/v1/people/{desk.dead['spouse']}")).json()
    assert seen["marital_state"] == "widowed" and isinstance(seen["household"], list)
    dead = (await desk.clerk.get(f"/api/v1/people/{desk.dead['person']}")).json()
    assert {hold["kind"] for hold in dead["holds"]} >= {"old_age_allowance"}
    assert desk.case_no in {one["case_no"] for one in dead["cases"]}
    assert_problem(await desk.clerk.get(f"/api/v1/people/{uuid4()}"), 404)


async def first_event(client, path, **headers):
    """The first event of a stream as {id, event, data}, or its first comment."""
    found = {}
    async with client.stream("GET", path, headers=headers, timeout=httpx.Timeout(30)) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if not line and found:
                return found
            name, _, value = line.partition(":")
            found[name] = value.strip()
    return found


async def test_the_events_of_a_case_resume_where_the_listener_left(desk):
    path = f"/api/v1/cases/{desk.case_no}/events"
    first = await first_event(desk.clerk, path)
    assert first["id"] and desk.case_no in first["data"]
    assert "data" not in await first_event(desk.clerk, path, **{"Last-Event-ID": first["id"]})
    assert "data" in await first_event(desk.clerk, path, **{"Last-Event-ID": "0"})
