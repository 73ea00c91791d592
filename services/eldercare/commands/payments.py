"""The payment of allowances in advance, by their periods; and payments by hand that are told later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from casework.persons import lock_persons
from kernel.errors import Conflict, NotFound
from kernel.messaging.transaction import Transaction
from kernel.public_service.months import month_of, months_after, next_month, previous_month
from services.eldercare.commands.money import book, write_overpayments
from services.eldercare.domain.effects import FUND, PAID, RECOVERABLE, Book, SetOverpayment
from services.eldercare.domain.items import Care, Item
from services.eldercare.domain.overpayments import Overpayment, moved
from services.eldercare.domain.periods import overpaid_months
from services.eldercare.domain.stopping import overpaid
from services.eldercare.queries.items import items_of
from services.eldercare.queries.money import overpaid_after_death, read_overpayment

# The last month that may be paid: that of a stop, or the month of a death known here, whichever is earlier.
_LAST = "least(a.ends_after, CAST(p.dead_from - interval '1 month' AS date))"
_BEFORE = "coalesce(a.paid_through, CAST(date_trunc('month', a.granted_on) - interval '1 month' AS date))"
# Due: granted, the month not paid yet, neither suspended nor past its last month. What a suspension left out is paid
# together.
_FROM = "FROM allowances a LEFT JOIN person_locks p ON p.person = a.person"
_DUE = f"""a.state = 'active' AND date_trunc('month', a.granted_on) <= :month
           AND (a.paid_through IS NULL OR a.paid_through < :month)
           AND (a.ended_by IS NOT NULL OR a.held_by IS NULL) AND ({_LAST} IS NULL OR {_LAST} > {_BEFORE})"""
_PERIOD_END = """CAST(date_trunc('year', CAST(:month AS date)) + make_interval(months =>
                 (CAST(extract(month FROM CAST(:month AS date)) AS int) - 1) / a.period_months * a.period_months
                 + a.period_months - 1) AS date)"""
_WHO = text(f"SELECT DISTINCT a.person {_FROM} WHERE {_DUE} ORDER BY a.person LIMIT :limit")
_PAY = text(
    f"""WITH due AS (
            SELECT a.id, {_BEFORE} AS before, least({_PERIOD_END}, {_LAST}) AS through
              {_FROM} WHERE a.person = ANY(CAST(:persons AS uuid[])) AND {_DUE} ORDER BY a.id FOR UPDATE OF a)
        UPDATE allowances AS row SET paid_through = due.through FROM due WHERE row.id = due.id
        RETURNING row.id, row.person, row.payee, row.amount_fen, row.region, due.before, due.through"""
)
_OF = text("SELECT person FROM allowances WHERE id = :id")
_BY_HAND = text(
    "UPDATE allowances SET paid_through = greatest(paid_through, CAST(:through AS date)) WHERE id = :id"
)


class AllowanceUnknown(NotFound):
    """没有这项津贴。
    There is no such allowance."""

    how = "请核对津贴编号。"
    how_en = "Check the allowance's id."


class PaymentLeavesGap(Conflict):
    """这笔款跳过了还没有发放的月份。
    This payment leaves out months that have not been paid."""

    how = "请从第一个未发放的月份开始登记。"
    how_en = "Begin with the first month that has not been paid."


class PaymentKnown(Conflict):
    """这几个月的重复发放已经登记过。
    That these months were paid twice is on record already."""

    how = "请核对是否重复登记了同一笔款。"
    how_en = "Check whether the same payment is being recorded again."


@dataclass(frozen=True, slots=True)
class PaidByHand:
    """What a payment by hand came to: months (first days) that were new, and months that are paid twice now."""

    new: tuple[date, ...]
    twice: tuple[date, ...]


async def pay_month(tx: Transaction, month: date, *, at: datetime, limit: int = 500) -> int:
    """Pay what is due with `month` (first day) to at most `limit` people, each through the end of its own period.

    Gives how many allowances were paid; call again until it gives 0. Persons are locked first, so a stop and a payment
    of one person never overlap.
    """
    who = list((await tx.execute(_WHO, {"month": month, "limit": limit})).scalars())
    await lock_persons(tx, who)
    paid = (await tx.execute(_PAY, {"month": month, "persons": who})).all()
    await book(tx, [each for row in paid for each in _payment(row)], at=at)
    return len(paid)


def _payment(row: Any) -> list[Book]:
    """One entry a month, so that the books tell which months were paid."""
    return [
        Book(row.id, row.person, row.payee, row.region, FUND, PAID, row.amount_fen, "payment", month)
        for month in months_after(row.before, row.through)
    ]


async def record_payment(
    tx: Transaction, allowance: UUID, *, first: date, through: date, at: datetime
) -> PaidByHand:
    """A payment made by hand is told after the fact: it is booked, and what was paid already is paid twice.

    Raises AllowanceUnknown, PaymentLeavesGap. Months after a death that is known here are overpaid as well.
    """
    person = (await tx.execute(_OF, {"id": allowance})).scalar()
    if person is None:
        raise AllowanceUnknown()
    dead_from = (await lock_persons(tx, [person]))[person]
    items = (await items_of(tx, [person])).get(person, [])
    item = next((each for each in items if each.source == "allowances" and each.id == allowance), None)
    if item is None:
        raise AllowanceUnknown()
    months = tuple(months_after(previous_month(first), through))
    before = item.paid_through or previous_month(month_of(item.granted_on or first))
    if first > next_month(before):
        raise PaymentLeavesGap()
    paid = PaidByHand(
        tuple(month for month in months if month > before), tuple(m for m in months if m <= before)
    )
    await tx.execute(_BY_HAND, {"id": allowance, "through": through})
    await book(tx, [_by_hand(person, item, month) for month in months], at=at)
    await _record_twice(tx, person, item, paid.twice, at)
    if dead_from is not None and paid.new:
        await _record_after_death(tx, person, item, max(before, through), dead_from, at)
    return paid


def _by_hand(person: UUID, item: Item, month: date) -> Book:
    return Book(
        item.id, person, item.payee, item.region, FUND, PAID, item.amount_fen, "payment_by_hand", month
    )


async def _record_twice(
    tx: Transaction, person: UUID, item: Item, twice: Sequence[date], at: datetime
) -> None:
    if not twice:
        return
    key = uuid5(item.id, "paid_twice")
    record = await read_overpayment(tx, key) or Overpayment(
        key, item.id, person, 0, (), "cancelled", "paid_twice", item.payee, region=item.region
    )
    if set(twice) & set(record.months):
        raise PaymentKnown()
    change = moved(record, sorted({*record.months, *twice}), item.amount_fen)
    if change is None:
        return
    await write_overpayments(tx, [SetOverpayment(change.record)], at=at)
    claims = [
        Book(
            item.id, person, item.payee, item.region, RECOVERABLE, FUND, item.amount_fen, "paid_twice", month
        )
        for month in change.claimed
    ]
    await book(tx, claims, at=at)


async def _record_after_death(
    tx: Transaction, person: UUID, item: Item, through: date, dead_from: date, at: datetime
) -> None:
    """A death is known here: the new months go into the record of what was paid after it."""
    paid = replace(item, paid_through=through)
    care = Care(person, (paid,), overpaid=await overpaid_after_death(tx, [item.id]))
    # The day itself is not kept here, nor asked: the months follow from the month of death.
    died_on = dead_from - timedelta(days=1)
    effects = list(overpaid(care, paid, overpaid_months(paid, previous_month(dead_from)), died_on))
    await write_overpayments(tx, [each for each in effects if isinstance(each, SetOverpayment)], at=at)
    await book(tx, [each for each in effects if isinstance(each, Book)], at=at)
