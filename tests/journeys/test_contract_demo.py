"""The demo profile: users, people, clock, settling, departments, messages (api.md, Demo profile only)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.journeys.contract import INSTANT, assert_problem, listed
from tests.journeys.town import procedure, states

KINDS = (
    "dibao", "tekun", "edge", "rigid", "temporary", "disability_living", "disability_nursing", "orphan",
    "unattended_child", "old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy", "voucher",
    "meal_discount", "home_order", "visit_plan", "bed", "elder_card",
)  # fmt: skip
PERSON = {"person", "name", "id_number", "sex", "birth_date", "region", "household", "marital_state", "spouse",
          "relatives", "holds"}  # fmt: skip


async def test_every_demo_county_has_its_users_and_every_department_one(town):
    assert all({"user", "title", "role", "region", "owner", "person"} <= set(user) for user in town.users)
    counties = {user["region"] for user in town.users if user["role"] == "window_clerk"}
    assert len(counties) >= 5 and all(re.fullmatch(r"\d{6}", county) for county in counties)
    wanted = {
        "citizen",
        "window_clerk",
        "township_officer",
        "county_supervisor",
        "registrar",
        "funeral_home",
        "provider",
    }
    for county in counties:
        here = [user for user in town.users if user["region"].startswith(county)]
        assert wanted | {"funeral_home"} <= {user["role"] for user in here}
        family = [await town.look(user["person"]) for user in here if user["role"] == "citizen"]
        assert any(person["relatives"] for person in family)
    departments = (await town.http.get("/demo/departments")).json()
    owners = [user["owner"] for user in town.users if user["role"] == "department"]
    assert sorted(owners) == sorted(one["id"] for one in departments)
    roles = [user["role"] for user in town.users]
    assert (roles.count("auditor"), roles.count("operator")) == (1, 1)


async def test_everybody_can_sign_in_and_nobody_else(town):
    for user in town.users[:1] + town.users[-1:]:
        answer = await town.http.post("/api/v1/sessions", json={"user": user["user"]})
        assert (answer.status_code, answer.json()["role"]) == (201, user["role"])
    assert_problem(await town.http.post("/api/v1/sessions", json={"user": "nobody"}), 422, field="/user")


@pytest.mark.parametrize("kind", KINDS)
async def test_people_are_found_by_what_they_hold(town, kind):
    query = {"region": town.county, "holds": kind, "limit": 5}
    people = listed(await town.http.get("/demo/people", params=query))
    assert people, kind
    for person in people:
        assert set(person) >= PERSON and person["region"].startswith(town.county)
        assert all(set(one) >= {"person", "relation"} for one in person["relatives"])
        (hold, *_) = [one for one in person["holds"] if one["kind"] == kind]
        assert set(hold) >= {"id", "service", "kind", "state", "amount_fen", "paid_through"}
        assert hold["amount_fen"] is None or isinstance(hold["amount_fen"], int)


async def test_one_person_is_looked_at_and_an_unknown_one_is_not_there(town):
    somebody = listed(await town.http.get("/demo/people", params={"limit": 1}))[0]
    assert (await town.look(somebody["person"]))["id_number"] == somebody["id_number"]
    assert_problem(await town.http.get(f"/demo/people/{uuid4()}"), 404)
    assert_problem(await town.http.get("/demo/people?region=33"), 422)


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"set": "2020-01-01T00:00:00+08:00"}, 409), ({"advance": "P401D"}, 422), ({"advance": "P9999Y"}, 422),
     ({"set": "9999-12-31T23:59:59Z"}, 422), ({"set": "0001-01-01T00:00:00+14:00"}, 422), ({"advance": "-P1D"}, 422),
     ({"set": "2090-01-01T00:00:00"}, 422), ({"advance": "soon"}, 422), ({}, 422), ({"backwards": "P1D"}, 422),
     ({"advance": "P1D", "set": "2090-01-01T00:00:00+08:00"}, 422)],
)  # fmt: skip
async def test_the_clock_goes_forward_only_and_400_days_at_most(town, sent, status):
    before = await town.now()
    assert_problem(await town.http.post("/demo/clock", json=sent), status)
    assert await town.now() - before < timedelta(minutes=5)


async def test_the_clock_tells_now_and_what_fired(town):
    before = await town.now()
    for sent in (
        {"advance": "PT0S"},
        {"advance": "PT2M"},
        {"set": (before + timedelta(minutes=5)).isoformat()},
    ):
        answer = await town.http.post("/demo/clock", json=sent)
        assert answer.status_code == 200, answer.text
        assert INSTANT.fullmatch(answer.json()["now"]) and isinstance(answer.json()["fired"], int)
    assert await town.now() >= before + timedelta(minutes=5)


async def test_settling_needs_no_time_to_be_named(town):
    for body in ({"json": {"timeout_seconds": 60}}, {"json": {}}, {}):
        answer = await town.http.post("/demo/settle", **body)
        assert (answer.status_code, answer.json()) == (200, {"settled": True, "moving": []})


async def test_settling_tells_what_is_still_to_come(town):
    await town.departments("slow", "health", delay_seconds=5)
    try:
        assert (await town.report(await town.form(await town.person("elder_card")))).status_code == 201
        answer = await town.http.post("/demo/settle", json={"timeout_seconds": 1})
        assert answer.json()["settled"] is False and answer.json()["moving"]
        await town.settle()
    finally:
        await town.departments("prompt", "health")


@pytest.mark.parametrize(
    ("mode", "state"),
    [("error", "open"), ("silent", "open"), ("manual", "open"), ("wrong", "stuck"), ("slow", "done")],
)
async def test_a_departments_mode_decides_about_its_answer(town, mode, state):
    await town.departments(mode, "health", delay_seconds=1 if mode == "slow" else 0)
    try:
        answer = await town.report(await town.form(await town.person("elder_card")))
        case = await town.settled(answer.json()["case_no"])
        assert procedure(case, "health.death_certificate")["state"] == state
        assert (states(case)["eldercare.stop_benefits"] == "waiting") is (state != "done")
    finally:
        await town.departments("prompt", "health")


@pytest.mark.parametrize(
    ("department", "sent", "status"),
    [("astrology", {"mode": "prompt"}, 404), ("health", {"mode": "lazy"}, 422), ("health", {}, 422),
     ("health", {"mode": "slow", "delay_seconds": -1}, 422), ("health", {"mode": "slow", "mood": 1}, 422)],
)  # fmt: skip
async def test_a_faulty_mode_is_refused(town, department, sent, status):
    assert_problem(await town.http.put(f"/demo/departments/{department}", json=sent), status)


@pytest.mark.parametrize("member", ["name", "sex", "birth_date"])
async def test_health_confirms_only_the_registers_own_words(town, member):
    dead = await town.person("elder_card")
    form = await town.form(dead)
    other = {
        "name": "王另人",
        "sex": "female" if dead["sex"] == "male" else "male",
        "birth_date": "1931-01-01",
    }
    form["deceased"][member] = other[member]
    case = await town.settled((await town.report(form)).json()["case_no"])
    row = procedure(case, "health.death_certificate")
    assert row["state"] == "stuck" and "identity_doubt" in {task["step"] for task in row["tasks"]}
    assert states(case)["eldercare.stop_benefits"] == "waiting"


async def test_messages_are_listed_by_case(town):
    answer = await town.http.get("/demo/messages", params={"case_no": "331022-20260301-22222222"})
    assert (answer.status_code, answer.json()) == (200, [])
