"""What owners are told of the proof, and when it is told anew (design 4)."""

from contracts.orders import Evidence
from contracts.outcomes import OwnerState
from contracts.terms import UndoReason
from gateway.cases.planner.inputs import DoubtCleared, ProofsUnheard, RevocationAsked, RevocationDeclined
from gateway.cases.planner.proofs import proofs
from tests.gateway.planner.event import confirmed, correction, latest, opened, report, said, sent, then

HEALTH = "health.proof"
CREMATION = "funeral.cremation"


def booked():
    """A confirmed death whose cremation is open at the funeral home."""
    done = confirmed()
    return then(done, said(done, CREMATION, OwnerState.OPEN))


def test_a_declaration_proves_nothing():
    assert proofs(opened().case) == ()


def test_a_certificate_that_is_done_is_told_with_its_version():
    done = confirmed()
    assert proofs(done.case) == (Evidence(type=HEALTH, version=latest(done, HEALTH).outcome_version),)


def test_a_body_that_the_police_keep_is_not_released():
    first = report(conditions={"police.proof": True, "tax.closing": False})
    done = then(opened(first=first), said(opened(first=first), "assistance.hold", OwnerState.DONE))
    kept = then(done, said(done, "police.proof", OwnerState.DONE, result={"released": False}))
    free = then(done, said(done, "police.proof", OwnerState.DONE))
    assert [each.released for each in (*proofs(kept.case), *proofs(free.case))] == [False, True]


def test_a_doubt_takes_the_proof_away_and_tells_the_funeral_home_at_once():
    doubted = then(booked(), said(booked(), HEALTH, OwnerState.STUCK, signal="wrong_person"))
    assert proofs(doubted.case) == ()
    assert sent(doubted) == [(CREMATION, "correct")]


def test_a_doubt_that_is_cleared_gives_it_back_and_tells_again():
    doubted = then(booked(), said(booked(), HEALTH, OwnerState.STUCK, signal="wrong_person"))
    told = then(doubted, said(doubted, CREMATION, OwnerState.OPEN))
    cleared = then(told, DoubtCleared())
    assert len(proofs(cleared.case)) == 1
    assert sent(cleared) == [(CREMATION, "correct")]


def test_while_a_void_certificate_waits_for_the_countys_signature_it_proves_nothing():
    asked = then(booked(), RevocationAsked(UndoReason.CERTIFICATE_VOID))
    assert proofs(asked.case) == ()
    assert sent(asked) == [(CREMATION, "correct")]
    told = then(asked, said(asked, CREMATION, OwnerState.OPEN))
    assert len(proofs(then(told, RevocationDeclined()).case)) == 1


def test_a_certificate_issued_anew_has_a_higher_version_and_is_told():
    before = booked()
    after = then(before, said(before, HEALTH, OwnerState.DONE))
    assert proofs(after.case)[0].version == proofs(before.case)[0].version + 1
    assert sent(after) == [(CREMATION, "correct")]


def test_an_issuers_own_report_corrected_by_him_is_a_newer_proof():
    first = opened(first=report(confirming=HEALTH))
    newer = then(first, correction(changed=frozenset({"/deceased/name"})))
    assert (proofs(first.case)[0].version, proofs(newer.case)[0].version) == (1, 2)


def test_the_usual_way_sends_no_message_more():
    assert (CREMATION, "correct") not in sent(booked())


def test_running_rows_of_a_case_older_than_the_seam_are_told_its_proof_once():
    old = booked()
    told = then(old, ProofsUnheard())
    assert sent(told) == [(CREMATION, "correct")]
    assert told.case.version == old.case.version
    answered = then(told, said(told, CREMATION, OwnerState.OPEN))
    assert sent(then(answered, DoubtCleared())) == []


def test_a_declaration_has_nothing_to_tell_anew():
    assert sent(then(opened(), ProofsUnheard())) == []
