"""Suspending the payments of one person on a relative's word, and lifting that (design 4, R24)."""

from datetime import date
from uuid import UUID

from kernel.public_service.months import month_of
from services.assistance.domain.effects import SuspendHolding, SuspendPayment
from services.assistance.domain.values import Holding, Standing


def suspended(standing: Standing, by: UUID) -> tuple[Holding, ...]:
    """What this procedure suspends: own holdings, and the household's when nobody else lives in it."""
    return tuple(h for h in standing.ending_with_person() if not h.ended and h.suspended_by in (None, by))


def suspend(standing: Standing, by: UUID, *, confirmed_on: date | None) -> tuple[object, ...]:
    """Suspend every outstanding payment; once the death is confirmed only those after the month of death."""
    effects: list[object] = []
    for holding in suspended(standing, by):
        if holding.suspended_by is None:
            effects.append(SuspendHolding(holding.id, by))
        for payment in holding.payments:
            kept = confirmed_on is not None and payment.month <= month_of(confirmed_on)
            if payment.outstanding and payment.suspended_by is None and not kept:
                effects.append(SuspendPayment(payment.id, by))
    return tuple(effects)


def lift(standing: Standing, by: UUID) -> tuple[object, ...]:
    """Take back exactly what this procedure suspended."""
    effects: list[object] = []
    for holding in standing.holdings:
        if holding.suspended_by == by:
            effects.append(SuspendHolding(holding.id, None))
        effects.extend(SuspendPayment(p.id, None) for p in holding.payments if p.suspended_by == by)
    return tuple(effects)
