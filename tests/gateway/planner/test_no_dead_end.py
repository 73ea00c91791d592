"""Every special case of the shipped catalogue comes to an end by what owners answer and people decide (R29)."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from contracts.catalog_files import load_catalogue
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoReason
from gateway.cases.answers import conditions_of, special_of, wishes_of
from gateway.cases.planner import inputs as given
from gateway.cases.planner import plan
from gateway.cases.planner.model import FINAL, RUNNING, Case, CaseStatus, Plan, RowState
from kernel.public_service.clock import TZ

DEATH = load_catalogue().life_events["death"]
AT = datetime(2026, 3, 2, 9, tzinfo=TZ)
DIED = datetime(2026, 3, 1, 8, tzinfo=TZ)
FORMS: dict[str, dict[str, Any]] = {
    "unknown_number": {"deceased": {"id_kind": "unknown"}},
    "unidentified_body": {"deceased": {"id_kind": "unknown", "circumstance": "unidentified"}},
    "foreigner": {"deceased": {"id_kind": "passport"}},
    "hk_macao_taiwan": {"deceased": {"id_kind": "permit"}},
    "newborn": {"deceased": {"id_kind": "birth_certificate"}},
    "missing_person": {"deceased": {"circumstance": "missing"}},
    "death_abroad": {"deceased": {"circumstance": "abroad"}},
    "custody": {"deceased": {"circumstance": "custody"}},
    "organ_donation": {"deceased": {"circumstance": "organ_donation"}},
    "body_donation": {"wishes": {"remains": "donation"}},
    "still_birth": {"deceased": {"circumstance": "still_birth"}},
    "infectious_disease": {"deceased": {"infectious": True}},
}
PATHS = pytest.mark.parametrize("path", list(FORMS))


def reported(path: str) -> Plan:
    """The first report of such a death, with a cremation wished where the case allows one."""
    form = FORMS[path]
    whole = {
        "deceased": {"id_kind": "resident_id", "cause": "unknown", **form.get("deceased", {})},
        "wishes": {"remains": "cremation", **form.get("wishes", {})},
    }
    first = given.Reported(
        conditions=conditions_of(DEATH, whole),
        wishes=wishes_of(DEATH, whole),
        occurred_at=DIED,
        special=special_of(DEATH, whole),
    )
    return plan(Case(id=uuid4(), event=DEATH), [first], at=AT)


def then(done: Plan, event: given.Input) -> Plan:
    return plan(done.case, [event], at=AT)


def answered(done: Plan, state: OwnerState) -> Plan:
    """Whoever has something to do says so."""
    for row in done.case.rows:
        now = next(one for one in done.case.rows if one.id == row.id)
        if now.unanswered or now.state in RUNNING or now.state is RowState.UNDOING:
            outcome = Outcome(
                procedure=now.id, type=now.type, order=now.order, version=now.outcome_version + 1, state=state, at=AT
            )  # fmt: skip
            done = then(done, given.OutcomeArrived(outcome))
    return done


def decided(done: Plan, *, go_on: bool) -> Plan:
    """A person decides what is asked; where nobody here can prove the death, a court or the county ends it."""
    for ask in sorted(done.asks, key=lambda ask: (ask.kind, ask.code or "")):
        if ask.kind == "manual_path":
            done = then(done, given.ManualPathDecided(ask.code or "", go_on=go_on))
        elif ask.kind == "evidence_refused" and "missing_person" in done.case.special:
            proof = given.Reported(
                {}, {}, DIED, confirming="police.abnormal_death_proof", special=done.case.special
            )
            done = then(done, proof)
        elif ask.kind == "evidence_refused":
            done = then(done, given.RevocationSigned(UndoReason.WRONG_MATCH))
        elif ask.kind == "sign_revocation":
            done = then(done, given.RevocationSigned())
    return done


def walked(path: str, *, go_on: bool) -> Plan:
    done = reported(path)
    for _ in range(30):
        ending = done.case.status in (CaseStatus.WITHDRAWING, CaseStatus.REVOKING)
        state = OwnerState.DONE
        if ending:
            state = OwnerState.WITHDRAWN if done.case.status is CaseStatus.WITHDRAWING else OwnerState.UNDONE
        done = decided(answered(done, state), go_on=go_on)
    return done


def test_the_catalogue_has_a_path_for_every_special_case_of_the_rules() -> None:
    assert {path.id for path in DEATH.manual_paths} == set(FORMS)


@PATHS
def test_each_form_calls_for_its_own_path_and_no_other(path: str) -> None:
    assert reported(path).case.special == {path}


@PATHS
def test_a_special_case_that_goes_on_comes_to_an_end(path: str) -> None:
    done = walked(path, go_on=True)
    ends = {CaseStatus.FINISHED, CaseStatus.REVOKED} if path == "still_birth" else {CaseStatus.FINISHED}
    assert done.case.status in ends, [(row.type, row.state) for row in done.case.rows]
    assert done.asks == frozenset()


@PATHS
def test_a_special_case_that_a_person_ends_is_withdrawn_or_revoked(path: str) -> None:
    done = walked(path, go_on=False)
    assert done.case.status in (CaseStatus.WITHDRAWN, CaseStatus.REVOKED)


@PATHS
def test_a_special_case_is_never_left_without_somebody_who_acts(path: str) -> None:
    """Whatever waits, waits for an owner, or for a person who has been asked."""
    done = reported(path)
    for _ in range(30):
        busy = any(row.unanswered or row.state in RUNNING for row in done.case.rows)
        assert busy or done.asks or done.case.status in FINAL | {CaseStatus.FINISHED}
        done = decided(answered(done, OwnerState.DONE), go_on=True)


@pytest.mark.parametrize("path", ["foreigner", "hk_macao_taiwan"])
def test_the_elder_card_of_somebody_without_a_household_register_is_cancelled(path: str) -> None:
    """No household register to be struck from is no reason to leave a card valid (R24, R29)."""
    states = {row.type: row.state for row in walked(path, go_on=True).case.rows}
    assert states["police.household_cancellation"] is RowState.NOT_APPLICABLE
    assert states["eldercare.elder_card"] is RowState.DONE
