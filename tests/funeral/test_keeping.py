"""What the keeping of a body costs: counted days, a dated price list, no charge under a hold (R22)."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.public_service.clock import TZ
from services.funeral.domain.keeping import keeping
from services.funeral.domain.prices import Price, price_on

HOME = UUID(int=9)
OLD = Price(HOME, "keeping", "day", 8000, date(2020, 1, 1))
NEW = Price(HOME, "keeping", "day", 9000, date(2026, 12, 1))
ARRIVED = datetime(2026, 11, 22, 20, tzinfo=TZ)


def days(number: int, hour: int = 10) -> datetime:
    return (ARRIVED + timedelta(days=number)).replace(hour=hour)


@pytest.mark.parametrize(
    ("until", "expected"),
    [(ARRIVED + timedelta(hours=1), 1), (days(1), 1), (days(2), 2), (days(3, 23), 3)],
)
def test_the_day_of_arrival_counts_and_that_of_departure_does_not(until: datetime, expected: int) -> None:
    kept = keeping(ARRIVED, until, (), (OLD,))
    assert (kept.days, kept.charge_fen) == (expected, expected * 8000)


def test_days_under_a_hold_are_not_charged() -> None:
    held = [(days(1, 9), days(3, 9))]
    kept = keeping(ARRIVED, days(6), held, (OLD,))
    assert (kept.days, kept.held_days, kept.charge_fen) == (6, 3, 3 * 8000)


def test_while_a_hold_still_stands_nothing_more_is_charged() -> None:
    kept = keeping(ARRIVED, days(10), [(days(2, 9), None)], (OLD,))
    assert (kept.held_days, kept.charge_fen) == (8, 2 * 8000)


def test_two_holds_on_one_day_are_one_day() -> None:
    kept = keeping(ARRIVED, days(5), [(days(1, 8), days(1, 9)), (days(1, 10), days(2, 8))], (OLD,))
    assert kept.held_days == 2


def test_each_day_costs_what_the_list_says_on_that_day() -> None:
    kept = keeping(datetime(2026, 11, 29, 9, tzinfo=TZ), datetime(2026, 12, 3, 9, tzinfo=TZ), (), (OLD, NEW))
    assert kept.charge_fen == 2 * 8000 + 2 * 9000


def test_without_a_price_the_charge_is_unknown_and_not_zero() -> None:
    assert keeping(ARRIVED, days(2), (), (NEW,)).charge_fen is None
    assert price_on((NEW,), "keeping", date(2026, 11, 30)) is None


def test_a_body_kept_under_a_hold_all_the_time_costs_nothing() -> None:
    assert keeping(ARRIVED, days(4), [(ARRIVED, None)], ()).charge_fen == 0


@given(
    length=st.integers(0, 400),
    holds=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 300)), max_size=4),
)
def test_charged_and_held_days_are_all_the_days(length: int, holds: list[tuple[int, int]]) -> None:
    spans = [
        (ARRIVED + timedelta(hours=begin), ARRIVED + timedelta(hours=begin + more)) for begin, more in holds
    ]
    kept = keeping(ARRIVED, ARRIVED + timedelta(hours=length), spans, (OLD,))
    assert kept.days == kept.held_days + len(kept.charged)
    assert kept.charge_fen == 8000 * len(kept.charged)
