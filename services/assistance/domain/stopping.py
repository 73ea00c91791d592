"""Stopping what a dead person held, recomputing it for another date, and restoring it (R24).

The last payable month is the month of death. Payments for later months are cancelled, or overpaid when they were
released already. A household's holding ends only if nobody is left in it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kernel.public_service.months import month_of, month_text, months_after, next_month, previous_month
from services.assistance.domain.effects import (
    AddPayment,
    Book,
    CancelPayment,
    DeadFrom,
    EndHolding,
    LapseApplications,
    Leave,
    RecordOverpayment,
    SuspendPayment,
    TakeBackOverpayment,
)
from services.assistance.domain.values import Holding, Payment, Standing


@dataclass(frozen=True, slots=True)
class Stop:
    """`stopped`: the public lines; `overpaid`: booked as recoverable per holding; `touched`: anything at all."""

    stopped: tuple[Mapping[str, Any], ...]
    overpaid: Mapping[str, int]
    effects: tuple[object, ...]
    touched: bool


def stop(standing: Standing, by: UUID, died_on: date, booked: Mapping[str, int]) -> Stop:
    """Stop as of a day of death. `booked`: overpayment booked so far; only the difference is booked now."""
    last = month_of(died_on)
    lines: list[Mapping[str, Any]] = []
    overpaid: dict[str, int] = {}
    effects: list[object] = [DeadFrom(standing.person, next_month(last))]
    ours = [h for h in standing.ending_with_person() if not h.ended or h.ended_by == by]
    for holding in ours:
        months = overpaid_months(holding, last)
        over = sum(months.values())
        overpaid[str(holding.id)] = over
        lines.append(
            {
                "hold": str(holding.id),
                "kind": holding.kind,
                "last_payable_month": month_text(last),
                "overpaid_fen": over,
            }
        )
        effects.append(EndHolding(holding.id, by, last))
        effects.extend(_cut(holding, by, last))
        effects.extend(_book_overpaid(holding, over - booked.get(str(holding.id), 0), last))
        if over or booked.get(str(holding.id), 0):
            effects.append(RecordOverpayment(holding, standing.person, by, over, tuple(sorted(months))))
    left = _leave(standing, by, died_on)
    effects.extend(left)
    effects.append(LapseApplications(standing.person, by, lapse=True))
    return Stop(tuple(lines), overpaid, tuple(effects), touched=bool(ours or left))


def overpaid_months(holding: Holding, last: date) -> Mapping[date, int]:
    """{month: fen} paid for months after `last`: released payments, and older months known by `paid_through` alone."""
    paid: Counter[date] = Counter()
    for payment in holding.payments:
        if payment.released and payment.month > last:
            paid[payment.month] += payment.amount_fen
    known = {p.month for p in holding.payments}
    since = max(last, previous_month(month_of(holding.granted_on)))
    for month in months_after(since, holding.paid_through or last):
        if month not in known and holding.amount_fen:
            paid[month] += holding.amount_fen
    return paid


def _cut(holding: Holding, by: UUID, last: date) -> Iterator[object]:
    """Cancel what is due after the last month; give back (and free) what an earlier date had cancelled."""
    for payment in holding.payments:
        if payment.released:
            continue
        if payment.month > last and payment.cancelled_by is None:
            yield CancelPayment(payment.id, by, payment.arrears)
            yield from _book_arrears(holding, payment, -payment.amount_fen)
        elif payment.month <= last and payment.cancelled_by == by:
            yield CancelPayment(payment.id, None, payment.arrears)
            yield from _book_arrears(holding, payment, payment.amount_fen)
        if payment.month <= last and payment.suspended_by is not None:
            yield SuspendPayment(payment.id, None)


def _book_arrears(holding: Holding, payment: Payment, amount_fen: int) -> Iterator[Book]:
    if payment.arrears:
        yield Book("payable", holding, amount_fen, payment.month)


def _book_overpaid(holding: Holding, difference_fen: int, month: date) -> Iterator[Book]:
    if difference_fen:
        yield Book("recoverable", holding, difference_fen, month)


def _leave(standing: Standing, by: UUID, died_on: date) -> list[object]:
    """The person leaves a household that holds something together."""
    together = any(h.household is not None for h in standing.holdings)
    member = standing.member()
    if not together or member is None or standing.household is None or member.left_by not in (None, by):
        return []
    return [Leave(standing.household, standing.person, by, died_on)]


def restore(standing: Standing, by: UUID, today: date, booked: Mapping[str, int]) -> tuple[object, ...]:
    """As if it had never been stopped: holdings run, missed months are owed as arrears, claims are taken back."""
    effects: list[object] = [
        DeadFrom(standing.person, None),
        LapseApplications(standing.person, by, lapse=False),
    ]
    month = month_of(today)
    for holding in standing.holdings:
        if holding.ended_by != by:
            continue
        effects.append(EndHolding(holding.id, None, None))
        for payment in holding.payments:
            if payment.cancelled_by == by:
                effects.extend(owed_again(holding, payment, month))
        effects.extend(_missed(holding, month))
        effects.extend(_book_overpaid(holding, -booked.get(str(holding.id), 0), month))
        if holding.overpayment is not None:
            effects.append(TakeBackOverpayment(holding.overpayment.id))
    member = standing.member()
    if member is not None and member.left_by == by and standing.household is not None:
        effects.append(Leave(standing.household, standing.person, None, None))
    return tuple(effects)


def owed_late(holding: Holding, month: date, amount_fen: int) -> tuple[AddPayment, Book]:
    """A month, or the rest of one, that has no payment: made out as arrears, and booked so."""
    return AddPayment(holding, month, amount_fen), Book("payable", holding, amount_fen, month)


def owed_again(holding: Holding, payment: Payment, this_month: date) -> Iterator[object]:
    """A cancelled payment stands again; what was due by this month is owed late, and booked so."""
    late = payment.arrears or payment.month <= this_month
    yield CancelPayment(payment.id, None, late)
    if late:
        yield Book("payable", holding, payment.amount_fen, payment.month)


def _missed(holding: Holding, through: date) -> Iterator[object]:
    """Months up to this one for which no payment was ever made out."""
    known = {p.month for p in holding.payments}
    since = holding.paid_through or previous_month(month_of(holding.granted_on))
    for month in months_after(since, through):
        if month not in known and holding.amount_fen > 0:
            yield from owed_late(holding, month, holding.amount_fen)
