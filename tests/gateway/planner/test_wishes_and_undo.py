"""The transition table of design 5: withdrawal, correction, revocation, versions, a second report.

One behaviour per test.
"""

from datetime import timedelta

from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from gateway.cases.planner import inputs as given
from gateway.cases.planner.model import Ask, CaseStatus, RowState
from tests.gateway.planner.event import (
    AT,
    CONDITIONS,
    DIED,
    WISHES,
    all_answered,
    confirmed,
    correction,
    latest,
    opened,
    report,
    said,
    sent,
    then,
)


def test_a_withdrawal_before_confirmation_ends_every_row():
    done = opened()
    done = then(done, given.WithdrawalAsked())
    assert done.case.status is CaseStatus.WITHDRAWING
    done = then(
        done, said(done, "health.proof", OwnerState.OPEN), said(done, "assistance.hold", OwnerState.DONE)
    )
    done = then(
        done,
        said(done, "health.proof", OwnerState.WITHDRAWN),
        said(done, "assistance.hold", OwnerState.WITHDRAWN),
    )
    assert done.case.status is CaseStatus.WITHDRAWN


def test_a_withdrawal_after_confirmation_leaves_what_the_state_must_do():
    done = then(confirmed(), given.WithdrawalAsked())
    assert latest(done, "assistance.stop").wanted is None
    assert latest(done, "human_resources.pay").state is RowState.WITHDRAWN
    assert done.case.status is CaseStatus.IN_PROGRESS


def test_a_proof_that_overtakes_a_withdrawal_brings_back_what_the_state_must_do():
    done = opened()
    done = then(
        done, said(done, "health.proof", OwnerState.OPEN), said(done, "assistance.hold", OwnerState.DONE)
    )
    done = then(done, given.WithdrawalAsked())
    done = then(done, said(done, "assistance.hold", OwnerState.WITHDRAWN))
    done = then(done, said(done, "health.proof", OwnerState.DONE, too_late_at=AT))
    assert done.case.confirmed and done.case.status is CaseStatus.IN_PROGRESS
    assert (
        latest(done, "assistance.hold").round == 2
        and latest(done, "assistance.stop").state is RowState.ORDERED
    )


def test_one_applied_row_is_withdrawn_alone():
    done = confirmed()
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN))
    row = latest(done, "funeral.cremation")
    assert sent(then(done, given.WithdrawalAsked(frozenset({row.id})))) == [("funeral.cremation", "withdraw")]


def test_too_late_leaves_the_row_as_it_was():
    done = confirmed()
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN))
    done = then(done, given.WithdrawalAsked(frozenset({latest(done, "funeral.cremation").id})))
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN, too_late_at=AT))
    assert (
        latest(done, "funeral.cremation").too_late
        and latest(done, "funeral.cremation").state is RowState.OPEN
    )


def test_at_most_one_order_is_unanswered_and_the_wish_is_kept():
    done = then(confirmed(), correction(occurred_at=DIED - timedelta(days=2)))
    row = latest(done, "assistance.stop")
    assert row.unanswered and row.wanted == "correct" and ("assistance.stop", "correct") not in sent(done)


def test_the_kept_wish_goes_out_with_the_answer():
    done = then(confirmed(), correction(occurred_at=DIED - timedelta(days=2)))
    assert ("assistance.stop", "correct") in sent(then(done, said(done, "assistance.stop", OwnerState.DONE)))


def test_an_undo_folds_over_a_withdrawal_and_a_correction():
    done = then(
        confirmed(),
        correction(occurred_at=DIED - timedelta(days=2)),
        given.RevocationSigned(UndoReason.WRONG_MATCH),
    )
    assert latest(done, "assistance.stop").wanted == "undo"


def test_a_correction_tells_only_the_rows_whose_fields_changed():
    done = confirmed()
    done = all_answered(done)
    done = then(done, correction(changed=frozenset({"/deceased/name"})))
    told = {type_ for type_, verb in sent(done) if verb == "correct"}
    assert told == {"health.proof", "assistance.payee", "funeral.cremation"}


def test_a_correction_that_makes_a_done_row_needless_undoes_it():
    done = all_answered(confirmed())
    done = then(done, correction(conditions={**CONDITIONS, "tax.closing": False}))
    assert sent(done) == [("tax.closing", "undo")]
    assert done.orders[0].undo_reason is UndoReason.NOT_NEEDED


def test_a_correction_that_makes_an_undone_row_needed_opens_a_new_round():
    done = all_answered(confirmed())
    done = then(done, correction(conditions={**CONDITIONS, "tax.closing": False}))
    done = then(done, said(done, "tax.closing", OwnerState.UNDONE, undo_kind=UndoKind.RESTORE))
    done = then(done, correction(conditions=CONDITIONS))
    assert latest(done, "tax.closing").round == 2 and sent(done) == [("tax.closing", "open")]


def test_a_correction_asks_an_owner_anew_who_had_found_nothing():
    done = confirmed()
    done = then(done, said(done, "assistance.payee", OwnerState.NOT_APPLICABLE))
    done = then(done, correction(changed=frozenset({"/deceased/name"})))
    assert latest(done, "assistance.payee").round == 2


