"""Special cases (R29), doubts and corrections: who must act, what waits, what ends. One behaviour per test."""

from datetime import timedelta

import pytest

from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from gateway.cases.planner import inputs as given
from gateway.cases.planner.model import Ask, CaseStatus, RowState
from tests.gateway.planner.event import (
    AT,
    CONDITIONS,
    DIED,
    EVENT,
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

NOBODY, ABROAD = frozenset({"nobody"}), frozenset({"abroad"})
RULED_OUT = {kind for path in EVENT.manual_paths if path.id == "nobody" for kind in path.not_for}
PAPER = frozenset({"/deceased/certificate_no"})


def nobody(**values):
    """The report of a body that nobody knows."""
    conditions = {**CONDITIONS, **dict.fromkeys(RULED_OUT, False)}
    return report(**{"conditions": conditions, "special": NOBODY, **values})


def known():
    """The correction that tells who it was."""
    return correction(conditions={**CONDITIONS, **dict.fromkeys(RULED_OUT, True)})


def test_a_special_case_is_asked_with_its_reason_and_keeps_the_case_open():
    done = all_answered(opened(first=nobody(confirming="health.proof")))
    assert Ask("manual_path", code="nobody") in done.asks
    assert done.case.status is CaseStatus.IN_PROGRESS


@pytest.mark.parametrize("kind", sorted(RULED_OUT))
def test_a_row_without_an_object_ends_with_the_name_of_the_special_case(kind):
    row = latest(opened(first=nobody()), kind)
    assert (row.state, row.reason) == (RowState.NOT_APPLICABLE, "nobody")


def test_what_waits_for_a_person_starts_once_he_lets_it_go_on():
    done = opened(first=nobody(confirming="health.proof"))
    assert latest(done, "funeral.cremation").state is RowState.WAITING
    done = then(done, said(done, "assistance.hold", OwnerState.DONE))
    assert sent(then(done, given.ManualPathDecided("nobody", go_on=True))) == [("funeral.cremation", "open")]


def test_a_special_case_ended_before_confirmation_is_withdrawn_as_a_whole():
    done = then(opened(first=nobody()), given.ManualPathDecided("nobody", go_on=False))
    assert done.case.status is CaseStatus.WITHDRAWING
    assert all_answered(done, OwnerState.WITHDRAWN).case.status is CaseStatus.WITHDRAWN


def test_a_special_case_ended_after_confirmation_waits_for_the_countys_signature():
    done = opened(first=nobody(confirming="health.proof"))
    done = then(
        done, said(done, "assistance.hold", OwnerState.DONE), given.ManualPathDecided("nobody", go_on=False)
    )
    assert done.asks == {Ask("sign_revocation")}
    signed = then(done, given.RevocationSigned())
    assert (signed.case.status, signed.case.revocation) == (CaseStatus.REVOKING, UndoReason.NOT_NEEDED)


def test_a_special_case_that_the_county_does_not_end_is_asked_again():
    done = opened(first=nobody(confirming="health.proof"))
    done = then(
        done, said(done, "assistance.hold", OwnerState.DONE), given.ManualPathDecided("nobody", go_on=False)
    )
    assert Ask("manual_path", code="nobody") in then(done, given.RevocationDeclined()).asks


def test_a_person_identified_by_a_correction_has_every_row_again():
    done = opened(first=nobody(confirming="health.proof"))
    done = then(done, said(done, "assistance.hold", OwnerState.DONE), known(), given.SubjectKnown())
    assert Ask("manual_path", code="nobody") not in done.asks
    assert latest(done, "assistance.stop").state is RowState.ORDERED


def test_what_was_asked_about_nobody_is_taken_back_and_asked_anew_but_the_body_stays():
    done = opened(first=nobody(confirming="health.proof"))
    done = then(
        done,
        said(done, "assistance.hold", OwnerState.DONE),
        given.ManualPathDecided("nobody", go_on=True),
    )
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN))
    done = then(done, given.SubjectKnown())
    assert sent(done) == [("assistance.hold", "undo")]
    done = then(done, said(done, "assistance.hold", OwnerState.UNDONE, undo_kind=UndoKind.RESTORE))
    assert (latest(done, "assistance.hold").round, sent(done)) == (2, [("assistance.hold", "open")])


def test_a_proof_from_elsewhere_that_a_person_has_seen_confirms():
    conditions = {**CONDITIONS, "health.proof": False}
    done = opened(first=report(conditions=conditions, special=ABROAD))
    done = then(done, said(done, "assistance.hold", OwnerState.DONE))
    assert not done.case.confirmed
    done = then(done, given.ManualPathDecided("abroad", go_on=True))
    row = latest(done, "health.proof")
    assert (row.state, row.reason, done.case.confirmed) == (RowState.DONE, "proven_by_document", True)


def test_a_case_that_no_issuer_can_prove_is_never_left_waiting_in_silence():
    conditions = {**CONDITIONS, "health.proof": False}
    done = opened(first=report(conditions=conditions))
    assert {ask.kind for ask in done.asks} == {"evidence_refused"}


def test_a_special_case_that_comes_back_is_worked_anew():
    done = then(opened(first=nobody()), given.ManualPathDecided("nobody", go_on=True))
    assert not [ask for ask in done.asks if ask.kind == "manual_path"]
    conditions = {**CONDITIONS, **dict.fromkeys(RULED_OUT, False)}
    done = then(done, known(), correction(conditions=conditions, special=NOBODY))
    assert Ask("manual_path", code="nobody") in done.asks


