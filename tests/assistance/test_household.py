"""What a death changes for those who are left: recheck, payee, dependants, estate (R01, R24)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoReason
from services.assistance.people_import import load_people
from tests.assistance.sight import (
    ALERT,
    ESTATE,
    PAYEE,
    RECHECK,
    STOP,
    Households,
    died,
    everything,
)
from tests.owner_desk import NOW, Desk, Report


async def _to_recheck(desk: Desk, households: Households) -> tuple[Report, Any]:
    husband = households["dibao_couple"].persons[0]
    report = died(husband, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    return report, await desk.send(Verb.OPEN, RECHECK, report)


async def test_the_recheck_asks_the_township_with_a_provisional_amount(
    desk: Desk, households: Households
) -> None:
    _, outcome = await _to_recheck(desk, households)
    amount = households["dibao_couple"].holdings[0].amount_fen
    assert outcome.state is OwnerState.OPEN
    assert outcome.result["before_fen"] == amount
    assert outcome.result["provisional_fen"] == amount // 2
    assert outcome.result["from_month"] == "2026-12"
    assert outcome.result["due_on"] == "2027-02-22"  # three months after 20 November, rolled past the holiday
    assert outcome.task is not None
    assert (outcome.task.role, outcome.task.facts["provisional_fen"]) == ("township_officer", amount // 2)


async def test_nobody_left_makes_the_recheck_not_applicable(desk: Desk, households: Households) -> None:
    report = died(households["dibao_single"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.OPEN, RECHECK, report)
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "household_holds_benefit")


async def test_a_signed_adjustment_changes_what_is_not_paid_yet(desk: Desk, households: Households) -> None:
    report, _ = await _to_recheck(desk, households)
    data = {"amount_fen": 30_000}
    answer = await desk.decide(RECHECK, report, "adjust", data=data, reason="人口减少")
    assert answer.status_code == 200, answer.text
    hold = households["dibao_couple"].holdings[0].id
    rows = await desk.rows(
        "SELECT h.amount_fen, p.amount_fen AS owed FROM holdings h JOIN payments p ON p.holding = h.id WHERE h.id = :h",
        h=hold,
    )
    assert [tuple(row) for row in rows] == [(30_000, 30_000)]


async def test_a_revocation_gives_the_household_its_amount_and_arrears(
    desk: Desk, households: Households
) -> None:
    before = await everything(desk)
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 30_000}, reason="人口减少")
    for kind in (RECHECK, STOP):
        outcome = await desk.send(Verb.UNDO, kind, report)
        assert outcome.state is OwnerState.UNDONE
    assert await everything(desk) == before


async def test_a_revocation_after_a_stop_of_the_household_owes_what_was_missed(
    desk: Desk, households: Households
) -> None:
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "stop", reason="收入超过标准")
    desk.pass_time(days=45)
    await desk.send(Verb.UNDO, RECHECK, report)
    hold = households["dibao_couple"].holdings[0]
    owed = await desk.rows(
        "SELECT month, amount_fen, state FROM payments WHERE holding = :h ORDER BY month", h=hold.id
    )
    months = [date(2026, 12, 1), date(2027, 1, 1)]
    assert [tuple(row) for row in owed] == [(month, hold.amount_fen, "unreleased") for month in months]


async def test_an_undo_that_no_county_signed_waits_for_a_signature(
    desk: Desk, households: Households
) -> None:
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 30_000}, reason="人口减少")
    outcome = await desk.send(Verb.UNDO, RECHECK, report, reason=UndoReason.NOT_NEEDED)
    assert outcome.state is OwnerState.UNDOING
    assert outcome.task is not None
    assert outcome.task.role == "county_supervisor"
    answer = await desk.decide(RECHECK, report, "sign")
    assert answer.json()["outcome"]["state"] == "undone"
    hold = households["dibao_couple"].holdings[0]
    rows = await desk.rows("SELECT amount_fen FROM holdings WHERE id = :h", h=hold.id)
    assert rows[0].amount_fen == hold.amount_fen


async def test_a_corrected_month_puts_a_signed_cut_to_a_human_again(
    desk: Desk, households: Households
) -> None:
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 30_000}, reason="人口减少")
    report.died_at, report.version = NOW - timedelta(days=35), 2
    outcome = await desk.send(Verb.CORRECT, RECHECK, report)
    assert outcome.state is OwnerState.OPEN
    assert outcome.result["from_month"] == "2026-11"
    hold = households["dibao_couple"].holdings[0]
    rows = await desk.rows("SELECT amount_fen FROM holdings WHERE id = :h", h=hold.id)
    assert rows[0].amount_fen == hold.amount_fen


# -- change_payee, dependant_alert, estate_manager


async def test_a_dead_payee_of_others_needs_a_new_one(desk: Desk, households: Households) -> None:
    mother, son = households["payee_for_another"].persons
    report = died(mother, confirmed=True)
    outcome = await desk.send(Verb.OPEN, PAYEE, report)
    assert outcome.state is OwnerState.OPEN
    assert outcome.task is not None
    kinds = {hold["kind"] for hold in outcome.task.facts["holds"]}
    assert kinds == {"dibao", "disability_living", "disability_nursing"}
    answer = await desk.decide(PAYEE, report, "changed", data={"payee": str(son.person)})
    assert answer.status_code == 200, answer.text
    payees = await desk.rows("SELECT DISTINCT payee FROM holdings WHERE person = :p", p=son.person)
    assert [row.payee for row in payees] == [son.person]
    await desk.send(Verb.UNDO, PAYEE, report)
    payees = await desk.rows("SELECT DISTINCT payee FROM holdings WHERE person = :p", p=son.person)
    assert [row.payee for row in payees] == [mother.person]


async def test_the_dead_person_cannot_be_the_new_payee(desk: Desk, households: Households) -> None:
    report = died(households["payee_for_another"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, PAYEE, report)
    answer = await desk.decide(PAYEE, report, "changed", data={"payee": str(report.subject)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "/data/payee"


async def test_whoever_draws_only_their_own_needs_no_new_payee(desk: Desk, households: Households) -> None:
    outcome = await desk.send(Verb.OPEN, PAYEE, died(households["tekun_alone"].persons[0], confirmed=True))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "is_payee")


async def test_children_left_behind_raise_an_alert_within_a_day(desk: Desk, households: Households) -> None:
    father = households["dibao_with_minors"].persons[0]
    outcome = await desk.send(Verb.OPEN, ALERT, died(father))
    assert outcome.state is OwnerState.OPEN
    assert outcome.task is not None
    assert outcome.task.due_at == NOW + timedelta(hours=24)


async def test_dependants_named_in_the_form_raise_an_alert(desk: Desk, households: Households) -> None:
    adult = households["single_adult"].persons[0]
    fields = {"/dependants": [{"name": "某", "kind": "bedridden"}]}
    outcome = await desk.send(Verb.OPEN, ALERT, died(adult, fields=fields))
    assert outcome.state is OwnerState.OPEN


async def test_nobody_to_care_for_raises_no_alert(desk: Desk, households: Households) -> None:
    outcome = await desk.send(Verb.OPEN, ALERT, died(households["dibao_couple"].persons[0]))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "has_dependants")


@pytest.mark.parametrize(
    ("shape", "fields", "state"),
    [
        ("dibao_couple", {}, "not_applicable"),
        ("tekun_alone", {"/applicant/relation": "child"}, "not_applicable"),
        ("tekun_alone", {"/applicant/relation": "village", "/heirs": []}, "open"),
        ("tekun_alone", {}, "paused"),
    ],
)
async def test_an_estate_needs_a_manager_only_without_heirs(
    desk: Desk, households: Households, shape: str, fields: Mapping[str, Any], state: str
) -> None:
    report = died(households[shape].persons[0], fields=fields, confirmed=True)
    outcome = await desk.send(Verb.OPEN, ESTATE, report)
    assert outcome.state == state


async def test_an_unknown_heir_is_asked_and_the_answer_goes_on(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], confirmed=True)
    asked = await desk.send(Verb.OPEN, ESTATE, report)
    assert asked.task is not None
    assert asked.task.step == "supplement"
    answer = await desk.decide(ESTATE, report, "yes")
    assert answer.json()["outcome"]["state"] == "open"
    assert answer.json()["outcome"]["task"]["step"] == "appoint"


async def test_importing_people_twice_changes_nothing(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, list(households.values()))
    assert await everything(desk) == before
