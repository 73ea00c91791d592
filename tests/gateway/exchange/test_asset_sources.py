"""The sources of a joint query in all six moods, over real HTTP: none of them holds up the others."""

from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from deploy.local.departments.app import Departments
from gateway.cases.reports import Report
from gateway.clocks import Clocks
from gateway.demo.moving import GatewayPlace
from gateway.exchange.asked import Said, said_in
from gateway.exchange.rows import of_askers
from kernel.testing import eventually
from tests.gateway.exchange.house import COUNTY, House
from tests.gateway.exchange.test_modes import assert_comes_to, set_mode

QUERY = "gateway.asset_query"
_TIE = text("INSERT INTO person_relations (person, relative, relation) VALUES (:dead, :child, 'child')")


async def run_checks(house: House) -> None:
    """What is due by now, as the demo's clock runs it."""
    clocks = Clocks(house.desk.moves, house.exchange.limits)
    await GatewayPlace(house.desk, house.exchange.pushed, clocks).run_checks(house.clock.now())


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def asked(house: House, number: str) -> UUID:
    """A child reports and asks where assets are held; the case."""
    form = house.form(number) | {"wishes": {"asset_query": True}}
    filed_by = Report("death", COUNTY, form, "window", "window_clerk-331022")
    async with house.desk.open() as tx:
        filed = await house.desk.reports.file(tx, filed_by, at=house.clock.now())
        persons = filed.standing.persons
        await tx.execute(_TIE, {"dead": filed.standing.subject, "child": persons["applicant"]})
    await house.no_sign_of_life(filed.case)
    return filed.case


async def words(house: House, case: UUID) -> dict[str, tuple[str | None, Said | None]]:
    """Source → its last word, and what it said."""
    query = await house.row(case, QUERY)
    async with house.desk.open() as tx:
        rows = (await of_askers(tx, [query["id"]]))[query["id"]]
    return {
        row.department: (row.answer, row.sealed and said_in(row.sealed, row.case_id, house.desk.sealer))
        for row in rows
    }


async def test_prompt_sources_answer_at_once_and_the_list_is_delivered(
    house: House, departments: Departments, number: str
) -> None:
    case = await asked(house, number)
    await assert_comes_to(house, case, QUERY, "done")
    found = await words(house, case)
    assert len(found) == 10
    assert {word for word, _ in found.values()} == {"done"}
    assert {said.held for _, said in found.values() if said} == {True, False}


@pytest.mark.parametrize(
    ("mode", "word"), [("silent", None), ("error", None), ("manual", None), ("wrong", "wrong_person")]
)
async def test_a_source_that_does_not_answer_well_delays_nobody_beyond_the_promise(
    house: House, departments: Departments, number: str, mode: str, word: str | None
) -> None:
    await set_mode(house, "bank", mode)
    case = await asked(house, number)

    async def others_have_answered() -> bool:
        answers = [answer for source, (answer, _) in (await words(house, case)).items() if source != "bank"]
        return answers == ["done"] * 9

    await eventually(others_have_answered)
    due = (await house.row(case, QUERY))["due_at"]
    if due is not None:
        house.clock.instant = due.astimezone(house.clock.instant.tzinfo)
        await GatewayPlace(
            house.desk, house.exchange.pushed, Clocks(house.desk.moves, house.exchange.limits)
        ).run_checks(house.clock.now())
    await assert_comes_to(house, case, QUERY, "done")
    row = await house.row(case, QUERY)
    assert (row["result"]["answered"], row["result"]["not_answered"]) == (9, 1)
    assert (await words(house, case))["bank"] == (word, None)


async def test_a_slow_source_is_waited_for_and_answers_on_the_results_route(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "insurance", "slow", 1)
    case = await asked(house, number)
    await assert_comes_to(house, case, QUERY, "open")
    await assert_comes_to(house, case, QUERY, "done")
    assert (await house.row(case, QUERY))["result"]["answered"] == 10


async def test_a_source_that_was_silent_adds_its_answer_when_it_wakes(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "bank", "silent")
    case = await asked(house, number)
    await assert_comes_to(house, case, QUERY, "open")
    house.clock.instant = (await house.row(case, QUERY))["due_at"].astimezone(house.clock.instant.tzinfo)
    await GatewayPlace(
        house.desk, house.exchange.pushed, Clocks(house.desk.moves, house.exchange.limits)
    ).run_checks(house.clock.now())
    await assert_comes_to(house, case, QUERY, "done")
    await set_mode(house, "bank", "prompt")

    async def second_edition() -> bool:
        result = (await house.row(case, QUERY))["result"]
        return (result["edition"], result["answered"]) == (2, 10)

    await eventually(second_edition)


async def test_a_person_at_the_source_answers_on_its_page(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "real_estate", "manual")
    case = await asked(house, number)
    await assert_comes_to(house, case, QUERY, "open")
    (waiting,) = await house.deliveries(case, "real_estate.asset_query")
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert str(waiting["id"]) in (await http.get("/departments/real_estate")).text
        answer = {"id": str(waiting["id"]), "outcome": "done", "reason": ""}
        assert "accepted" in (await http.post("/departments/real_estate/answer", data=answer)).text
    await assert_comes_to(house, case, QUERY, "done")
    assert (await words(house, case))["real_estate"] == ("done", Said(None))