def test_nothing_new_opens_while_a_revocation_waits_for_its_signature():
    done = then(confirmed(), said(confirmed(), "assistance.stop", OwnerState.DONE))
    asked = then(opened(), given.RevocationAsked(UndoReason.CERTIFICATE_VOID))
    asked = then(
        asked, said(asked, "assistance.hold", OwnerState.DONE), said(asked, "health.proof", OwnerState.DONE)
    )
    assert asked.case.confirmed and latest(asked, "assistance.stop").state is RowState.WAITING
    assert ("assistance.stop", "open") in sent(then(asked, given.RevocationDeclined()))
    assert latest(done, "assistance.stop").state is RowState.DONE


def doubted():
    """A death that the health department does not know under this name."""
    done = then(opened(), said(opened(), "assistance.hold", OwnerState.DONE))
    return then(done, said(done, "health.proof", OwnerState.STUCK, reason="wrong_person"))


@pytest.mark.parametrize(("by_office", "confirmed_"), [(True, True), (False, False)])
def test_the_issuers_later_word_ends_a_doubt_only_after_the_office_has_corrected(by_office, confirmed_):
    done = then(doubted(), correction(changed=frozenset({"/deceased/name"}), by_office=by_office))
    done = then(done, said(done, "health.proof", OwnerState.DONE))
    assert done.case.confirmed is confirmed_
    assert ({ask.kind for ask in done.asks} == {"identity_doubt"}) is not confirmed_


def test_a_person_ends_the_doubt_that_a_familys_correction_left():
    done = then(doubted(), correction(changed=frozenset({"/deceased/name"})))
    done = then(done, said(done, "health.proof", OwnerState.DONE), given.DoubtCleared())
    assert done.case.confirmed


def test_an_issuers_report_about_another_person_stops_nothing_and_asks_a_person():
    done = opened(first=report(doubting="health.proof"))
    row = latest(done, "health.proof")
    assert (row.state, row.order) == (RowState.STUCK, 0)
    assert Ask("identity_doubt", row.id) in done.asks and sent(done) == [("assistance.hold", "open")]


def test_a_doubtful_report_that_was_never_sent_is_withdrawn_without_asking_anybody():
    done = then(opened(first=report(doubting="health.proof")), given.WithdrawalAsked())
    assert latest(done, "health.proof").state is RowState.WITHDRAWN
    assert ("health.proof", "withdraw") not in sent(done)


def test_a_correction_during_a_withdrawal_is_told_when_the_proof_overtakes_it():
    done = then(opened(), said(opened(), "assistance.hold", OwnerState.DONE))
    done = then(done, said(done, "health.proof", OwnerState.OPEN), given.WithdrawalAsked())
    done = then(done, correction(occurred_at=DIED - timedelta(days=2)))
    assert sent(done) == [] and done.case.version == 3
    done = then(
        done,
        said(done, "assistance.hold", OwnerState.DONE, too_late_at=AT),
        said(done, "health.proof", OwnerState.DONE, too_late_at=AT),
    )
    assert ("assistance.hold", "correct") in sent(done) and not done.case.unheard


def test_a_later_report_that_wishes_a_withdrawn_row_begins_it_anew():
    done = confirmed()
    done = then(done, said(done, "funeral.cremation", OwnerState.OPEN))
    done = then(done, given.WithdrawalAsked(frozenset({latest(done, "funeral.cremation").id})))
    done = then(done, said(done, "funeral.cremation", OwnerState.WITHDRAWN))
    done = then(done, report(asked=frozenset({"funeral.cremation"})))
    assert (latest(done, "funeral.cremation").round, sent(done)) == (2, [("funeral.cremation", "open")])


def test_a_certificate_issued_anew_tells_who_uses_it_and_opens_nothing_that_was_refused():
    done = all_answered(confirmed())
    done = then(done, said(done, "tax.closing", OwnerState.DONE))
    rows = tuple(done.case.rows)
    told = then(done, correction(changed=PAPER, said_by="health"))
    assert sent(told) == [] and told.case.rows == rows and told.case.version == done.case.version + 1


def test_the_issuer_is_not_asked_about_the_date_that_his_own_proof_is_giving():
    done = then(opened(), said(opened(), "health.proof", OwnerState.OPEN))
    done = then(done, correction(occurred_at=DIED - timedelta(days=1), said_by="health"))
    assert ("health.proof", "correct") not in sent(done)


def test_two_corrections_at_once_are_told_as_one_with_the_last_date():
    done = all_answered(confirmed())
    done = then(done, correction(occurred_at=DIED - timedelta(days=1)))
    done = then(done, correction(occurred_at=DIED - timedelta(days=2)))
    stop = latest(done, "assistance.stop")
    assert (stop.sent, stop.wanted, done.case.occurred_at) == ("correct", "correct", DIED - timedelta(days=2))
    done = then(done, said(done, "assistance.stop", OwnerState.DONE))
    assert sent(done) == [("assistance.stop", "correct")]


def test_a_correction_while_everything_is_undone_is_kept_and_tells_nobody():
    done = then(all_answered(confirmed()), given.RevocationSigned(UndoReason.WRONG_MATCH))
    done = then(done, correction(occurred_at=DIED - timedelta(days=2)))
    assert sent(done) == [] and done.case.occurred_at == DIED - timedelta(days=2)


def test_an_issuers_own_report_corrected_by_him_is_a_newer_proof_and_nobody_is_asked():
    first = opened(first=report(confirming="health.proof"))
    newer = then(first, correction(changed=frozenset({"/deceased/name"}), said_by="health"))
    assert latest(newer, "health.proof").outcome_version > latest(first, "health.proof").outcome_version
    assert ("health.proof", "correct") not in sent(newer)
