"""Demo sign-in, the directory, life events, and what outside the demo is not there."""

from kernel.public_service.access import Role
from tests.gateway.office import COUNTY, OTHER_COUNTY, Office


async def test_every_demo_county_has_its_desk_and_every_department_a_user(office: Office) -> None:
    async with office.clerk as http:
        users = (await http.get("/demo/users")).json()
    roles = {
        "citizen",
        "window_clerk",
        "township_officer",
        "county_supervisor",
        "registrar",
        "funeral_home",
        "provider",
    }
    counties = office.desk.catalogue.tree.demo_counties
    assert {COUNTY, OTHER_COUNTY} <= set(counties)
    for county in counties:
        assert roles <= {user["role"] for user in users if (user["region"] or "").startswith(county)}, county
    departments = {user["owner"] for user in users if user["role"] == "department"}
    assert departments == set(office.desk.catalogue.departments)
    assert {"auditor", "operator"} <= {user["role"] for user in users}


async def test_a_demo_citizen_has_a_relative_in_the_register(office: Office) -> None:
    async with office.desk.open() as tx:
        citizens = [user for user in await office.desk.directory.users(tx) if user.role is Role.CITIZEN]
    for citizen in citizens:
        assert await office.rows("SELECT 1 FROM person_relations WHERE person = :me", me=citizen.person)


async def test_a_session_opens_what_its_role_may(office: Office) -> None:
    async with office.clerk as http:
        session = await http.post("/api/v1/sessions", json={"user": f"window_clerk-{COUNTY}"})
        http.headers["authorization"] = f"Bearer {session.json()['token']}"
        listed = await http.get("/api/v1/cases")
    assert (session.status_code, session.json()["role"], session.json()["region"]) == (
        201,
        "window_clerk",
        COUNTY,
    )
    assert listed.status_code == 200


async def test_an_unknown_user_is_named_as_the_fault(office: Office) -> None:
    async with office.clerk as http:
        answer = await http.post("/api/v1/sessions", json={"user": "emperor"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "/user")


async def test_life_events_tell_form_and_rows_as_the_region_has_them(office: Office) -> None:
    async with office.clerk as http:
        listed = (await http.get("/api/v1/life-events")).json()
        guide = (await http.get("/api/v1/life-events/death", params={"region": COUNTY})).json()
        missing = await http.get("/api/v1/life-events/wedding")
    assert listed[0]["id"] == "death"
    asked = next(row for row in guide["procedures"] if row["type"] == "gateway.asset_query")
    assert asked["limit"] == {"amount": 5, "unit": "WD", "from": "accepted"}  # the promise of Taizhou
    assert guide["form"]["type"] == "object"
    assert missing.status_code == 404


async def test_every_route_says_what_it_answers(office: Office) -> None:
    async with office.clerk as http:
        paths = (await http.get("/openapi.json")).json()["paths"]
    for path in ("/api/v1/cases", "/api/v1/tasks/{task_id}/decision", "/api/v1/cases/{case_no}/corrections"):
        operation = next(iter(operation for method, operation in paths[path].items() if method == "post"))
        assert "4XX" in operation["responses"], path
