"""What is told of a case, to whom, and what is never told (design 9)."""

from datetime import timedelta

import pytest

from contracts.catalog import ProcedureRow
from gateway.cases.planner.model import CaseStatus, RowState
from gateway.notices.derive import NEVER_TOLD, Shown, news, statements
from gateway.notices.topics import Matter, Topic
from tests.gateway.notices.seen import AT, DIED, after_telling, event, row, row_id, seen

RECHECK = "assistance.household_recheck"
CANCELLATION = "police.household_cancellation"
FUND = "housing_fund.withdrawal"
STOP = "assistance.stop_benefits"
EVERY_ROW = [spec.type for spec in event().procedures]


def topics(found: object) -> list[tuple[str, str]]:
    return [(one.matter.role, one.matter.topic.value) for one in found]  # type: ignore[attr-defined]


def told_of(kind: str, found: object) -> list[tuple[str, str]]:
    return [(one.matter.role, one.matter.topic.value) for one in found if one.type == kind]  # type: ignore[attr-defined]


def test_a_report_is_acknowledged_to_the_applicant_alone() -> None:
    assert topics(statements(seen(confirmed=False))) == [("applicant", "accepted")]


def test_a_case_without_an_applicant_tells_no_applicant() -> None:
    found = list(statements(seen(row(CANCELLATION, "done"), applicant=None)))
    assert found == []


@pytest.mark.parametrize("kind", EVERY_ROW)
@pytest.mark.parametrize("state", list(RowState))
def test_while_the_identity_is_doubted_nobody_is_told_anything(kind: str, state: RowState) -> None:
    assert list(statements(seen(row(kind, state), doubted=True, confirmed=False))) == []


def test_what_waited_out_a_doubt_is_told_once_a_person_has_cleared_it() -> None:
    doubted = seen(row("health.death_certificate", "done"), doubted=True)
    cleared = seen(row("health.death_certificate", "done"))
    assert topics(news(doubted)) == []
    assert topics(news(cleared)) == [("applicant", "accepted"), ("applicant", "done")]


@pytest.mark.parametrize("spec", event().procedures, ids=lambda spec: spec.type)
def test_a_row_is_told_to_those_whom_the_catalogue_names_and_to_nobody_else(spec: ProcedureRow) -> None:
    roles = {role for role, _ in told_of(spec.type, statements(seen(row(spec.type, "done"))))}
    named = {"heirs/0" if whom == "heirs" else whom for whom in spec.tells}
    assert roles == (set() if spec.type in NEVER_TOLD else named)


@pytest.mark.parametrize("state", list(RowState))
def test_the_widowed_are_recorded_and_never_told(state: RowState) -> None:
    """Whatever the catalogue says: the row below would be told to everybody."""
    loud = event().model_copy(
        update={
            "procedures": tuple(
                spec.model_copy(update={"tells": ("applicant", "household", "heirs")})
                for spec in event().procedures
            )
        }
    )
    case = seen(row("marriage.widowed", state))
    case.standing.case = case.standing.case.__class__(
        id=case.standing.id, event=loud, confirmed=True, occurred_at=DIED, rows=case.standing.case.rows,
        status=CaseStatus.IN_PROGRESS,
    )  # fmt: skip
    assert told_of("marriage.widowed", statements(case)) == []


def test_an_applicant_of_unproven_kinship_learns_no_answer_of_a_predicate() -> None:
    alert = row("assistance.dependant_alert", "done")
    assert told_of(alert.type, statements(seen(alert))) == [("applicant", "done")]
    assert told_of(alert.type, statements(seen(alert, kin=()))) == []


def test_the_same_result_told_twice_is_told_once_and_another_result_is_news() -> None:
    case = seen(row(FUND, "done"), shown={FUND: Shown(result={"amount_fen": 100})})
    first = [one for one in news(case) if one.type == FUND]
    marks = {one.matter: one.mark for one in first}
    told = after_telling(case, *marks, marks=marks)
    assert told_of(FUND, news(told)) == []
    other = seen(row(FUND, "done"), shown={FUND: Shown(result={"amount_fen": 90})}, told=told.told)
    assert told_of(FUND, news(other)) == [("applicant", "done")]


def test_a_question_to_an_officer_is_not_a_question_to_the_family() -> None:
    paused = row(FUND, "paused", reason="need_more")
    assert told_of(FUND, statements(seen(paused))) == [("applicant", "supplement")]
    assert told_of(FUND, statements(seen(paused, shown={FUND: Shown(step="supplement")}))) == []


def test_offers_are_told_after_the_confirmation_and_not_in_the_first_hours() -> None:
    offer = row(FUND, "offered")
    assert told_of(FUND, statements(seen(offer))) == [("applicant", "choice")]
    assert told_of(FUND, statements(seen(offer, confirmed=False))) == []


def test_an_office_that_is_late_is_told_as_late_once_its_own_limit_has_passed() -> None:
    running = row(FUND, "open")
    assert told_of(FUND, statements(seen(running, shown={FUND: Shown(due_at=AT + timedelta(hours=1))}))) == []
    late = statements(seen(running, shown={FUND: Shown(due_at=AT)}))
    assert told_of(FUND, late) == [("applicant", "late")]


