"""The register of people: searched and logged, never browsed."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from casework.facts import facts_handler
from contracts.facts import FactStated
from contracts.outcomes import Outcome, OwnerState
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.people.known_facts import FACTS_CONSUMER
from gateway.people.register import Named
from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.event import encode
from kernel.public_service.access import Role
from kernel.testing import eventually
from tests.gateway.office import NOW, OTHER_COUNTY, Office, row


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


async def test_what_is_held_tells_the_month_paid_last_and_the_month_due_next(office: Office) -> None:
    dead, _ = office.couple()
    async with office.clerk as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    dibao = next(one for one in shown["receives"] if one["kind"] == "dibao")
    assert (dibao["last_paid_month"], dibao["next_due_month"]) == ("2026-03", "2026-04")
    assert dibao["amount_fen"] > 0 and dibao["amount_shown"]
    assert {part["known"] for part in shown["parts"].values()} == {"live"}


@pytest.mark.parametrize("role", [Role.HOTLINE, Role.VILLAGE_ASSISTANT])
async def test_who_only_shows_the_way_sees_what_is_held_without_amounts(office: Office, role: Role) -> None:
    dead, _ = office.couple()
    async with office.client(role) as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert "dibao" in {hold["kind"] for hold in shown["holds"]}
    assert all(hold["amount_fen"] is None and not hold["amount_shown"] for hold in shown["holds"])


async def test_a_citizen_reads_himself_whole_and_of_the_living_at_home_what_they_share(
    office: Office,
) -> None:
    dead, spouse = office.couple()
    async with office.client(Role.CITIZEN, person=spouse.person) as http:
        mine = (await http.get(f"/api/v1/people/{spouse.person}")).json()
        theirs = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert (mine["sight"], theirs["sight"]) == ("whole", "shared")
    assert {hold["kind"] for hold in theirs["holds"]} == {"dibao"}, "the old-age allowance is the other's own"
    assert (theirs["marital_state"], theirs["relatives"], theirs["cases"], theirs["waits"]) == (
        None,
        [],
        [],
        [],
    )
    assert [one["person"] for one in mine["household"]] == [str(dead.person)]


async def test_a_citizen_knows_nothing_of_strangers(office: Office) -> None:
    dead, spouse = office.couple()
    stranger, _ = office.couple()
    async with office.client(Role.CITIZEN, person=stranger.person) as http:
        for person in (dead.person, spouse.person, uuid4()):
            assert (await http.get(f"/api/v1/people/{person}")).status_code == 404
    assert await office.rows("SELECT 1 FROM audit_log") == []


async def test_a_relative_reads_the_dead_whole_once_the_death_is_confirmed(office: Office) -> None:
    dead, spouse = office.couple()
    await office.health_reports(dead)
    async with office.client(Role.CITIZEN, person=spouse.person) as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert (shown["sight"], shown["life"]) == ("whole", "dead")
    assert "old_age_allowance" in {hold["kind"] for hold in shown["holds"]}


async def test_a_desk_is_not_shown_members_of_a_household_elsewhere(office: Office) -> None:
    dead, spouse = office.couple()
    async with office.desk.transactions.begin() as tx:
        await tx.execute(
            text("UPDATE people SET region = :there WHERE person = :spouse"),
            {"there": f"{OTHER_COUNTY}901000", "spouse": spouse.person},
        )
    async with office.clerk as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert (shown["household"], shown["household_not_shown"]) == ([], 1)


async def test_to_a_family_of_unproven_kinship_a_case_waits_for_nothing_that_was_found_out(
    office: Office,
) -> None:
    """A recheck under way says that the household holds a benefit."""
    dead, _ = office.couple()
    stranger, _ = office.couple()
    case = (await office.post_report(office.form(dead, stranger))).json()
    async with office.desk.open() as tx:
        (case_id,) = [row.id for row in await tx.execute(text("SELECT id FROM cases"))]
        outcomes = [
            OutcomeArrived(Outcome(
                procedure=row(case, kind)["id"], type=kind, order=1, version=5, state=OwnerState(state), at=NOW,
                result={},
            ))
            for kind, state in (
                ("assistance.hold_payments", "done"), ("eldercare.pause_services", "done"),
                ("health.death_certificate", "done"), ("assistance.stop_benefits", "done"),
                ("assistance.household_recheck", "open"),
            )
        ]  # fmt: skip
        await office.desk.moves.move(tx, [(case_id, outcomes)], at=NOW, actor="test")
    async with office.client(Role.CITIZEN, person=stranger.person) as http:
        (mine,) = (await http.get(f"/api/v1/people/{stranger.person}")).json()["cases"]
    async with office.clerk as http:
        (theirs,) = (await http.get(f"/api/v1/people/{stranger.person}")).json()["cases"]
    assert "assistance.household_recheck" in theirs["waits_for"]
    assert "assistance.household_recheck" not in mine["waits_for"]
    assert mine["tasks"] == []


async def test_applications_and_places_on_lists_are_waited_for(working: Office) -> None:
    dead, _ = working.couple()
    async with working.services["assistance"].transactions.begin() as tx:
        await tx.execute(
            text("""INSERT INTO applications (id, person, kind, region, state, submitted_at)
                VALUES (gen_random_uuid(), :person, 'temporary', '331022', 'pending', :at)"""),
            {"person": dead.person, "at": NOW},
        )
    async with working.services["eldercare"].transactions.begin() as tx:
        for place, person in enumerate((uuid4(), dead.person)):
            await tx.execute(
                text("""INSERT INTO bed_requests (id, person, home, asked_on, region, state)
                    VALUES (gen_random_uuid(), :person, :home, :asked, '331022', 'waiting')"""),
                {"person": person, "home": UUID(int=7), "asked": NOW.date() - timedelta(days=5 - place)},
            )
    async with working.clerk as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert [(one["service"], one["kind"], one["since"]) for one in shown["waits"]] == [
        ("assistance", "temporary", "2026-03-02"),
        ("eldercare", "bed_request", "2026-02-26"),
    ]


async def test_a_service_that_is_away_leaves_its_part_unknown_and_the_rest_as_it_is(office: Office) -> None:
    dead, _ = office.couple()
    office.desk.owners._clients.pop("eldercare")
    async with office.clerk as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert shown["parts"]["eldercare"] == {"known": "unknown", "as_of": None, "waits_known": False}
    assert shown["parts"]["assistance"]["known"] == "live"
    assert {hold["service"] for hold in shown["holds"]} == {"assistance"}


async def test_a_service_that_is_away_is_told_as_it_stated_it_last_and_as_of_when(office: Office) -> None:
    dead, _ = office.couple()
    stated = [
        FactStated(
            person=dead.person, fact="care", owner="eldercare", fact_version=version, recorded_at=at,
            state={"items": [{"kind": "old_age_allowance", "state": state}]},
        )
        for version, at, state in ((2, NOW, "stopped"), (1, NOW - timedelta(days=1), "active"))
    ]  # fmt: skip
    handler = facts_handler(office.desk.office, office.clock)
    for fact in stated:
        async with office.desk.transactions.begin_as(ConsumerTransaction, consumer=FACTS_CONSUMER) as tx:
            await handler([encode(fact, source="/lianban/eldercare")], tx)
    office.desk.owners._clients.pop("eldercare")
    async with office.clerk as http:
        shown = (await http.get(f"/api/v1/people/{dead.person}")).json()
    assert shown["parts"]["eldercare"] == {
        "known": "copy",
        "as_of": NOW.isoformat(timespec="seconds"),
        "waits_known": False,
    }
    (allowance,) = [hold for hold in shown["holds"] if hold["service"] == "eldercare"]
    assert (allowance["state"], allowance["amount_fen"], allowance["last_paid_month"]) == (
        "stopped",
        None,
        None,
    )


async def test_what_a_service_states_reaches_the_gateways_own_copies(working: Office) -> None:
    dead, _ = working.couple()
    await working.health_reports(dead)

    said = "SELECT fact, state FROM fact_statements WHERE person = :person ORDER BY fact"
    kept = "SELECT fact, state FROM fact_copies WHERE person = :person AND owner = :owner ORDER BY fact"

    async def copied(owner: str) -> list:
        copies = await working.rows(kept, person=dead.person, owner=owner)
        assert copies == await working.rows(said, service=owner, person=dead.person)
        return copies

    for owner, fact in (("assistance", "benefits"), ("eldercare", "care")):
        copies = await eventually(lambda owner=owner: copied(owner), within=20)
        assert fact in {copy.fact for copy in copies}


async def test_a_purpose_is_kept_with_each_person_who_was_looked_at(office: Office) -> None:
    dead, spouse = office.couple()
    async with office.clerk as http:
        await http.get(f"/api/v1/people/{dead.person}", params={"purpose": "入户走访"})
    lines = await office.rows("SELECT object, purpose FROM audit_log ORDER BY object")
    assert {line.object for line in lines} == {f"person:{dead.person}", f"person:{spouse.person}"}
    assert {line.purpose for line in lines} == {"入户走访"}


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
