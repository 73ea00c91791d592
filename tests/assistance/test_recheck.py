"""The recheck of a household by rule: who remains, what they earn, when it is due, since when a change counts (R01)."""

from datetime import date, datetime
from typing import Any

import pytest

from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from deploy.local.people.model import SyntheticHousehold
from kernel.public_service.clock import TZ
from services.assistance.rules.force import in_force
from services.assistance.rules.household_after_death import DIBAO
from tests.assistance.sight import RECHECK, STOP, Households, died
from tests.owner_desk import Desk, Report

STANDARD = 108_333  # the dibao standard of the county from 2025 on


async def earn(desk: Desk, household: SyntheticHousehold, *incomes: int | None) -> None:
    """What the members earn, in their order."""
    for person, income in zip(household.persons, incomes, strict=True):
        await desk.write(
            "UPDATE household_members SET income_fen = :fen WHERE person = :p", fen=income, p=person.person
        )


async def rechecked(desk: Desk, report: Report) -> Outcome:
    await desk.send(Verb.OPEN, STOP, report)
    return await desk.send(Verb.OPEN, RECHECK, report)


async def amount_of(desk: Desk, household: SyntheticHousehold) -> int:
    rows = await desk.rows("SELECT amount_fen FROM holdings WHERE id = :h", h=household.holdings[0].id)
    return int(rows[0].amount_fen)


@pytest.mark.parametrize(
    ("dies", "expected"),
    [(0, STANDARD - 70_000), (1, STANDARD - 30_000)],
    ids=["the husband, who earned 300", "the wife, who earned 700"],
)
async def test_a_couple_with_incomes_on_one_dibao_whoever_dies_first(
    desk: Desk, households: Households, dies: int, expected: int
) -> None:
    couple = households["dibao_couple"]
    await earn(desk, couple, 30_000, 70_000)
    outcome = await rechecked(desk, died(couple.persons[dies], confirmed=True))
    assert (outcome.result["provisional_fen"], outcome.result["known_income"]) == (expected, True)
    assert outcome.result["rule_version"] == in_force(DIBAO, date(2026, 12, 1)).version


async def test_the_income_of_the_household_without_that_of_the_dead_is_what_remains(
    desk: Desk, households: Households
) -> None:
    couple = households["dibao_couple"]
    await earn(desk, couple, 20_000, None)
    outcome = await rechecked(desk, died(couple.persons[0], confirmed=True))
    assert outcome.result["provisional_fen"] == STANDARD - (couple.income_fen - 20_000)


async def test_an_income_that_is_not_known_stays_unknown(desk: Desk, households: Households) -> None:
    couple = households["dibao_couple"]
    await earn(desk, couple, None, 70_000)
    await desk.write("UPDATE households SET income_fen = NULL")
    husband = await rechecked(desk, died(couple.persons[1], confirmed=True))
    assert (husband.result["known_income"], husband.result["proposed"]) == (False, "unknown")
    assert husband.result["provisional_fen"] == husband.result["before_fen"] // 2


async def test_the_record_keeps_inputs_rule_and_day_where_nobody_outside_sees_them(
    desk: Desk, households: Households
) -> None:
    couple = households["dibao_couple"]
    await earn(desk, couple, 30_000, 70_000)
    report = died(couple.persons[0], confirmed=True)
    await rechecked(desk, report)
    await desk.decide(RECHECK, report, "keep")
    (row,) = await desk.rows("SELECT memory, result FROM procedures WHERE type = :t", t=RECHECK)
    (kept,) = row.memory["rules"].values()
    assert (kept["rule"], kept["as_of"]) == (DIBAO, "2026-12-01")
    assert kept["snapshot"]["income_fen"] == 70_000
    assert "snapshot" not in str(row.result)


@pytest.mark.parametrize(
    ("decision", "data", "change"),
    [
        ("keep", {}, "keep"),
        ("adjust", {"amount_fen": 10_000}, "decrease"),
        ("adjust", {"amount_fen": 900_000, "income_fen": 0}, "increase"),
        ("stop", {}, "stop"),
    ],
)
async def test_each_way_of_ending_has_its_own_result(
    desk: Desk, households: Households, decision: str, data: dict[str, Any], change: str
) -> None:
    report = died(households["dibao_couple"].persons[0], confirmed=True)
    await rechecked(desk, report)
    answer = await desk.decide(RECHECK, report, decision, data=data, reason="核查结果")
    outcome = answer.json()["outcome"]
    assert (outcome["state"], outcome["reason"]) == ("done", "核查结果")
    assert (outcome["result"]["change"], outcome["result"]["from_month"]) == (change, "2026-12")
    assert "income_fen" not in outcome["result"]


