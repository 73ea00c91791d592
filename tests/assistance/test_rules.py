"""The dated formulas of assistance: boundary cases, bulk as single, one version in force a day (design 8, R01, R02)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.assistance.rules import force
from services.assistance.rules.force import RuleNotInForce, RulesOverlap, in_force, rule
from services.assistance.rules.household_after_death import (
    DIBAO,
    EDGE,
    UNKNOWN,
    Amounts,
    Families,
    Family,
    explain,
)

AS_OF = date(2026, 12, 1)
FILE = Path(force.__file__).with_name("household_after_death.yaml")
CASES = [
    pytest.param(name, case["family"], case["expect"], id=case["name"])
    for name, cases in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()
    for case in cases
]
fen = st.integers(0, 500_000)
families = st.builds(
    Family,
    members=st.integers(1, 12),
    before_fen=st.integers(0, 2_000_000),
    standard_fen=st.none() | fen,
    income_fen=st.none() | st.integers(0, 3_000_000),
    line_percent=st.none() | st.integers(100, 300),
)


@pytest.mark.parametrize(("name", "family", "expected"), CASES)
def test_the_boundary_case_holds(name: str, family: dict[str, Any], expected: dict[str, Any]) -> None:
    explained = explain(name, Family(**family), AS_OF)
    assert {"amount_fen": explained.amount_fen, "change": explained.change} == expected


def test_both_rules_have_boundary_cases() -> None:
    assert {case.values[0] for case in CASES} == {DIBAO, EDGE}


@pytest.mark.parametrize("name", [DIBAO, EDGE])
@given(many=st.lists(families, min_size=1, max_size=30))
def test_a_scan_of_many_decides_each_as_alone(name: str, many: list[Family]) -> None:
    scanned: Amounts = in_force(name, AS_OF).decide(Families.of(many))
    alone = [explain(name, family, AS_OF) for family in many]
    assert scanned.amount_fen.tolist() == [one.amount_fen for one in alone]
    assert scanned.change.tolist() == [one.change for one in alone]


@given(families)
def test_what_is_not_known_never_counts_as_zero(family: Family) -> None:
    explained = explain(DIBAO, family, AS_OF)
    unknown = family.standard_fen is None or family.income_fen is None
    assert (explained.change == UNKNOWN) == unknown
    if unknown:
        assert explained.amount_fen == family.before_fen * family.members // (family.members + 1)


@given(families.filter(lambda family: family.standard_fen is not None and family.income_fen is not None))
def test_the_amount_lifts_the_household_to_the_standard_and_no_higher(family: Family) -> None:
    assert family.standard_fen is not None
    assert family.income_fen is not None
    explained = explain(DIBAO, family, AS_OF)
    assert explained.amount_fen >= 0
    if explained.amount_fen:
        assert explained.amount_fen + family.income_fen == family.standard_fen * family.members


def test_the_decision_keeps_what_it_was_made_on() -> None:
    record = explain(DIBAO, Family(2, 90_000, 105_000, 20_000), AS_OF).record()
    assert record["snapshot"] == {
        "members": 2, "before_fen": 90_000, "standard_fen": 105_000, "income_fen": 20_000, "line_percent": None,
    }  # fmt: skip
    assert (record["rule"], record["as_of"], len(record["version"])) == (DIBAO, "2026-12-01", 12)
    assert record["legal_basis"]
    assert record["trace"] == ["105000 × 2 − 20000 → 190000 (increase)"]


def test_no_rule_is_in_force_before_its_law() -> None:
    with pytest.raises(RuleNotInForce):
        in_force(DIBAO, date(2021, 6, 30))
    assert in_force(DIBAO, date(2021, 7, 1)).name == DIBAO


def same(families: Families) -> Families:
    return families


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A place for rules of one name, gone after the test."""
    monkeypatch.setattr(force, "_RULES", {})

    def put(valid_from: date, valid_to: date | None = None) -> None:
        rule("example", legal_basis="例", valid_from=valid_from, valid_to=valid_to)(same)

    return put


def test_a_newer_version_takes_over_on_its_day(named: Callable[..., None]) -> None:
    named(date(2020, 1, 1), date(2025, 12, 31))
    named(date(2026, 1, 1))
    assert in_force("example", date(2025, 12, 31)).valid_from == date(2020, 1, 1)
    assert in_force("example", date(2026, 1, 1)).valid_from == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((date(2020, 1, 1), None), (date(2026, 1, 1), None)),
        ((date(2026, 1, 1), None), (date(2020, 1, 1), date(2026, 1, 1))),
    ],
)
def test_two_versions_of_one_day_are_refused(
    named: Callable[..., None], first: tuple[date, date | None], second: tuple[date, date | None]
) -> None:
    named(*first)
    with pytest.raises(RulesOverlap):
        named(*second)