SIGNED = {"decision": "recover", "overpaid_fen": 105000, "instalments": 3, "letter_from": "2026-03-20"}


@pytest.mark.parametrize(
    "result",
    [
        {"overpaid_fen": 105000},
        {"decision": "waive", "letter_from": "2026-03-20"},
        {"decision": "recover", "overpaid_fen": 105000},
        {"decision": "recover", "overpaid_fen": 105000, "letter_from": None},
        {"decision": "recover", "overpaid_fen": 105000, "letter_from": "soon"},
        {"decision": None, "letter_from": "2026-03-20"},
    ],
)
def test_money_overpaid_is_no_letter_while_nobody_has_signed(result: dict[str, object]) -> None:
    found = list(statements(seen(row(STOP, "done"), shown={STOP: Shown(result=result)})))
    assert told_of(STOP, found) == []


@pytest.mark.parametrize("state", [state for state in RowState if state is not RowState.DONE])
def test_a_recovery_that_does_not_stand_is_no_letter(state: RowState) -> None:
    found = statements(seen(row(STOP, state), shown={STOP: Shown(result=SIGNED)}))
    assert Topic.RECOVERY not in [one.matter.topic for one in found]


@pytest.mark.parametrize("letter_from", ["2026-03-20", "2026-04-20", "2026-07-01"])
def test_a_signed_recovery_is_a_letter_to_the_household_from_the_day_that_its_owner_names(
    letter_from: str,
) -> None:
    """However long the row waited: its region may leave families in peace for longer, or less long."""
    result = {**SIGNED, "letter_from": letter_from}
    (letter,) = [
        one for one in statements(seen(row(STOP, "done"), shown={STOP: Shown(result=result)})) if one.type
    ]
    assert (letter.matter.role, letter.matter.topic) == ("letter", Topic.RECOVERY)
    assert letter.ready_at.date().isoformat() == letter_from
    later = seen(row(STOP, "done"), shown={STOP: Shown(result=result)}, at=AT + timedelta(days=150))
    assert [one.ready_at for one in statements(later) if one.type] == [AT + timedelta(days=150)]


@pytest.mark.parametrize("status", [CaseStatus.WITHDRAWING, CaseStatus.REVOKING])
def test_while_a_case_is_being_taken_back_nothing_is_told(status: CaseStatus) -> None:
    assert list(statements(seen(row(FUND, "refused"), row(CANCELLATION, "undone"), status=status))) == []


@pytest.mark.parametrize(
    ("status", "topic"), [(CaseStatus.WITHDRAWN, Topic.WITHDRAWN), (CaseStatus.REVOKED, Topic.REVOKED)]
)
def test_a_case_taken_back_tells_one_last_thing_to_whoever_had_been_told_something(
    status: CaseStatus, topic: Topic
) -> None:
    household = Matter("household", Topic.DONE, row_id(RECHECK))
    heir = Matter("heirs/0", Topic.DONE, row_id("gateway.asset_query"))
    before = after_telling(seen(), household, marks={household: "x"})
    before = after_telling(before, heir, marks={heir: "y"}, sent=False)
    case = seen(row(RECHECK, "undone"), row(FUND, "withdrawn"), status=status, told=before.told)
    assert topics(news(case)) == [("applicant", topic.value), ("household", topic.value)]


def test_a_wish_that_can_no_longer_be_met_is_told_and_an_offer_declined_is_not() -> None:
    ended = row("funeral.ashes", "not_applicable", reason="need", by_gateway=True)
    assert told_of("funeral.ashes", statements(seen(ended, wishes={"funeral.ashes": "given"}))) == [
        ("applicant", "not_needed")
    ]
    assert told_of("funeral.ashes", statements(seen(ended, wishes={"funeral.ashes": "refused"}))) == []


def test_a_withdrawal_that_came_too_late_is_told_as_such() -> None:
    done = row(FUND, "done", too_late=True)
    assert told_of(FUND, statements(seen(done))) == [("applicant", "too_late")]


def test_the_end_of_a_case_is_told_once_a_version() -> None:
    case = seen(row(FUND, "done"), status=CaseStatus.FINISHED, version=3)
    (finished,) = [one for one in news(case) if one.matter.topic is Topic.FINISHED]
    told = after_telling(case, finished.matter, marks={finished.matter: finished.mark})
    assert [one for one in news(told) if one.matter.topic is Topic.FINISHED] == []


def test_to_an_unproven_applicant_the_end_is_told_as_his_own_page_tells_it() -> None:
    """A recheck that runs on for months says that somebody holds a benefit: it must not be read from the silence."""
    running = (row("health.death_certificate", "done"), row(RECHECK, "open"))
    unproven = [one.matter.topic for one in statements(seen(*running, kin=()))]
    proven = [one.matter.topic for one in statements(seen(*running))]
    assert Topic.FINISHED in unproven
    assert Topic.FINISHED not in proven
