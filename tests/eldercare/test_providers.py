"""Vouchers, home orders and their providers around a death, on a real database (R53, R55)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from deploy.local.people.model import SyntheticHousehold
from tests.eldercare.test_payments import balance
from tests.owner_desk import NOW, Desk, Report

STOP, PAUSE = "eldercare.stop_benefits", "eldercare.pause_services"
PROVIDER = UUID(int=55)
Households = Mapping[str, SyntheticHousehold]


async def voucher(desk: Desk, person: UUID, month: date = date(2026, 11, 1)) -> UUID:
    key = uuid4()
    await desk.write(
        """INSERT INTO vouchers (id, person, amount_fen, balance_fen, month, region, state)
           VALUES (:id, :p, 20000, 20000, :m, '331022901000', 'active')""",
        id=key, p=person, m=month,
    )  # fmt: skip
    return key


async def order(desk: Desk, person: UUID, on: date = NOW.date(), price: int = 6_000) -> UUID:
    key = uuid4()
    await desk.write(
        """INSERT INTO home_orders (id, person, service, on_date, price_fen, region, state)
           VALUES (:id, :p, 'bath', :on, :price, '331022901000', 'booked')""",
        id=key, p=person, on=on, price=price,
    )  # fmt: skip
    return key


async def post(desk: Desk, path: str, **body: Any) -> Any:
    async with desk.http() as client:
        return await client.post(f"/internal/v1/care/{path}", json=body)


async def use(desk: Desk, key: UUID, at: datetime, fen: int = 3_000) -> Any:
    return await post(desk, f"vouchers/{key}/uses", provider=str(PROVIDER), amount_fen=fen, at=at.isoformat())


async def deliver(desk: Desk, person: UUID, key: UUID, at: datetime) -> Any:
    return await post(
        desk, "meetings", person=str(person), kind="delivery", at=at.isoformat(), order=str(key)
    )


async def begin(desk: Desk, key: UUID, at: datetime, minutes: int | None = 60) -> Any:
    return await post(
        desk, f"orders/{key}/start", provider=str(PROVIDER), at=at.isoformat(), planned_minutes=minutes
    )


async def claims(desk: Desk) -> list[tuple[str, int, str]]:
    rows = await desk.rows("SELECT source, amount_fen, state FROM provider_claims ORDER BY charged_at, item")
    return [tuple(row) for row in rows]


def died(person: UUID, at: datetime = NOW) -> Report:
    return Report(person, at, confirmed=True)


async def test_a_voucher_pays_its_provider_and_the_books_know_whom(desk: Desk) -> None:
    person = uuid4()
    key = await voucher(desk, person)
    assert (await use(desk, key, NOW)).status_code == 201
    (row,) = await desk.rows("SELECT balance_fen FROM vouchers WHERE id = :id", id=key)
    assert row.balance_fen == 17_000
    rows = await desk.rows(
        """SELECT a.beneficiary, e.payee, e.amount_fen, e.funding_source FROM ledger_entries e
             JOIN ledger_accounts a ON a.id = e.account WHERE a.kind = 'provider_settled'"""
    )
    assert [tuple(row) for row in rows] == [(person, PROVIDER, 3_000, "elder_welfare_331022")]


@pytest.mark.parametrize(
    ("at", "fen"),
    [(NOW + timedelta(days=20), 3_000), (NOW - timedelta(days=40), 3_000), (NOW, 20_001)],
    ids=["next month", "month before", "more than is left"],
)
async def test_a_voucher_is_good_in_its_month_for_what_is_left(desk: Desk, at: datetime, fen: int) -> None:
    answer = await use(desk, await voucher(desk, uuid4()), at, fen)
    assert (answer.status_code, answer.json()["code"]) == (409, "voucher_not_usable")


async def test_the_balance_lapses_on_the_day_and_comes_back_as_balance(desk: Desk) -> None:
    person = uuid4()
    key = await voucher(desk, person)
    await use(desk, key, NOW - timedelta(days=2))
    report = died(person)
    outcome = await desk.send(Verb.OPEN, STOP, report)
    assert [line["lapsed_fen"] for line in outcome.result["stopped"]] == [17_000]
    assert (await use(desk, key, NOW)).json()["code"] == "voucher_not_usable"
    await desk.send(Verb.UNDO, STOP, report)
    assert (await use(desk, key, NOW)).status_code == 201
    assert await balance(desk, "provider_settled") == 6_000


async def test_a_service_of_before_the_death_is_paid_however_late_it_is_told(desk: Desk) -> None:
    person = uuid4()
    key = await voucher(desk, person)
    await desk.send(Verb.OPEN, STOP, died(person))
    assert (await use(desk, key, NOW - timedelta(days=1))).status_code == 201
    assert await claims(desk) == []


async def test_what_was_charged_on_or_after_the_day_is_claimed_from_the_provider(desk: Desk) -> None:
    person = uuid4()
    key = await voucher(desk, person)
    for days_before in (4, 3, 1):
        await use(desk, key, NOW - timedelta(days=days_before), 1_000 * days_before)
    report = died(person, NOW - timedelta(days=3))
    await desk.send(Verb.OPEN, STOP, report)
    assert await claims(desk) == [("voucher_uses", 3_000, "found"), ("voucher_uses", 1_000, "found")]
    assert await balance(desk, "provider_recoverable") == -4_000
    report.died_at, report.version = NOW - timedelta(days=1), 2
    await desk.send(Verb.CORRECT, STOP, report)
    assert await balance(desk, "provider_recoverable") == -1_000
    await desk.send(Verb.UNDO, STOP, report)
    assert {state for _, _, state in await claims(desk)} == {"cancelled"}
    assert await balance(desk, "provider_recoverable") == 0


async def test_a_suspended_voucher_is_not_used(desk: Desk) -> None:
    person = uuid4()
    key = await voucher(desk, person)
    await desk.send(Verb.OPEN, PAUSE, Report(person, NOW))
    assert (await use(desk, key, NOW)).json()["code"] == "voucher_not_usable"
    assert (await use(desk, uuid4(), NOW)).status_code == 404


async def test_a_delivered_order_is_settled_in_full(desk: Desk) -> None:
    person = uuid4()
    key = await order(desk, person)
    await begin(desk, key, NOW - timedelta(hours=2))
    assert (await deliver(desk, person, key, NOW - timedelta(hours=1))).status_code == 200
    await desk.send(Verb.OPEN, STOP, died(person, NOW + timedelta(days=1)))
    assert await balance(desk, "provider_settled") == 6_000
    assert await claims(desk) == []


async def test_an_order_in_progress_ends_and_is_settled_for_what_was_done(desk: Desk) -> None:
    person = uuid4()
    key = await order(desk, person)
    assert (await begin(desk, key, NOW - timedelta(minutes=20))).status_code == 200
    report = died(person)
    outcome = await desk.send(Verb.OPEN, STOP, report)
    assert [line["settled_fen"] for line in outcome.result["stopped"]] == [2_000]
    assert await balance(desk, "provider_settled") == 2_000
    report.died_at, report.version = NOW - timedelta(minutes=10), 2
    await desk.send(Verb.CORRECT, STOP, report)
    assert await balance(desk, "provider_settled") == 1_000
    assert (await deliver(desk, person, key, NOW)).json()["code"] == "order_not_open"
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert [note["note"] for note in outcome.result["notes"]] == ["broken_off"]
    assert await balance(desk, "provider_settled") == 1_000


async def test_how_much_was_done_of_an_order_without_a_plan_is_not_guessed(desk: Desk) -> None:
    person = uuid4()
    await begin(desk, await order(desk, person), NOW - timedelta(minutes=20), None)
    outcome = await desk.send(Verb.OPEN, STOP, died(person))
    assert [line["settled_fen"] for line in outcome.result["stopped"]] == [None]
    assert await balance(desk, "provider_settled") == 0


async def test_to_future_orders_nobody_is_sent(desk: Desk) -> None:
    person = uuid4()
    today, later = await order(desk, person), await order(desk, person, NOW.date() + timedelta(days=5))
    report = died(person)
    await desk.send(Verb.OPEN, STOP, report)
    for key in (today, later):
        assert (await begin(desk, key, NOW)).json()["code"] == "order_not_open"
    assert await balance(desk, "provider_settled") == 0
    desk.pass_time(days=1)
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert [note["note"] for note in outcome.result["notes"]] == ["date_passed"]
    assert (await begin(desk, later, desk.clock.now())).status_code == 200


async def test_a_delivery_said_to_be_after_the_death_is_claimed(desk: Desk) -> None:
    person = uuid4()
    key = await order(desk, person)
    await deliver(desk, person, key, NOW)
    await desk.send(Verb.OPEN, STOP, died(person, NOW - timedelta(hours=5)))
    assert await claims(desk) == [("home_orders", 6_000, "found")]
    assert await balance(desk, "provider_recoverable") == -6_000
