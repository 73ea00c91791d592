"""The transition table of design 5: evidence, conditions, offers, needs and holds. One behaviour per test."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.outcomes import OwnerState
from contracts.terms import HoldKind
from gateway.cases.planner import inputs as given
from gateway.cases.planner import plan
from gateway.cases.planner.model import Ask, CaseStatus, RowState
from tests.gateway.planner.event import (
    AT,
    CONDITIONS,
    DIED,
    WISHES,
    all_answered,
    confirmed,
    latest,
    opened,
    report,
    said,
    sent,
    then,
)


def test_a_declaration_opens_the_declared_rows_and_no_other():
    assert sorted(sent(opened())) == [("assistance.hold", "open"), ("health.proof", "open")]


def test_confirmation_opens_what_waited_for_it():
    assert ("assistance.stop", "open") in sent(confirmed())


def test_no_stop_is_ordered_before_the_owners_of_the_life_signs_have_answered():
    done = opened()
    done = then(done, said(done, "health.proof", OwnerState.DONE))
    assert sent(done) == [] and not done.case.confirmed


def test_a_report_by_the_issuer_opens_everything_in_one_round():
    done = opened(first=report(confirming="health.proof"))
    assert latest(done, "health.proof").state is RowState.DONE
    assert {("assistance.hold", "open"), ("assistance.stop", "open")} <= set(sent(done))


def test_a_sign_of_life_after_the_death_leaves_a_doubt_and_stops_nothing():
    done = opened()
    sign = (DIED + timedelta(hours=1)).isoformat()
    done = then(
        done,
        said(done, "assistance.hold", OwnerState.DONE, result={"last_sign_of_life": sign}),
        said(done, "health.proof", OwnerState.DONE),
    )
    assert latest(done, "health.proof").state is RowState.STUCK
    assert Ask("identity_doubt", latest(done, "health.proof").id) in done.asks
    assert latest(done, "assistance.stop").state is RowState.WAITING


def test_a_sign_of_life_before_the_death_is_no_doubt():
    done = opened()
    sign = (DIED - timedelta(hours=1)).isoformat()
    done = then(
        done,
        said(done, "assistance.hold", OwnerState.DONE, result={"last_sign_of_life": sign}),
        said(done, "health.proof", OwnerState.DONE),
    )
    assert done.case.confirmed


def test_a_person_clears_the_doubt_and_the_waiting_rows_open():
    done = opened()
    done = then(
        done,
        said(done, "assistance.hold", OwnerState.DONE),
        said(done, "health.proof", OwnerState.STUCK, reason="wrong_person"),
    )
    assert done.case.doubted
    assert ("assistance.stop", "open") in sent(then(done, given.DoubtCleared()))


def test_refused_evidence_asks_a_person():
    done = opened()
    done = then(done, said(done, "health.proof", OwnerState.REFUSED))
    assert Ask("evidence_refused", latest(done, "health.proof").id) in done.asks


def test_evidence_sought_once_more_is_a_new_round():
    done = opened()
    done = then(done, said(done, "health.proof", OwnerState.REFUSED), given.EvidenceSought("health.proof"))
    assert latest(done, "health.proof").round == 2 and sent(done) == [("health.proof", "open")]


def test_a_false_condition_ends_the_row_as_not_applicable():
    assert latest(opened(), "police.proof").state is RowState.NOT_APPLICABLE


def test_an_unknown_condition_waits_with_a_task_of_the_gateway():
    done = opened(first=report(conditions={**CONDITIONS, "tax.closing": None}, confirming="health.proof"))
    row = latest(done, "tax.closing")
    assert row.state is RowState.WAITING and Ask("condition_unknown", row.id) in done.asks


@pytest.mark.parametrize(("holds", "state"), [(True, RowState.ORDERED), (False, RowState.NOT_APPLICABLE)])
def test_a_clerks_answer_decides_an_unknown_condition(holds, state):
    done = opened(first=report(conditions={**CONDITIONS, "tax.closing": None}, confirming="health.proof"))
    done = then(done, given.ConditionAnswered("tax.closing", holds))
    assert latest(done, "tax.closing").state is state and not done.asks


def test_an_applied_row_without_a_wish_is_offered():
    assert latest(opened(), "funeral.ashes").state is RowState.OFFERED


def test_an_accepted_offer_waits_for_its_needs():
    done = opened()
    done = then(done, given.OfferAnswered(latest(done, "funeral.ashes").id, accept=True))
    assert latest(done, "funeral.ashes").state is RowState.WAITING and done.case.version == 2


def test_a_declined_offer_ends():
    done = opened()
    done = then(done, given.OfferAnswered(latest(done, "funeral.ashes").id, accept=False))
    assert latest(done, "funeral.ashes").state is RowState.NOT_APPLICABLE


def test_an_offer_lapses_at_its_own_instant():
    done = opened()
    rows = tuple(replace(row, lapses_at=AT) if row.type == "funeral.ashes" else row for row in done.case.rows)
    done = plan(replace(done.case, rows=rows), [given.DueCheck()], at=AT)
    assert latest(done, "funeral.ashes").reason == "offer_lapsed"


def test_a_refused_hard_need_closes_its_successor():
    done = confirmed()
    done = then(done, said(done, "assistance.stop", OwnerState.REFUSED))
    assert (latest(done, "assistance.recheck").state, latest(done, "assistance.recheck").reason) == (
        RowState.NOT_APPLICABLE,
        "need",
    )


def test_a_need_that_accepts_not_applicable_is_met_by_it():
    done = opened(first=report(wishes={**WISHES, "funeral.cremation": "refused"}, confirming="health.proof"))
    assert ("funeral.items", "open") in sent(done)


def test_an_offered_predecessor_is_neither_met_nor_impossible():
    done = opened(first=report(wishes={**WISHES, "funeral.cremation": "absent"}, confirming="health.proof"))
    assert latest(done, "funeral.items").state is RowState.WAITING


def test_a_soft_predecessor_is_told_later_by_a_correction():
    done = confirmed()
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN))
    done = then(done, given.OfferAnswered(latest(done, "funeral.farewell").id, accept=True))
    done = then(done, said(done, "funeral.farewell", OwnerState.DONE))
    assert sent(done) == [("funeral.cremation", "correct")]


def test_a_hold_keeps_a_departments_step_from_being_sent():
    done = then(confirmed(), given.HoldsStand(frozenset({HoldKind.COURT})))
    done = then(done, given.OfferAnswered(latest(done, "human_resources.pay").id, accept=True))
    assert latest(done, "human_resources.pay").state is RowState.WAITING
    assert ("human_resources.pay", "open") in sent(then(done, given.HoldsStand()))


def test_a_row_that_waits_for_an_offer_does_not_keep_the_case_open():
    done = opened(first=report(wishes={**WISHES, "funeral.cremation": "absent"}, confirming="health.proof"))
    for _ in range(6):
        done = all_answered(done)
    assert latest(done, "funeral.items").state is RowState.WAITING
    assert done.case.status is CaseStatus.FINISHED
