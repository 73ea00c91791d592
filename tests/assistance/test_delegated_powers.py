"""Which benefits a township may decide is the region's own (SA-045): the others go to the county (R01)."""

from datetime import date
from typing import Any

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from services.assistance.procedures import household_recheck
from services.assistance.procedures.standards import townships_power
from tests.assistance.sight import RECHECK, STOP, Households, died
from tests.owner_desk import Desk

DAY = date(2026, 3, 2)
JINJIANG, JINING, HUNAN, TAIZHOU = "350582901000", "370829901000", "430121901000", "331022901000"


@pytest.mark.parametrize(
    ("region", "kinds", "townships"),
    [
        (JINJIANG, ["dibao"], True), (JINJIANG, ["tekun"], False), (JINJIANG, ["temporary"], True),
        (JINING, ["tekun"], True), (JINING, ["dibao"], True), (JINING, ["edge"], False),
        (JINJIANG, ["dibao", "edge"], False), (HUNAN, ["edge"], True), (TAIZHOU, ["rigid"], True),
        ("999999", ["dibao"], True),
    ],
)  # fmt: skip
def test_a_power_covers_the_benefits_that_the_plan_names(
    region: str, kinds: list[str], townships: bool
) -> None:
    assert townships_power(RECHECK, kinds, region, DAY) is townships


def test_before_the_power_was_given_nothing_limits_it() -> None:
    assert townships_power(RECHECK, ["edge"], JINJIANG, date(2020, 12, 31))


async def test_a_benefit_that_is_not_delegated_is_decided_by_the_county(
    desk: Desk, households: Households, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a county whose power is over temporary assistance alone."""
    asked: list[Any] = []

    def only_temporary(procedure: str, kinds: list[str], region: str, on: date) -> bool:
        asked.append((procedure, list(kinds)))
        return set(kinds) <= {"temporary"}

    monkeypatch.setattr(household_recheck, "townships_power", only_temporary)
    report = died(households["dibao_couple"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.OPEN, RECHECK, report)
    assert asked == [(RECHECK, ["dibao"])]
    assert outcome.task is not None
    assert (outcome.task.role, outcome.task.level, outcome.task.step) == (
        "county_supervisor", "county", "sign_at_county",
    )  # fmt: skip
    assert [one.id for one in outcome.task.decisions] == ["keep", "adjust", "stop"]
    answer = await desk.decide(RECHECK, report, "keep")
    assert answer.status_code == 200, answer.text
    signed = desk.outcomes[report.procedures[RECHECK]]
    assert (signed.state, signed.result["office"]) == (OwnerState.DONE, "county_office")


async def test_where_the_power_covers_it_the_township_decides_as_before(
    desk: Desk, households: Households
) -> None:
    report = died(households["dibao_couple"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.OPEN, RECHECK, report)
    assert outcome.task is not None and outcome.task.role == "township_officer"
    assert (await desk.decide(RECHECK, report, "keep")).status_code == 200
    assert "office" not in desk.outcomes[report.procedures[RECHECK]].result
