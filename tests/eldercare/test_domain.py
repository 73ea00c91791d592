"""Months and sums of stopping and restoring, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.public_service.clock import TZ
from kernel.public_service.months import count_months, month_of
from services.eldercare.domain.effects import (
    Book,
    ClaimProvider,
    DropClaim,
    End,
    FirstPlace,
    MoveIn,
    RecordSettlement,
    Restore,
    SetOverpayment,
    SettleOrder,
)
from services.eldercare.domain.items import Care, Item, OrderTerms, ServiceCharged, StayTerms
from services.eldercare.domain.periods import overpaid_fen, overpaid_months, owed_months, period_end
from services.eldercare.domain.restoring import restore
from services.eldercare.domain.services_charged import share_fen
from services.eldercare.domain.stopping import fee_after, stop

STOPPER, PERSON = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 10, 31, 12, tzinfo=TZ)


def allowance(amount_fen: int = 5_000, paid_through: date | None = date(2026, 11, 1), **more: object) -> Item:
    granted = more.pop("granted_on", date(2020, 1, 1))
    return Item(
        "allowances", uuid4(), "old_age_allowance", "active", amount_fen, granted_on=granted,
        paid_through=paid_through, payee=uuid4(), region="331022901000", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def held(*items: Item, **more: object) -> Care:
    return Care(PERSON, items, **more)  # type: ignore[arg-type]


def stopped(care: Care, died_at: datetime = NOON) -> tuple[list[dict[str, object]], tuple[object, ...]]:
    outcome = stop(care, care.running(), STOPPER, died_at)
    return [dict(line) for line in outcome.stopped], outcome.effects


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


@pytest.mark.parametrize(
    ("month", "period", "end"),
    [
        (date(2026, 5, 1), 1, date(2026, 5, 1)),
        (date(2026, 1, 1), 3, date(2026, 3, 1)),
        (date(2026, 3, 1), 3, date(2026, 3, 1)),
        (date(2026, 10, 1), 3, date(2026, 12, 1)),
        (date(2026, 6, 1), 6, date(2026, 6, 1)),
        (date(2026, 7, 1), 6, date(2026, 12, 1)),
    ],
)
def test_periods_begin_with_january(month: date, period: int, end: date) -> None:
    assert period_end(month, period) == end


def test_a_quarter_paid_on_new_years_day_is_due_in_part_and_overpaid_in_part() -> None:
    item = allowance(paid_through=date(2026, 3, 1), period_months=3)
    lines, effects = stopped(held(item), datetime(2026, 1, 20, 8, tzinfo=TZ))
    assert (lines[0]["last_payable_month"], lines[0]["overpaid_fen"]) == ("2026-01", 10_000)
    (record,) = [each.record for each in effects if isinstance(each, SetOverpayment)]
    assert record.months == (date(2026, 2, 1), date(2026, 3, 1))
    booked = [(each.month, each.amount_fen) for each in effects if isinstance(each, Book)]
    assert booked == [(date(2026, 2, 1), 5_000), (date(2026, 3, 1), 5_000)]


@pytest.mark.parametrize(
    ("died_at", "last"),
    [
        (datetime(2026, 2, 28, 23, 50, tzinfo=TZ), "2026-02"),
        (datetime(2026, 3, 1, 0, 0, tzinfo=TZ), "2026-03"),
        (datetime(2026, 1, 31, 23, 59, tzinfo=TZ), "2026-01"),
        (datetime.fromisoformat("2026-01-31T16:00:00+00:00"), "2026-02"),
    ],
)
def test_the_month_of_death_is_the_last_payable_month(died_at: datetime, last: str) -> None:
    assert stopped(held(allowance()), died_at)[0][0]["last_payable_month"] == last


def test_what_is_found_is_no_letter() -> None:
    (record,) = [e.record for e in stopped(held(allowance()))[1] if isinstance(e, SetOverpayment)]
    assert (record.state, record.letter_from) == ("found", None)


def test_services_stop_without_money() -> None:
    lines, effects = stopped(held(Item("visit_plans", uuid4(), "visit_plan", "active")))
    assert lines[0]["overpaid_fen"] == 0
    assert [type(effect) for effect in effects] == [End]


@pytest.mark.parametrize("source", ["bed_requests", "assessments"])
def test_what_one_only_waited_for_ends_without_a_line(source: str) -> None:
    lines, effects = stopped(held(Item(source, uuid4(), "waited", "waiting")))
    assert lines == []
    assert len(effects) == 1


def test_a_vouchers_balance_lapses_on_the_day() -> None:
    lines, _ = stopped(held(Item("vouchers", uuid4(), "voucher", "active", 7_000)))
    assert lines[0]["lapsed_fen"] == 7_000


def charged(at: datetime, source: str = "voucher_uses") -> ServiceCharged:
    return ServiceCharged(source, uuid4(), uuid4(), 3_000, at, "331022")


@pytest.mark.parametrize(
    ("hours", "claimed"), [(-13, False), (-11, True), (1, True)], ids=["day before", "same day", "after"]
)
def test_a_service_charged_on_or_after_the_day_of_death_is_claimed_from_its_provider(
    hours: int, claimed: bool
) -> None:
    care = held(charged=(charged(NOON + timedelta(hours=hours)),))
    _, effects = stopped(care)
    assert any(isinstance(each, ClaimProvider) for each in effects) is claimed
    assert sum(each.amount_fen for each in effects if isinstance(each, Book)) == (3_000 if claimed else 0)


def test_a_later_day_of_death_drops_the_claim_and_an_undo_drops_them_all() -> None:
    use = charged(NOON)
    (claim,) = [each.claim for each in stopped(held(charged=(use,)))[1] if isinstance(each, ClaimProvider)]
    care = held(charged=(use,), claims=(claim,))
    again = stopped(care)[1]
    assert not [each for each in again if isinstance(each, ClaimProvider | DropClaim | Book)]
    for effects in (stopped(care, NOON + timedelta(days=1))[1], restore(care, STOPPER, NOON.date()).effects):
        assert [type(each) for each in effects] == [DropClaim, Book]


@pytest.mark.parametrize(
    ("started_minutes_before", "planned", "share"),
    [(30, 60, 3_000), (90, 60, 6_000), (7, 60, 700), (-5, 60, 0), (30, None, None), (None, 60, 0)],
)
def test_a_broken_off_order_is_settled_for_what_was_done_before_the_death(
    started_minutes_before: int | None, planned: int | None, share: int | None
) -> None:
    started = None if started_minutes_before is None else NOON - timedelta(minutes=started_minutes_before)
    assert share_fen(OrderTerms(6_000, uuid4(), started, planned), NOON) == share


def test_a_corrected_hour_of_death_settles_the_difference_only() -> None:
    order = Item("home_orders", uuid4(), "home_order", "in_progress", on_date=NOON.date(), region="331022")
    terms = OrderTerms(6_000, uuid4(), NOON - timedelta(minutes=30), 60, settled_fen=4_000)
    lines, effects = stopped(held(order, orders={order.id: terms}))
    assert lines[0]["settled_fen"] == 3_000
    (settled,) = [each for each in effects if isinstance(each, SettleOrder)]
    (entry,) = [each for each in effects if isinstance(each, Book)]
    assert (settled.settled_fen, entry.amount_fen, entry.credit) == (3_000, 1_000, "elder_welfare_fund")


def test_a_booked_order_is_cancelled_and_nobody_is_paid() -> None:
    order = Item("home_orders", uuid4(), "home_order", "booked", on_date=NOON.date() + timedelta(days=3))
    _, effects = stopped(held(order, orders={order.id: OrderTerms(6_000)}))
    assert [type(each) for each in effects] == [End]


@pytest.mark.parametrize(
    ("paid", "died", "ahead", "unpaid"),
    [
        (date(2026, 10, 1), date(2026, 10, 15), 1_500, 0),
        (date(2026, 12, 1), date(2026, 10, 30), 6_000, 0),
        (date(2026, 10, 1), date(2026, 10, 31), 0, 0),
        (date(2026, 9, 1), date(2026, 10, 10), 0, 1_000),
        (date(2026, 8, 1), date(2026, 10, 10), 0, 4_000),
    ],
)
def test_the_fee_of_a_stay_is_owed_to_the_day(paid: date, died: date, ahead: int, unpaid: int) -> None:
    terms = StayTerms(uuid4(), uuid4(), fee_fen=3_000, fee_paid_through=paid)
    assert fee_after(terms, died) == (ahead, unpaid)


def test_deposit_and_fee_are_recorded_each_for_itself() -> None:
    bed = Item("stays", uuid4(), "bed", "active")
    terms = StayTerms(uuid4(), uuid4(), deposit_fen=50_000, fee_fen=3_000, fee_paid_through=date(2026, 9, 1))
    _, effects = stopped(held(bed, stays={bed.id: terms}))
    recorded = {each.kind: each.amount_fen for each in effects if isinstance(each, RecordSettlement)}
    assert recorded == {"deposit": 50_000, "unpaid_fee": 3_000}
    assert not [each for each in effects if isinstance(each, Book)]


def test_a_family_beds_equipment_is_to_be_collected() -> None:
    bed = Item("stays", uuid4(), "bed", "active")
    terms = StayTerms(uuid4(), uuid4(), family_bed=True)
    assert stopped(held(bed, stays={bed.id: terms}))[0][0]["equipment"] == "to_collect"


@pytest.mark.parametrize(("spare", "kind", "note"), [
    (UUID(int=9), MoveIn, "moved_to_another_bed"), (None, FirstPlace, "bed_taken"),
])  # fmt: skip
def test_a_bed_given_away_is_not_taken_back(spare: UUID | None, kind: type, note: str) -> None:
    bed = Item("stays", uuid4(), "bed", "active", ended_by=STOPPER, taken=True)
    terms = StayTerms(uuid4(), uuid4(), spare=spare)
    back = restore(held(bed, stays={bed.id: terms}), STOPPER, date(2026, 11, 22))
    assert [dict(each) for each in back.notes] == [{"hold": str(bed.id), "kind": "bed", "note": note}]
    assert isinstance(back.effects[0], kind)
    assert not any(isinstance(each, Restore) for each in back.effects)


@pytest.mark.parametrize(("state", "note"), [("booked", "date_passed"), ("in_progress", "broken_off")])
def test_an_order_that_cannot_come_back_is_noted(state: str, note: str) -> None:
    order = Item("home_orders", uuid4(), "home_order", state, ended_by=STOPPER, on_date=date(2026, 11, 20))
    assert restore(held(order), STOPPER, date(2026, 11, 22)).notes[0]["note"] == note


def test_a_quarterly_allowance_is_owed_the_whole_quarter_that_began() -> None:
    item = allowance(paid_through=date(2026, 3, 1), period_months=3)
    assert owed_months(item, date(2026, 5, 1)) == (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1))


def test_arrears_are_told_line_by_line() -> None:
    item = allowance(paid_through=date(2026, 9, 1), ended_by=STOPPER)
    back = restore(held(item), STOPPER, date(2026, 11, 22))
    assert [(line["month"], line["amount_fen"]) for line in back.arrears] == [
        ("2026-10", 5_000), ("2026-11", 5_000),
    ]  # fmt: skip
    assert back.arrears_fen == 10_000


days = st.dates(min_value=date(2024, 1, 1), max_value=date(2027, 12, 31))
amounts = st.integers(min_value=1, max_value=10_000_000)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TZ)


@given(deaths=st.lists(days, min_size=1, max_size=6), paid=days, amount=amounts, revoked=days)
def test_after_any_corrections_the_claim_is_that_of_the_last_date_and_an_undo_leaves_none(
    deaths: list[date], paid: date, amount: int, revoked: date
) -> None:
    item = allowance(amount, month_of(paid))
    care, claimed = held(item), 0
    for died in deaths:
        effects = stop(care, [item], STOPPER, at_noon(died)).effects
        claimed += sum(_claimed(each) for each in effects if isinstance(each, Book))
        item = replace(item, ended_by=STOPPER, ends_after=month_of(died))
        records = {e.record.holding: e.record for e in effects if isinstance(e, SetOverpayment)}
        care = held(item, overpaid={**care.overpaid, **records})
    assert claimed == overpaid_fen(item, month_of(deaths[-1]))
    back = restore(care, STOPPER, revoked)
    assert claimed + sum(_claimed(each) for each in back.effects if isinstance(each, Book)) == 0
    owed = max(count_months(revoked) - count_months(paid), 0)
    assert back.arrears_fen == owed * amount


def _claimed(entry: Book) -> int:
    """How much more (or less) is to come back by this entry."""
    kind = "allowance_recoverable"
    return entry.amount_fen * ((entry.debit == kind) - (entry.credit == kind))


@given(paid=days, died=days, period=st.sampled_from([1, 3, 6]))
def test_every_month_is_due_or_overpaid_and_never_both(paid: date, died: date, period: int) -> None:
    item = allowance(paid_through=period_end(month_of(paid), period), period_months=period)
    over = overpaid_months(item, month_of(died))
    assert all(month > month_of(died) for month in over)
    assert item.paid_through is not None
    assert len(over) == max(count_months(item.paid_through) - count_months(died), 0)


@given(items=st.lists(st.builds(allowance, amounts, days.map(month_of)), max_size=5), died=days)
def test_stopping_many_is_stopping_each(items: list[Item], died: date) -> None:
    together = stopped(held(*items), at_noon(died))
    alone = [stopped(held(item), at_noon(died)) for item in items]
    assert sorted(map(str, together[0])) == sorted(str(line) for lines, _ in alone for line in lines)
    assert len(together[1]) == sum(len(effects) for _, effects in alone)


def test_an_unpaid_allowance_is_owed_from_its_grant() -> None:
    item = allowance(paid_through=None, granted_on=date(2026, 9, 15))
    assert len(owed_months(item, date(2026, 11, 1))) == 3
    assert owed_months(item, date(2026, 8, 1)) == ()


def test_a_stop_shows_before_a_suspension() -> None:
    item = replace(allowance(), held_by=UUID(int=2), ended_by=STOPPER)
    assert item.shown_state == "stopped"
    assert replace(item, ended_by=None).shown_state == "suspended"


def test_only_a_card_that_is_not_cancelled_is_valid() -> None:
    card = Item("elder_cards", uuid4(), "elder_card", "active")
    assert held(card).card() == card
    assert held(replace(card, ended_by=STOPPER)).card() is None
