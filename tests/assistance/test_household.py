"""What a death changes for those who are left: recheck, payee, dependants, estate (R01, R24)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from services.assistance.people_import import load_people
from tests.assistance.sight import (
    ALERT,
    ESTATE,
    FUNERAL,
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
    kinds = {hold["kind"] for hold in outcome.task.facts["benefits"]}
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


async def test_wards_and_those_whose_benefit_was_drawn_raise_an_alert(
    desk: Desk, households: Households
) -> None:
    guardian, ward = households["single_adult"].persons[0], households["widowed_alone"].persons[0]
    await desk.write(
        "INSERT INTO relatives (person, relative, relation) VALUES (:p, :w, 'ward')",
        p=guardian.person,
        w=ward.person,
    )
    outcome = await desk.send(Verb.OPEN, ALERT, died(guardian))
    assert outcome.task is not None
    assert outcome.task.facts == {"known": {"ward": 1}, "named_in_form": 0}
    mother = households["payee_for_another"].persons[0]
    outcome = await desk.send(Verb.OPEN, ALERT, died(mother))
    assert outcome.task is not None
    assert outcome.task.facts["known"] == {"disabled": 1}


async def test_a_bedridden_spouse_raises_an_alert(desk: Desk, households: Households) -> None:
    husband, wife = households["dibao_couple"].persons
    await desk.write("UPDATE household_members SET needs_care = 'bedridden' WHERE person = :p", p=wife.person)
    outcome = await desk.send(Verb.OPEN, ALERT, died(husband))
    assert outcome.task is not None
    assert outcome.task.facts["known"] == {"bedridden": 1}


async def test_of_somebody_whom_no_register_knows_the_form_is_asked_for(desk: Desk) -> None:
    stranger = Report(uuid4(), NOW - timedelta(days=1))
    asked = await desk.send(Verb.OPEN, ALERT, stranger)
    assert (asked.state, asked.task and asked.task.step) == (OwnerState.PAUSED, "supplement")
    answer = await desk.decide(ALERT, stranger, "no", reason="独居，无人由其照料")
    assert answer.json()["outcome"]["state"] == "not_applicable"
    said = Report(uuid4(), NOW - timedelta(days=1), fields={"/dependants": []})
    assert (await desk.send(Verb.OPEN, ALERT, said)).state is OwnerState.NOT_APPLICABLE


async def test_who_needs_care_is_seen_to_by_the_county_and_nothing_is_published(
    desk: Desk, households: Households
) -> None:
    report = died(households["dibao_with_minors"].persons[0])
    await desk.send(Verb.OPEN, ALERT, report)
    await desk.decide(ALERT, report, "needs_care")
    arranging = desk.outcomes[report.procedures[ALERT]]
    assert arranging.task is not None
    assert (arranging.task.role, arranging.task.facts["known"]) == ("county_supervisor", {"minor": 2})
    answer = await desk.decide(ALERT, report, "arranged", data={"measures": ["temporary_guardianship"]})
    outcome = answer.json()["outcome"]
    assert (outcome["state"], outcome["result"]) == ("done", {"decision": "arranged"})


async def test_somebody_named_later_is_called_too(desk: Desk, households: Households) -> None:
    report = died(households["dibao_with_minors"].persons[0])
    await desk.send(Verb.OPEN, ALERT, report)
    await desk.decide(ALERT, report, "cared_for")
    report.version = 2
    assert (await desk.send(Verb.CORRECT, ALERT, report)).state is OwnerState.DONE
    report.fields, report.version = {"/dependants": [{"name": "某", "kind": "elder"}]}, 3
    again = await desk.send(Verb.CORRECT, ALERT, report)
    assert (again.state, again.step) == (OwnerState.OPEN, "call")
    assert again.task is not None
    assert again.task.facts["named_in_form"] == 1


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


async def test_heirs_found_later_leave_a_note_on_the_managers_appointment(
    desk: Desk, households: Households
) -> None:
    fields = {"/applicant/relation": "village", "/heirs": []}
    report = died(households["tekun_alone"].persons[0], fields=fields, confirmed=True)
    await desk.send(Verb.OPEN, ESTATE, report)
    answer = await desk.decide(ESTATE, report, "appointed", data={"manager": "civil_affairs"})
    assert answer.json()["outcome"]["result"] == {"decision": "appointed"}
    report.fields, report.version = {**fields, "/heirs": [{"name": "某", "relation": "sibling"}]}, 2
    outcome = await desk.send(Verb.CORRECT, ESTATE, report)
    assert outcome.state is OwnerState.UNDOING
    answer = await desk.decide(ESTATE, report, "sign")
    assert (answer.json()["outcome"]["state"], answer.json()["outcome"]["undo_kind"]) == (
        "undone",
        "annotate",
    )


async def test_a_relative_who_has_died_too_inherits_nothing(desk: Desk, households: Households) -> None:
    husband, wife = households["old_couple"].persons
    fields = {"/applicant/relation": "village", "/heirs": []}
    report = died(wife, fields=fields, confirmed=True)
    assert (await desk.send(Verb.OPEN, ESTATE, report)).state is OwnerState.NOT_APPLICABLE
    await desk.write("INSERT INTO person_locks (person, dead_from) VALUES (:p, '2025-01-01') "
                     "ON CONFLICT (person) DO UPDATE SET dead_from = '2025-01-01'", p=husband.person)  # fmt: skip
    again = died(wife, fields=fields, confirmed=True)
    assert (await desk.send(Verb.OPEN, ESTATE, again)).state is OwnerState.OPEN


# -- tekun_funeral


@pytest.mark.parametrize(
    ("shape", "fields", "state"),
    [
        ("tekun_alone", {"/applicant/relation": "village", "/heirs": []}, "open"),
        ("tekun_alone", {"/applicant/relation": "care_home"}, "open"),
        ("tekun_alone", {}, "open"),
        ("tekun_alone", {"/applicant/relation": "other_relative"}, "not_applicable"),
        ("tekun_alone", {"/applicant/relation": "village", "/heirs": [{"name": "某"}]}, "not_applicable"),
        ("single_adult", {"/applicant/relation": "village"}, "not_applicable"),
    ],
)
async def test_the_township_buries_whom_nobody_else_does(
    desk: Desk, households: Households, shape: str, fields: Mapping[str, Any], state: str
) -> None:
    outcome = await desk.send(Verb.OPEN, FUNERAL, died(households[shape].persons[0], fields=fields))
    assert outcome.state == state


@pytest.mark.parametrize("by_county", [False, True])
async def test_a_funeral_is_arranged_by_the_township_or_the_county(
    desk: Desk, households: Households, by_county: bool
) -> None:
    report = died(households["tekun_alone"].persons[0], fields={"/applicant/relation": "village"})
    opened = await desk.send(Verb.OPEN, FUNERAL, report)
    assert opened.task is not None
    assert (opened.task.role, opened.task.due_at) == ("township_officer", NOW + timedelta(hours=24))
    if by_county:
        await desk.decide(FUNERAL, report, "needs_county")
    data = {} if by_county else {"by": "village"}
    answer = await desk.decide(FUNERAL, report, "arranged", data=data)
    assert answer.json()["outcome"]["state"] == "done"
    undone = await desk.send(Verb.UNDO, FUNERAL, report)
    assert (undone.state, undone.undo_kind) == (OwnerState.UNDONE, UndoKind.ANNOTATE)


async def test_the_stop_of_the_benefit_takes_no_funeral_away(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], fields={"/applicant/relation": "village"})
    await desk.send(Verb.OPEN, FUNERAL, report)
    report.confirmed, report.version = True, 2
    await desk.send(Verb.OPEN, STOP, report)
    assert (await desk.send(Verb.CORRECT, FUNERAL, report)).state is OwnerState.OPEN


async def test_a_relative_who_buries_ends_the_task(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], fields={"/applicant/relation": "village"})
    await desk.send(Verb.OPEN, FUNERAL, report)
    answer = await desk.decide(FUNERAL, report, "relatives_arrange", reason="侄子自愿办理")
    assert answer.json()["outcome"]["state"] == "not_applicable"


async def test_a_withdrawn_report_ends_the_task(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], fields={"/applicant/relation": "village"})
    await desk.send(Verb.OPEN, FUNERAL, report)
    assert (await desk.send(Verb.WITHDRAW, FUNERAL, report)).state is OwnerState.WITHDRAWN


async def test_importing_people_twice_changes_nothing(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, list(households.values()))
    assert await everything(desk) == before