async def test_a_cut_counts_from_the_month_after_its_signature(desk: Desk, households: Households) -> None:
    couple = households["dibao_couple"]
    report = died(couple.persons[0], confirmed=True)
    await rechecked(desk, report)
    desk.pass_time(days=20)  # 12 December: what is due for December stays as it was
    early = await desk.decide(
        RECHECK, report, "adjust", data={"amount_fen": 10_000, "from_month": "2026-12"}, reason="人口减少"
    )
    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "month_too_early")
    answer = await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 10_000}, reason="人口减少")
    assert answer.json()["outcome"]["result"]["from_month"] == "2027-01"
    due = await desk.rows("SELECT amount_fen FROM payments WHERE holding = :h", h=couple.holdings[0].id)
    assert [row.amount_fen for row in due] == [couple.holdings[0].amount_fen]
    assert await amount_of(desk, couple) == 10_000


async def test_an_increase_counts_from_the_month_after_the_death(desk: Desk, households: Households) -> None:
    couple = households["dibao_couple"]
    report = died(couple.persons[0], confirmed=True)
    await rechecked(desk, report)
    desk.pass_time(days=20)
    answer = await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 300_000}, reason="失去主要收入")
    assert answer.json()["outcome"]["result"]["from_month"] == "2026-12"
    due = await desk.rows("SELECT amount_fen FROM payments WHERE holding = :h", h=couple.holdings[0].id)
    assert [row.amount_fen for row in due] == [300_000]


async def test_a_correction_that_moves_no_month_leaves_a_signature_alone(
    desk: Desk, households: Households
) -> None:
    report = died(households["dibao_couple"].persons[0], confirmed=True)
    await rechecked(desk, report)
    desk.pass_time(days=20)
    await desk.decide(RECHECK, report, "stop", reason="收入超过标准")
    report.died_at, report.version = datetime(2026, 11, 19, tzinfo=TZ), 2
    outcome = await desk.send(Verb.CORRECT, RECHECK, report)
    assert (outcome.state, outcome.result["decision"]) == (OwnerState.DONE, "stop")


@pytest.mark.parametrize(
    ("incomes", "proposed"),
    [((380_000, 0, 0), "may_be_dibao"), ((0, 400_000, 0), "stop"), ((100_000, 250_000, 0), "keep")],
)
async def test_an_edge_family_is_rechecked_too(
    desk: Desk, households: Households, incomes: tuple[int, ...], proposed: str
) -> None:
    family = households["edge_family"]
    await earn(desk, family, *incomes)
    report = died(family.persons[0], confirmed=True)
    outcome = await rechecked(desk, report)
    assert (outcome.state, outcome.result["proposed"]) == (OwnerState.OPEN, proposed)
    refusal = await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 1_000}, reason="调整")
    assert (refusal.status_code, refusal.json()["errors"][0]["code"]) == (422, "nothing_to_adjust")
    answer = await desk.decide(RECHECK, report, "stop", reason="收入超过边缘标准")
    assert answer.json()["outcome"]["state"] == "done"


async def test_a_rigid_family_is_put_to_a_human_without_a_formula(desk: Desk, households: Households) -> None:
    report = died(households["rigid_family"].persons[0], confirmed=True)
    outcome = await rechecked(desk, report)
    assert (outcome.state, outcome.result["proposed"]) == (OwnerState.OPEN, "unknown")
    assert outcome.task is not None
    assert [line["kind"] for line in outcome.task.facts["benefits"]] == ["rigid"]


@pytest.mark.parametrize(
    ("died_at", "due_on", "provisional"),
    [
        # 28 February 2027 is a Sunday, and the calendar of 2027 has not been announced.
        (datetime(2026, 11, 28, 8, tzinfo=TZ), "2027-03-01", True),
        (datetime(2027, 11, 29, 8, tzinfo=TZ), "2028-02-29", True),
        (datetime(2027, 11, 30, 8, tzinfo=TZ), "2028-02-29", True),
        (datetime(2026, 2, 28, 23, 50, tzinfo=TZ), "2026-05-28", False),
    ],
)
async def test_the_recheck_is_due_three_months_after_the_death(
    desk: Desk, households: Households, died_at: datetime, due_on: str, provisional: bool
) -> None:
    report = Report(households["dibao_couple"].persons[0].person, died_at, confirmed=True)
    outcome = await rechecked(desk, report)
    assert (outcome.result["due_on"], outcome.result["due_provisional"]) == (due_on, provisional)
    assert outcome.due_at is not None
    assert (outcome.due_at.astimezone(TZ).date().isoformat(), outcome.provisional) == (due_on, provisional)


async def test_ten_minutes_before_midnight_the_month_of_death_is_the_old_one(
    desk: Desk, households: Households
) -> None:
    """Died on 28 February at 23:50, certificate of 2 March: February is the last month that is paid."""
    report = Report(
        households["tekun_alone"].persons[0].person, datetime(2026, 2, 28, 23, 50, tzinfo=TZ), confirmed=True
    )
    outcome = await desk.send(Verb.OPEN, STOP, report)
    line, amount = outcome.result["stopped"][0], households["tekun_alone"].holdings[0].amount_fen
    granted = households["tekun_alone"].holdings[0].granted_on
    assert granted < date(2026, 2, 1)
    assert (line["last_payable_month"], line["overpaid_fen"]) == ("2026-02", 9 * amount)
