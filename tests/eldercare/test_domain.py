"""Months and sums of stopping and restoring, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.public_service.clock import TZ
from services.eldercare.domain import (
    Arrears,
    Care,
    Claim,
    End,
    Item,
    Restore,
    arrears_fen,
    count_months,
    month_of,
    next_month,
    overpaid_fen,
    restore,
    stop,
)

STOPPER = UUID(int=1)


def allowance(amount_fen: int = 5_000, paid_through: date | None = date(2026, 11, 1), **more: object) -> Item:
    granted = more.pop("granted_on", date(2020, 1, 1))
    return Item(
        "allowances", uuid4(), "old_age_allowance", "active", amount_fen, granted_on=granted,
        paid_through=paid_through, payee=uuid4(), **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("paid_through", "last", "months"),
    [
        (date(2026, 11, 1), date(2026, 11, 1), 0),
        (date(2026, 11, 1), date(2026, 10, 1), 1),
        (date(2026, 11, 1), date(2025, 12, 1), 11),
        (date(2026, 9, 1), date(2026, 11, 1), 0),
        (None, date(2026, 1, 1), 0),
    ],
)
def test_what_was_paid_after_the_month_of_death_is_overpaid(
    paid_through: date | None, last: date, months: int
) -> None:
    assert overpaid_fen(allowance(paid_through=paid_through), last) == 5_000 * months


def test_a_grant_after_the_death_is_overpaid_from_its_own_month() -> None:
    item = allowance(granted_on=date(2026, 9, 1))
    assert overpaid_fen(item, date(2026, 1, 1)) == 3 * 5_000


def test_the_month_of_death_is_the_last_payable_month() -> None:
    lines = stop([allowance()], date(2026, 10, 31), {}).stopped
    assert (lines[0]["last_payable_month"], lines[0]["overpaid_fen"]) == ("2026-10", 5_000)


def test_services_stop_without_money() -> None:
    bed = Item("stays", uuid4(), "bed", "active")
    outcome = stop([bed], date(2026, 10, 31), {})
    assert outcome.stopped[0]["overpaid_fen"] == 0
    assert [type(effect) for effect in outcome.effects] == [End]


def test_a_place_on_a_waiting_list_ends_without_a_line() -> None:
    request = Item("bed_requests", uuid4(), "bed_request", "waiting")
    outcome = stop([request], date(2026, 10, 31), {})
    assert outcome.stopped == ()
    assert len(outcome.effects) == 1


def test_a_bed_given_away_is_noted_and_not_restored() -> None:
    bed = Item("stays", uuid4(), "bed", "active", ended_by=STOPPER, taken=True)
    back = restore([bed], {}, date(2026, 11, 22))
    assert back.notes == ({"hold": str(bed.id), "kind": "bed", "note": "bed_taken"},)
    assert back.effects == ()


def test_an_order_whose_day_has_passed_is_noted() -> None:
    order = Item("home_orders", uuid4(), "home_order", "booked", ended_by=STOPPER, on_date=date(2026, 11, 20))
    assert restore([order], {}, date(2026, 11, 22)).notes[0]["note"] == "date_passed"


days = st.dates(min_value=date(2024, 1, 1), max_value=date(2027, 12, 31))
amounts = st.integers(min_value=1, max_value=10_000_000)


@given(deaths=st.lists(days, min_size=1, max_size=6), paid=days, amount=amounts, revoked=days)
def test_after_any_corrections_the_claim_is_that_of_the_last_date_and_an_undo_leaves_none(
    deaths: list[date], paid: date, amount: int, revoked: date
) -> None:
    item = allowance(amount, month_of(paid))
    booked, claimed = 0, {}
    for died in deaths:
        outcome = stop([item], died, claimed)
        booked += sum(effect.amount_fen for effect in outcome.effects if isinstance(effect, Claim))
        claimed = dict(outcome.claimed)
        item = replace(item, ended_by=STOPPER, ends_after=month_of(died))
    assert booked == overpaid_fen(item, month_of(deaths[-1])) == sum(claimed.values())
    back = restore([item], claimed, revoked)
    booked += sum(effect.amount_fen for effect in back.effects if isinstance(effect, Claim))
    assert booked == 0


@given(died=days, paid=days, amount=amounts, revoked=days)
def test_after_an_undo_exactly_the_months_of_a_life_are_paid(
    died: date, paid: date, amount: int, revoked: date
) -> None:
    item = replace(allowance(amount, month_of(paid)), ended_by=STOPPER, ends_after=month_of(died))
    back = restore([item], {}, revoked)
    arrears = sum(effect.amount_fen for effect in back.effects if isinstance(effect, Arrears))
    months_after = count_months(month_of(revoked)) - count_months(month_of(paid))
    assert arrears == back.arrears_fen == amount * max(months_after, 0)
    assert any(isinstance(effect, Restore) for effect in back.effects)


@given(items=st.lists(st.builds(allowance, amounts, days.map(month_of)), max_size=5), died=days)
def test_stopping_many_is_stopping_each(items: list[Item], died: date) -> None:
    together = stop(items, died, {})
    alone = [stop([item], died, {}) for item in items]
    assert sorted(map(str, together.stopped)) == sorted(str(line) for each in alone for line in each.stopped)
    assert together.claimed == {key: fen for each in alone for key, fen in each.claimed.items()}


def test_an_unpaid_allowance_is_owed_from_its_grant() -> None:
    assert (
        arrears_fen(allowance(paid_through=None, granted_on=date(2026, 9, 15)), date(2026, 11, 1))
        == 3 * 5_000
    )


@given(day=days)
def test_the_next_month_follows(day: date) -> None:
    assert next_month(month_of(day)) == month_of(month_of(day) + timedelta(days=31))


def test_a_stop_shows_before_a_suspension() -> None:
    item = replace(allowance(), held_by=UUID(int=2), ended_by=STOPPER)
    assert item.shown_state == "stopped"
    assert replace(item, ended_by=None).shown_state == "suspended"


def test_only_a_card_that_is_not_cancelled_is_valid() -> None:
    card = Item("elder_cards", uuid4(), "elder_card", "active")
    met = datetime(2026, 11, 1, 12, tzinfo=TZ)
    assert Care(uuid4(), (card,), met).card() == card
    assert Care(uuid4(), (replace(card, ended_by=STOPPER),), met).card() is None
