"""Who sees how much of a case (design 7)."""

from kernel.public_service.access import Role
from tests.gateway.cases.test_moves import case_ids, move, outcome
from tests.gateway.office import OTHER_COUNTY, Office, row

HELD = "eldercare.pause_services"


async def held_case(office: Office, relation: str = "spouse") -> tuple[str, object]:
    """A case with an answer that tells what the dead person held; the number, and the applicant."""
    dead, spouse = office.couple()
    applicant = spouse if relation == "spouse" else office.couple()[0]
    form = office.form(dead, spouse)
    form["applicant"] |= {"name": applicant.name, "id_number": applicant.id_number, "relation": relation}
    citizen = office.client(Role.CITIZEN, person=applicant.person)
    case = (await office.post_report(form, client=citizen)).json()
    (case_id,) = await case_ids(office)
    await move(office, (case_id, [outcome(case, HELD, result={"suspended": 2}, reason="held")]))
    return case["case_no"], applicant.person


async def test_a_relative_whom_the_register_knows_sees_results(office: Office) -> None:
    case_no, person = await held_case(office)
    shown = row(await office.read(case_no, office.client(Role.CITIZEN, person=person)), HELD)
    assert (shown["state"], shown["reason"], shown["result"]) == ("done", "held", {"suspended": 2})


async def test_before_kinship_is_proven_a_finding_reads_handled(office: Office) -> None:
    case_no, person = await held_case(office, relation="carer")
    shown = row(await office.read(case_no, office.client(Role.CITIZEN, person=person)), HELD)
    assert (shown["state"], shown["reason"], shown["result"]) == ("done", "handled", {})


async def test_a_finding_of_nothing_looks_the_same_as_a_finding(office: Office) -> None:
    dead, _ = office.couple()
    stranger = office.couple()[0]
    form = office.form(dead, stranger)
    form["applicant"]["relation"] = "carer"
    citizen = office.client(Role.CITIZEN, person=stranger.person)
    case = (await office.post_report(form, client=citizen)).json()
    (case_id,) = await case_ids(office)
    nothing = outcome(case, HELD, state="not_applicable", reason="holds_nothing")
    await move(office, (case_id, [nothing]))
    shown = row(await office.read(case["case_no"], office.client(Role.CITIZEN, person=stranger.person)), HELD)
    assert (shown["state"], shown["reason"], shown["result"]) == ("done", "handled", {})


async def test_a_department_sees_its_own_results_only(office: Office) -> None:
    case_no, _ = await held_case(office)
    shown = await office.read(case_no, office.client(Role.DEPARTMENT, region="000000", owner="police"))
    assert row(shown, HELD)["result"] == {}
    assert row(await office.read(case_no), HELD)["result"] == {"suspended": 2}


async def test_a_department_without_a_row_does_not_know_the_case(office: Office) -> None:
    case_no, _ = await held_case(office)
    async with office.client(Role.DEPARTMENT, region="000000", owner="education") as http:
        assert (await http.get(f"/api/v1/cases/{case_no}")).status_code == 404


async def test_lists_hold_what_the_reader_may_see(office: Office) -> None:
    dead, spouse = office.couple()
    case = (await office.post_report(office.form(dead, spouse))).json()
    await office.report()

    async def listed(client) -> list[str]:
        async with client as http:
            return [item["case_no"] for item in (await http.get("/api/v1/cases")).json()["items"]]

    assert len(await listed(office.clerk)) == 2
    assert await listed(office.client(Role.CITIZEN, person=spouse.person)) == [case["case_no"]]
    assert await listed(office.client(Role.WINDOW_CLERK, region=OTHER_COUNTY)) == []
    assert len(await listed(office.client(Role.AUDITOR, region="000000"))) == 2


async def test_a_list_is_read_page_by_page_newest_first(office: Office) -> None:
    reported = [(await office.report())["case_no"] for _ in range(3)]
    async with office.clerk as http:
        seen, after = [], None
        while True:
            page = (
                await http.get("/api/v1/cases", params={"limit": 2, **({"after": after} if after else {})})
            ).json()
            seen += [item["case_no"] for item in page["items"]]
            if (after := page["next"]) is None:
                break
    assert sorted(seen) == sorted(reported)
    assert len(seen) == 3