def test_a_withdrawn_applied_row_becomes_offered_when_a_correction_makes_it_needed():
    done = then(confirmed(), given.WithdrawalAsked())
    done = then(done, correction(changed=frozenset({"/deceased/name"}), occurred_at=DIED - timedelta(days=1)))
    assert latest(done, "human_resources.pay").state is RowState.OFFERED


def test_a_wish_refused_later_withdraws_the_row():
    done = confirmed()
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN))
    done = then(done, correction(wishes={**WISHES, "funeral.cremation": "refused"}))
    assert ("funeral.cremation", "withdraw") in sent(done)


def test_a_departments_request_to_revoke_waits_for_the_countys_signature():
    done = then(confirmed(), given.RevocationAsked(UndoReason.COURT_REVOKED))
    assert Ask("sign_revocation") in done.asks and done.case.status is not CaseStatus.REVOKING


def test_a_signed_revocation_undoes_all_at_once_with_money_first():
    done = all_answered(confirmed())
    done = then(done, given.RevocationSigned(UndoReason.WRONG_MATCH))
    undone = [type_ for type_, verb in sent(done) if verb == "undo"]
    assert undone[0] == "assistance.stop" and {"assistance.hold", "health.proof", "tax.closing"} <= set(
        undone
    )


def test_undo_after_waits_for_the_other_row():
    done = all_answered(confirmed())
    done = then(
        done,
        given.OfferAnswered(latest(done, "funeral.ashes").id, accept=True),
        given.OfferAnswered(latest(done, "human_resources.pay").id, accept=True),
    )
    done = all_answered(done)
    done = then(done, given.RevocationSigned(UndoReason.WRONG_MATCH))
    assert ("funeral.ashes", "undo") not in sent(done)
    done = then(done, said(done, "human_resources.pay", OwnerState.UNDONE))
    assert ("funeral.ashes", "undo") in sent(done)


def test_a_row_whose_kind_is_none_stays_done_and_the_case_is_revoked():
    done = all_answered(confirmed())
    done = then(done, given.RevocationSigned(UndoReason.WRONG_MATCH))
    for row in done.case.rows:
        if row.unanswered:
            state = OwnerState.DONE if row.type == "funeral.cremation" else OwnerState.UNDONE
            done = then(done, said(done, row.type, state))
    done = all_answered(done, OwnerState.UNDONE)
    assert done.case.status is CaseStatus.REVOKED


def test_an_ended_row_is_left_alone_by_a_revocation():
    done = then(confirmed(), given.RevocationSigned(UndoReason.WRONG_MATCH))
    assert (
        latest(done, "police.proof").state is RowState.NOT_APPLICABLE
        and latest(done, "police.proof").order == 0
    )


def test_an_outcome_already_seen_is_ignored():
    done = confirmed()
    again = said(done, "assistance.stop", OwnerState.DONE)
    done = then(done, again)
    repeated = then(done, again)
    assert repeated.stale == 1 and repeated.changed == ()


def test_an_outcome_that_answers_an_older_order_only_updates_the_board():
    done = all_answered(confirmed())
    done = then(done, correction(occurred_at=DIED - timedelta(days=2)))
    late = said(done, "assistance.stop", OwnerState.DONE, order=1)
    done = then(done, late)
    assert latest(done, "assistance.stop").unanswered and sent(done) == []


def test_a_second_report_joins_and_turns_an_offer_into_an_application():
    done = then(opened(), report(wishes={**WISHES, "funeral.ashes": "given"}, differs=True))
    assert latest(done, "funeral.ashes").state is RowState.WAITING and done.case.version == 2


def test_an_equal_second_report_changes_no_version():
    assert then(opened(), report()).case.version == 1


def test_a_second_report_reopens_a_finished_case():
    done = confirmed()
    for _ in range(6):
        done = all_answered(done)
    assert done.case.status is CaseStatus.FINISHED
    done = then(done, report(wishes={**WISHES, "human_resources.pay": "given"}, differs=True))
    assert done.case.status is CaseStatus.IN_PROGRESS


def test_a_newer_fact_makes_the_owner_look_again():
    done = then(confirmed(), said(confirmed(), "assistance.stop", OwnerState.DONE))
    done = then(done, said(done, "assistance.stop", OwnerState.DONE, signal="facts_changed"))
    assert ("assistance.stop", "correct") in sent(done)


def test_a_final_case_changes_no_more():
    done = opened(given.WithdrawalAsked())
    done = all_answered(done, OwnerState.WITHDRAWN)
    assert done.case.status is CaseStatus.WITHDRAWN
    assert then(done, given.RevocationSigned(UndoReason.WRONG_MATCH)).changed == ()


def test_progress_never_raises_the_case_version():
    assert all_answered(confirmed()).case.version == 1


def test_a_later_correction_does_not_replace_a_wanted_undo():
    done = confirmed()
    done = then(done, correction(conditions={**CONDITIONS, "tax.closing": False}))
    done = then(done, correction(occurred_at=DIED - timedelta(days=2)))
    assert latest(done, "tax.closing").wanted == "undo"


def test_an_undo_wanted_of_a_row_that_ends_refused_is_dropped():
    done = then(confirmed(), given.RevocationSigned(UndoReason.WRONG_MATCH))
    done = then(done, said(done, "tax.closing", OwnerState.REFUSED))
    assert sent(done) == [] and latest(done, "tax.closing").wanted is None
