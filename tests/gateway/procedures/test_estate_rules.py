"""Where the heirs go: boundaries of the small deposits (R27), dated rules, and the file that ships."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.catalog_files import load_catalogue
from gateway.assets.estate_rules import Money, NoRuleYet, estate_rules, read_estate_rules

RULES = estate_rules()
TODAY = date(2026, 3, 2)
LIMIT = 5_000_000
FEN = st.integers(min_value=0, max_value=3 * LIMIT)


def at_bank(
    money: Money, *, capacity: str = "first_order_heir", bank: str = "commercial", on: date = TODAY
) -> bool:
    return RULES.bank_way(money, capacity=capacity, bank=bank, on=on).at_bank


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (Money(deposit_fen=LIMIT), True),
        (Money(deposit_fen=LIMIT + 1), False),
        (Money(2_000_000, 1_000_000, 1_000_000, 1_000_000), True),
        (Money(2_000_000, 1_000_000, 1_000_000, 1_000_001), False),
        (Money(deposit_fen=LIMIT + 4_000_000, survivors_fen=4_000_000), True),
        (Money(deposit_fen=LIMIT + 4_000_001, survivors_fen=4_000_000), False),
        (Money(), True),
    ],
)
def test_all_products_of_one_bank_count_and_the_survivors_money_does_not(
    money: Money, expected: bool
) -> None:
    assert at_bank(money) is expected


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [("first_order_heir", True), ("will", True), ("second_order_heir", False), ("representation", False),
     ("estate_manager", False)],
)  # fmt: skip
def test_only_heirs_of_the_first_order_and_by_will_are_served_without_a_notary(
    capacity: str, expected: bool
) -> None:
    assert at_bank(Money(deposit_fen=100), capacity=capacity) is expected


@pytest.mark.parametrize(
    ("bank", "on", "limit_fen"),
    [
        ("commercial", date(2024, 5, 31), 1_000_000),
        ("commercial", date(2024, 6, 1), LIMIT),
        ("rural", date(2025, 12, 31), 1_000_000),
        ("rural", date(2026, 1, 1), LIMIT),
    ],
)
def test_the_limit_is_that_of_the_day_and_rural_banks_had_time_until_the_end_of_2025(
    bank: str, on: date, limit_fen: int
) -> None:
    assert RULES.small_deposit(bank, on).limit_fen == limit_fen


def test_before_the_first_rule_there_is_none_rather_than_a_guess() -> None:
    with pytest.raises(NoRuleYet):
        RULES.small_deposit("commercial", date(2020, 1, 1))


@given(deposit=FEN, gold=FEN, treasury=FEN, agency=FEN, survivors=FEN)
def test_where_the_money_lies_at_one_bank_makes_no_difference(
    deposit: int, gold: int, treasury: int, agency: int, survivors: int
) -> None:
    spread = Money(deposit, gold, treasury, agency, survivors)
    together = Money(deposit_fen=deposit + gold + treasury + agency, survivors_fen=survivors)
    assert at_bank(spread) is at_bank(together)


def test_a_list_is_good_for_thirty_days() -> None:
    assert RULES.valid_until(date(2026, 3, 2)) == date(2026, 4, 1)


def test_every_source_that_is_asked_has_a_route_and_no_route_names_another() -> None:
    asked = {
        source.department
        for row in load_catalogue().life_events["death"].procedures
        for source in row.sources
    }
    led = {source for route in RULES.routes(TODAY) for source in route.asked_of}
    assert asked == led
    assert len(asked) == 10


def test_disputes_missing_heirs_and_debts_are_told_to_every_family() -> None:
    general = [route.id for route in RULES.routes(TODAY) if not route.asked_of]
    assert general == ["dispute", "no_heirs", "debts"]


def test_the_limit_in_the_words_is_that_of_the_day() -> None:
    def words(on: date) -> str:
        return next(route.how for route in RULES.routes(on) if route.id == "bank")

    assert "50,000 元" in words(TODAY)
    assert "10,000 元" in words(date(2024, 1, 2))
    assert "{" not in "".join(route.how for route in RULES.routes(TODAY))


def test_a_later_entry_takes_the_place_of_an_earlier_one_from_its_day_on() -> None:
    text = (
        'list_valid: [{days: 5, valid_from: "2021-01-01", standing: D, source: x}]\n'
        'small_deposits: [{limit_fen: 1, banks: [commercial], valid_from: "2021-01-01", standing: K, source: x}]\n'
        'routes:\n'
        '  - {id: a, what: 甲, where: 旧, how: 一, valid_from: "2021-01-01", source: x}\n'
        '  - {id: a, what: 甲, where: 新, how: 二, valid_from: "2026-03-02", source: x}\n'
    )  # fmt: skip
    rules = read_estate_rules(text)
    assert [route.where for route in rules.routes(date(2026, 3, 1))] == ["旧"]
    assert [route.where for route in rules.routes(TODAY)] == ["新"]


def test_a_file_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        read_estate_rules("list_valid: []\nsmall_deposits: []\nroutes: []\nnotes: x")
