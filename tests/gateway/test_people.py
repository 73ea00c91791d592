"""The register of people: searched and logged, never browsed."""

import asyncio
from uuid import uuid4

from gateway.people.register import Named
from kernel.public_service.access import Role
from tests.gateway.office import NOW, OTHER_COUNTY, Office


async def test_a_number_finds_the_person_masked_and_the_search_is_logged(office: Office) -> None:
    dead, _ = office.couple()
    async with office.clerk as http:
        found = (await http.get("/api/v1/people", params={"id_number": dead.id_number})).json()["items"]
    assert [one["person"] for one in found] == [str(dead.person)]
    assert (found[0]["name"], found[0]["id_number"][6:16]) == (dead.name, "**********")
    (line,) = await office.rows("SELECT actor, action, object FROM audit_log")
    assert (line.actor, line.action, line.object) == (
        "window_clerk-331022",
        "search_people",
        f"person:{dead.person}",
    )


async def test_a_name_finds_its_bearers_in_the_readers_region_only(office: Office) -> None:
    dead, _ = office.couple()
    async with office.clerk as here, office.client(Role.WINDOW_CLERK, region=OTHER_COUNTY) as there:
        mine = (await here.get("/api/v1/people", params={"name": dead.name})).json()["items"]
        theirs = (await there.get("/api/v1/people", params={"name": dead.name})).json()["items"]
    assert str(dead.person) in [one["person"] for one in mine]
    assert str(dead.person) not in [one["person"] for one in theirs]


async def test_people_are_not_browsed(office: Office) -> None:
    async with office.clerk as http:
        assert (await http.get("/api/v1/people")).status_code == 422
    async with office.client(Role.CITIZEN, person=uuid4()) as http:
        assert (await http.get("/api/v1/people", params={"name": "王五"})).status_code == 403


async def test_a_person_is_shown_with_what_the_services_hold(office: Office) -> None:
    dead, spouse = office.couple()
    case = (await office.post_report(office.form(dead, spouse))).json()
    async with office.clerk as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert {"dibao", "old_age_allowance"} <= {hold["kind"] for hold in shown["holds"]}
    assert (shown["marital_state"], shown["spouse"], shown["life"]) == (
        "married",
        str(spouse.person),
        "alive",
    )
    assert [one["case_no"] for one in shown["cases"]] == [case["case_no"]]
    assert str(spouse.person) in [one["person"] for one in shown["household"]]


async def test_a_citizen_reads_only_himself(office: Office) -> None:
    dead, spouse = office.couple()
    async with office.client(Role.CITIZEN, person=spouse.person) as http:
        assert (await http.get(f"/api/v1/people/{spouse.person}")).status_code == 200
        assert (await http.get(f"/api/v1/people/{dead.person}")).status_code == 404
        assert (await http.get(f"/api/v1/people/{uuid4()}")).status_code == 404


async def test_a_service_that_is_away_makes_the_view_503(office: Office) -> None:
    dead, _ = office.couple()
    office.desk.owners._clients.pop("eldercare")
    async with office.clerk as http:
        answer = await http.get(f"/api/v1/people/{dead.person}")
    assert (answer.status_code, answer.json()["code"]) == (503, "owner_away")


async def test_one_new_number_named_by_many_at_once_is_one_person(office: Office) -> None:
    named = [Named("passport", "E12345678", {"name": "王新"})]

    async def resolve() -> list:
        async with office.desk.open() as tx:
            return await office.desk.register.resolve(tx, named, at=NOW)

    found = await asyncio.gather(*(resolve() for _ in range(8)))
    assert len({one.person for (one,) in found}) == 1
    assert [one.fresh for (one,) in found].count(True) == 1
    assert len(await office.rows("SELECT 1 FROM person_identifiers WHERE kind = 'passport'")) == 1


async def test_two_spellings_of_a_number_are_one_person(office: Office) -> None:
    dead, _ = office.couple()
    async with office.desk.open() as tx:
        spellings = [
            Named("resident_id", number)
            for number in (dead.id_number, f" {dead.id_number[:6]} {dead.id_number[6:]}")
        ]
        found = await office.desk.register.resolve(tx, spellings, at=NOW)
    assert {one.person for one in found} == {dead.person}
