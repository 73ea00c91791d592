"""People whom nobody buries or inherits from, and a death that the police prove: the rows that only they have."""

from datetime import timedelta

import pytest

from tests.journeys.desks import decide, revoke
from tests.journeys.town import procedure, states

FUNERAL, MANAGER, OVERPAID = "assistance.tekun_funeral", "assistance.estate_manager", "assistance.overpayment"
PROOF = "police.abnormal_death_proof"
BY_THE_OFFICES = (FUNERAL, MANAGER, OVERPAID)


async def left_alone(town, days):
    """The village reports that somebody in destitute support died so many days ago, without heirs: the case number."""
    dead = await town.person("tekun", "bed")  # whom nobody saw after that day
    form = await town.form(dead)
    form["deceased"]["died_at"] = (await town.now() - timedelta(days=days)).isoformat(timespec="seconds")
    form["applicant"]["relation"] = "village"
    form["heirs"] = []
    answer = await town.report(form)
    assert answer.status_code == 201, answer.text
    return answer.json()["case_no"]


@pytest.fixture
async def cared_for(town):
    """Ten weeks after the death: buried, a manager appointed, and what was paid since is to come back."""
    case_no = await left_alone(town, 70)
    await decide(town, case_no, FUNERAL, "township_officer", "arranged", by="township")
    await decide(town, case_no, MANAGER, "county_supervisor", "appointed", manager="civil_affairs")
    await decide(town, case_no, OVERPAID, "township_officer", "propose", way="whole")
    await decide(town, case_no, OVERPAID, "county_supervisor", "recover", instalments=1)
    return case_no


@pytest.mark.journey(*BY_THE_OFFICES, to="done")
async def test_the_offices_bury_who_had_nobody_and_settle_what_is_left(town, cared_for):
    case = await town.settled(cared_for)
    assert {kind: states(case)[kind] for kind in BY_THE_OFFICES} == dict.fromkeys(BY_THE_OFFICES, "done")
    assert procedure(case, OVERPAID)["result"]["overpaid_fen"] > 0


@pytest.mark.undo(*BY_THE_OFFICES, to="undone")
async def test_a_wrong_match_takes_back_what_the_offices_decided(town, cared_for):
    await town.case(cared_for)
    await revoke(town, cared_for)
    case = await town.until_status(cared_for, "revoked")
    undone = {kind: procedure(case, kind)["undo_kind"] for kind in BY_THE_OFFICES}
    assert undone == dict.fromkeys(BY_THE_OFFICES, "annotate")


@pytest.mark.refusal(FUNERAL, MANAGER, to="not_applicable")
async def test_relatives_who_turn_up_bury_and_inherit_themselves(town):
    case_no = await left_alone(town, 1)
    await decide(town, case_no, FUNERAL, "township_officer", "relatives_arrange", reason="侄子自愿办理")
    case = await decide(town, case_no, MANAGER, "county_supervisor", "heirs_found", reason="有代位继承的侄子")
    assert {procedure(case, FUNERAL)["state"], procedure(case, MANAGER)["state"]} == {"not_applicable"}


@pytest.fixture
async def abnormal(town):
    """A death that the window knows to be abnormal: the police prove it, not the health department."""
    form = await town.form(await town.person("elder_card"))
    form["deceased"]["cause"] = "abnormal"
    answer = await town.report(form)
    assert answer.status_code == 201, answer.text
    return await town.settled(answer.json()["case_no"])


@pytest.mark.journey(PROOF, to="done")
async def test_the_police_prove_an_abnormal_death(abnormal):
    found = states(abnormal)
    assert (found[PROOF], found["health.death_certificate"]) == ("done", "not_applicable")
    assert found["police.household_cancellation"] == "done"


@pytest.mark.undo(PROOF, to="undone")
async def test_a_void_proof_of_the_police_is_annotated(town, abnormal):
    await revoke(town, abnormal["case_no"])
    row = procedure(await town.until_status(abnormal["case_no"], "revoked"), PROOF)
    assert (row["state"], row["undo_kind"]) == ("undone", "annotate")
