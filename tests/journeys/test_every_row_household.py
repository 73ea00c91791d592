"""A household that lives on, told of late: what marriage, money and departments bring, and all taken back."""

from datetime import timedelta

import pytest

from tests.journeys.desks import ANSWERED, DEPARTMENTS, OFFERED, accept, answer_all, decide, revoke
from tests.journeys.town import procedure, states

POLICE_AND_HEALTH = ("health.death_certificate", "police.household_cancellation", "police.identity_card")
OURS = (
    "assistance.hold_payments", "assistance.stop_benefits", "assistance.household_recheck", "assistance.change_payee",
    "assistance.dependant_alert", "eldercare.pause_services", "eldercare.stop_benefits", "eldercare.overpayment",
    "eldercare.elder_card", "marriage.widowed",
)  # fmt: skip
ASSETS = ("gateway.proof_of_relation", "gateway.asset_query")
LASTING = ("gateway.estate_guide",)  # only a guide: nothing of it is taken back
ALL = (*POLICE_AND_HEALTH, *OURS, *ANSWERED, *ASSETS)
LATE = timedelta(days=70)  # two months were paid, and the quiet period of 49 days is over


@pytest.fixture
async def by_hand(town):
    """Departments that answer only when a person of theirs does."""
    await town.departments("manual", *DEPARTMENTS)
    yield
    await town.departments("prompt", *DEPARTMENTS)


@pytest.fixture
async def reported(town, by_hand):
    """The husband, who drew the household's money and an allowance, died ten weeks ago; his wife reports it."""
    one = await town.person("dibao", "old_age_allowance", "elder_card", married=True)
    other = await town.look(one["spouse"])
    dead, widow = (one, other) if one["sex"] == "male" else (other, one)
    form = await town.form(dead, widow, asset_query=True)
    form["deceased"]["died_at"] = (await town.now() - LATE).isoformat(timespec="seconds")
    form["dependants"] = [{"name": widow["name"], "id_number": widow["id_number"], "kind": "elder"}]
    answer = await town.report(form)
    assert answer.status_code == 201, answer.text
    return answer.json()["case_no"], widow


@pytest.fixture
async def finished(town, reported):
    """Every desk and every department has done its part: the case number."""
    case_no, widow = reported
    await accept(town, case_no, *OFFERED)
    await answer_all(town, case_no, "done")
    await decide(town, case_no, "assistance.dependant_alert", "township_officer", "needs_care")
    await decide(
        town, case_no, "assistance.dependant_alert", "county_supervisor", "arranged", measures=["relative"]
    )
    await decide(town, case_no, "assistance.household_recheck", "township_officer", "keep")
    await decide(
        town, case_no, "assistance.change_payee", "township_officer", "changed", payee=widow["person"]
    )
    over = "eldercare.overpayment"
    await decide(town, case_no, over, "township_officer", "propose", way="instalments")
    await decide(town, case_no, over, "county_supervisor", "recover", instalments=2)
    return case_no


@pytest.mark.journey(*ALL, *LASTING, to="done")
async def test_a_death_told_of_late_is_worked_through_to_the_last_row(town, finished):
    found = states(await town.settled(finished))
    assert {kind: found[kind] for kind in (*ALL, *LASTING)} == dict.fromkeys((*ALL, *LASTING), "done")


@pytest.mark.undo(*ALL, to="undone")
async def test_all_of_it_is_taken_back_when_it_was_another_person(town, finished):
    before = procedure(await town.settled(finished), "eldercare.overpayment")["result"]
    assert before["decision"] == "recover" and before["overpaid_fen"] > 0
    await revoke(town, finished)
    await answer_all(town, finished, "done")
    found = states(await town.until_status(finished, "revoked"))
    assert {kind: found[kind] for kind in ALL} == dict.fromkeys(ALL, "undone")
    assert {found[kind] for kind in LASTING} == {"done"}
