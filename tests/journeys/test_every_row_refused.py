"""Departments that refuse, a relation that nobody can prove, and a report taken back before anything is confirmed."""

import pytest

from tests.journeys.desks import ANSWERED, DEPARTMENTS, OFFERED, accept, answer_all, decide, withdraw
from tests.journeys.town import procedure, states

PROOF, QUERY, GUIDE = "gateway.proof_of_relation", "gateway.asset_query", "gateway.estate_guide"


async def reported(town, relation="other_relative", **wishes):
    """A death that a relative from elsewhere reports: the case number."""
    form = await town.form(await town.person("elder_card"), **wishes)
    form["applicant"]["relation"] = relation
    answer = await town.report(form)
    assert answer.status_code == 201, answer.text
    return answer.json()["case_no"]


@pytest.fixture
async def by_hand(town):
    """Departments that answer only when a person of theirs does."""
    await town.departments("manual", *DEPARTMENTS)
    yield
    await town.departments("prompt", *DEPARTMENTS)


@pytest.fixture
async def unconfirmed(town):
    """Nobody has proved a death yet."""
    await town.departments("manual", "health")
    yield
    await town.departments("prompt", "health")


@pytest.mark.refusal(*ANSWERED, to="refused")
async def test_what_a_department_refuses_ends_refused_with_its_reason(town, by_hand):
    case_no = await reported(town)
    await accept(town, case_no, *OFFERED)
    await answer_all(town, case_no, "refused")
    case = await town.settled(case_no)
    ended = {kind: (procedure(case, kind)["state"], procedure(case, kind)["reason"]) for kind in ANSWERED}
    assert ended == dict.fromkeys(ANSWERED, ("refused", "经核实"))


@pytest.mark.refusal(PROOF, to="refused")
async def test_a_relation_that_nothing_proves_is_refused_by_a_clerk(town):
    case_no = await reported(town, "sibling", asset_query=True)
    case = await decide(town, case_no, PROOF, "window_clerk", "not_proven", reason="没有证明材料")
    assert (procedure(case, PROOF)["state"], procedure(case, PROOF)["reason"]) == ("refused", "没有证明材料")


@pytest.mark.undo(PROOF, QUERY, GUIDE, to="withdrawn")
async def test_a_family_that_asks_no_more_is_told_nothing_of_the_estate(town, unconfirmed):
    case_no = await reported(town, "sibling", asset_query=True)
    found = states(await withdraw(town, case_no))
    assert {found[kind] for kind in (PROOF, QUERY, GUIDE)} == {"withdrawn"}
