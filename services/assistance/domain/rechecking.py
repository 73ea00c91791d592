"""The recheck of a household after a death: what a signed decision changes, and how it is taken back (R01)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from kernel.public_service.months import month_of, months_after, previous_month
from services.assistance.domain.effects import (
    Book,
    CancelPayment,
    EndHolding,
    SetAmount,
    SetPaymentAmount,
)
from services.assistance.domain.stopping import owed_again, owed_late
from services.assistance.domain.values import Holding


def change(holding: Holding, amount_fen: int, from_month: date) -> tuple[object, ...]:
    """A new monthly amount from a month on: the holding, and payments that are not released."""
    effects: list[object] = [SetAmount(holding.id, amount_fen)]
    effects.extend(
        SetPaymentAmount(p.id, amount_fen)
        for p in holding.payments
        if p.outstanding and not p.arrears and p.month >= from_month and amount_fen > 0
    )
    return tuple(effects)


def end(holding: Holding, by: UUID, from_month: date) -> tuple[object, ...]:
    """The holding ends with the month before `from_month`; later payments are cancelled."""
    cancelled = [p for p in holding.payments if p.outstanding and p.month >= from_month]
    return (
        EndHolding(holding.id, by, previous_month(from_month)),
        *(CancelPayment(p.id, by, p.arrears) for p in cancelled),
        *(Book("payable", holding, -p.amount_fen, p.month) for p in cancelled if p.arrears),
    )


def take_back(holding: Holding, by: UUID, before: Mapping[str, Any], today: date) -> tuple[object, ...]:
    """The old amount again, and what the household missed meanwhile as arrears."""
    amount, month = int(before["amount_fen"]), month_of(today)
    effects: list[object] = [SetAmount(holding.id, amount)]
    if holding.ended_by == by:
        effects.append(EndHolding(holding.id, None, None))
    for payment in holding.payments:
        if payment.cancelled_by == by:
            effects.extend(owed_again(holding, payment, month))
        elif payment.outstanding and not payment.arrears and payment.amount_fen != amount:
            effects.append(SetPaymentAmount(payment.id, amount))
    effects.extend(_missing(holding, amount, _from(before), month))
    return tuple(effects)


def _from(before: Mapping[str, Any]) -> date:
    return date.fromisoformat(str(before["from_month"]))


def _missing(holding: Holding, amount: int, from_month: date, through: date) -> Sequence[object]:
    """The rest of months that were paid too little, and months for which nothing was made out."""
    effects: list[object] = []
    paid: Counter[date] = Counter()
    for payment in holding.payments:
        if payment.released:
            paid[payment.month] += payment.amount_fen
    owed = {p.month for p in holding.payments if not p.released}
    settled_before = holding.paid_through or previous_month(from_month)
    for month in months_after(previous_month(from_month), through):
        if month in owed or (month not in paid and month <= settled_before):
            continue
        rest = amount - paid[month]
        if rest > 0:
            effects.extend(owed_late(holding, month, rest))
    return effects
