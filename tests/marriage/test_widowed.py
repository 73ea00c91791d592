"""`marriage.widowed` on a real database: every verb, Civil Code 51, and what others see."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.procedure import Procedure
from contracts.catalog_files import load_catalogue
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from services.marriage.domain import Facts, Marriage, Part, Rejoin, Widow
from services.marriage.procedures import widowed
from tests.owner_desk import COUNTY, NOW, Report

WIDOWED = "marriage.widowed"


def died(couple, **more):
    return Report(couple.husband, NOW - timedelta(days=2), confirmed=True, **more)


async def state(desk, person):
    async with desk.http() as client:
        view = (await client.get(f"/internal/v1/people/{person}")).json()
    return view["marital_state"], view["spouse"]


async def dead_husband(desk, couples):
    couple = couples[0].couples[0]
    report = died(couple)
    return couple, report, await desk.send(Verb.OPEN, WIDOWED, report)


async def married_again(desk, wife):
    body = {"first": str(wife), "second": str(uuid4()), "registered_on": "2026-11-21", "region": COUNTY}
    async with desk.http() as client:
        answer = await client.post(
            "/internal/v1/marriages", json=body, headers={"Idempotency-Key": str(uuid4())}
        )
    assert answer.status_code == 201, answer.text


async def test_the_survivor_is_recorded_as_widowed(desk, couples):
    couple, _, outcome = await dead_husband(desk, couples)
    assert outcome.result == {"person": str(couple.wife), "marital_state": "widowed"}
    assert await state(desk, couple.wife) == ("widowed", None)


async def test_a_person_without_spouse_is_not_applicable(desk, couples):
    outcome = await desk.send(Verb.OPEN, WIDOWED, Report(uuid4(), NOW, confirmed=True))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "not_married")


async def test_a_corrected_date_moves_the_end_of_the_marriage(desk, couples):
    couple, report, _ = await dead_husband(desk, couples)
    report.died_at, report.version = NOW - timedelta(days=40), 2
    await desk.send(Verb.CORRECT, WIDOWED, report)
    rows = await desk.rows("SELECT ended_on FROM marriages WHERE id = :id", id=couple.id)
    assert rows[0].ended_on == (NOW - timedelta(days=40)).date()


async def test_a_withdrawal_comes_too_late(desk, couples):
    couple, report, _ = await dead_husband(desk, couples)
    outcome = await desk.send(Verb.WITHDRAW, WIDOWED, report)
    assert outcome.too_late_at is not None
    assert await state(desk, couple.wife) == ("widowed", None)


@pytest.mark.parametrize(
    "reason", [UndoReason.WRONG_MATCH, UndoReason.CERTIFICATE_VOID, UndoReason.COURT_REVOKED]
)
async def test_a_revocation_restores_the_marriage(desk, couples, reason):
    couple, report, _ = await dead_husband(desk, couples)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=reason)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert await state(desk, couple.wife) == ("married", str(couple.husband))


async def test_a_court_does_not_restore_a_marriage_whose_survivor_remarried(desk, couples):
    couple, report, _ = await dead_husband(desk, couples)
    await married_again(desk, couple.wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=UndoReason.COURT_REVOKED)
    assert (outcome.undo_kind, outcome.reason) == (UndoKind.ANNOTATE, "remarried")
    assert await state(desk, couple.husband) == ("dissolved", None)
    assert (await state(desk, couple.wife))[0] == "married"


async def test_a_court_does_not_restore_a_marriage_against_a_written_declaration(desk, couples):
    couple, report, _ = await dead_husband(desk, couples)
    body = {"person": str(couple.wife), "declared_on": "2026-11-21"}
    async with desk.http() as client:
        url = f"/internal/v1/marriages/{couple.id}/unwilling"
        assert (
            await client.post(url, json=body, headers={"Idempotency-Key": "declared-1"})
        ).status_code == 201
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=UndoReason.COURT_REVOKED)
    assert outcome.result["restored"] is False
    assert await state(desk, couple.wife) == ("dissolved", None)


async def test_a_wrong_match_with_a_later_marriage_waits_for_a_registrar(desk, couples):
    couple, report, _ = await dead_husband(desk, couples)
    await married_again(desk, couple.wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=UndoReason.WRONG_MATCH)
    assert (outcome.state, outcome.step) == (OwnerState.UNDOING, "review_remarriage")
    answer = await desk.decide(WIDOWED, report, "keep_later", reason="后婚有效")
    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"]["state"] == "undone"


async def test_nobody_marries_twice(desk, couples):
    couple = couples[0].couples[0]
    body = {
        "first": str(couple.wife),
        "second": str(uuid4()),
        "registered_on": "2026-11-21",
        "region": COUNTY,
    }
    async with desk.http() as client:
        answer = await client.post(
            "/internal/v1/marriages", json=body, headers={"Idempotency-Key": "twice-1"}
        )
    assert (answer.status_code, answer.json()["code"]) == (409, "married_already")


async def test_a_batch_gives_what_single_orders_give(desk, couples):
    reports = [died(household.couples[0]) for household in couples]
    outcomes = await desk.send_many([(Verb.OPEN, WIDOWED, report) for report in reports])
    wives = [str(household.couples[0].wife) for household in couples]
    assert [outcome.result["person"] for outcome in outcomes] == wives


async def test_an_order_that_comes_twice_changes_nothing(desk, couples):
    _, report, _ = await dead_husband(desk, couples)
    report.numbers[WIDOWED] = 0
    await desk.send(Verb.OPEN, WIDOWED, report)
    rows = await desk.rows("SELECT version FROM procedures WHERE type = :kind", kind=WIDOWED)
    assert [row.version for row in rows] == [1]


MARRIAGE = Marriage(uuid4(), uuid4(), uuid4(), date(1980, 1, 1), None, None, None)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["withdraw", "correct", "undo"]), max_size=6), st.booleans(), st.booleans())
def test_any_order_of_verbs_leaves_one_marriage_or_none(verbs, remarried, unwilling):
    terms = load_catalogue().life_events["death"].row(WIDOWED).terms
    procedure = Procedure(
        id=uuid4(), case=uuid4(), case_no="D", type=WIDOWED, life_event="death", subject=MARRIAGE.first, persons={},
        region=COUNTY, occurred_at=NOW, effective_on=NOW.date(), confirmed=True, case_version=1, terms=terms,
        undo_reason=UndoReason.COURT_REVOKED,
    )  # fmt: skip
    standing = True
    ruling = widowed.open(procedure, Facts(standing=MARRIAGE), at=NOW)
    for verb in ["open", *verbs]:
        if verb != "open":
            state_now = type(procedure)(**{**{name: getattr(procedure, name) for name in procedure.__slots__},
                                           "state": ruling.state})  # fmt: skip
            facts = Facts(
                MARRIAGE if standing else None, None if standing else MARRIAGE, remarried, unwilling
            )
            ruling = getattr(widowed, verb)(state_now, facts, at=NOW)
        for effect in ruling.effects:
            if isinstance(effect, Widow):
                standing = False
            elif isinstance(effect, Rejoin):
                assert not standing and not remarried and not unwilling
                standing = True
            else:
                assert isinstance(effect, Part) and not standing
    assert standing == (ruling.state is OwnerState.UNDONE and not (remarried or unwilling))
