"""How long a body is kept, and what the keeping costs (R22; a hold stops the charge). Pure; days of Shanghai."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.terms import HoldKind
from kernel.public_service.clock import TZ
from services.funeral.domain.bodies import Body
from services.funeral.domain.holds import Hold, spans
from services.funeral.domain.prices import Price, price_on


@dataclass(frozen=True, slots=True)
class Keeping:
    """Days kept, of those under a hold, and the charge in fen for the rest; none: no price is in force (never zero)."""

    days: int
    held_days: int
    charge_fen: int | None
    charged: tuple[date, ...] = ()


def keeping(
    kept_from: datetime,
    until: datetime,
    held: Iterable[tuple[datetime, datetime | None]],
    prices: Sequence[Price],
) -> Keeping:
    """The day of arrival counts, the day of departure does not; a kept body has at least one day.

    A day on which a hold stood, if only for an hour, is not charged: the family could not take the body away.
    """
    days = _days(kept_from, until)
    under_hold = {day for start, end in held for day in _touched(start, end or until) if day in days}
    charged = tuple(day for day in days if day not in under_hold)
    costs = [price_on(prices, "keeping", day) for day in charged]
    charge = sum(cost.amount_fen for cost in costs if cost) if all(costs) else None
    return Keeping(len(days), len(under_hold), charge, charged)


# Whatever kept the family from taking the body away; an infection does not (health rules ask for no delay).
KEPT_BACK_BY = tuple(kind for kind in HoldKind if kind is not HoldKind.INFECTION)


def charged_days(body: Body | None, holds: Iterable[Hold]) -> int | None:
    """The days of a keeping that has ended, less those under a hold; none: nothing was kept, or it still is."""
    if body is None or body.kept_from is None or body.kept_until is None:
        return None
    kept = keeping(body.kept_from, body.kept_until, spans(holds, KEPT_BACK_BY), ())
    return kept.days - kept.held_days


def _days(start: datetime, end: datetime) -> tuple[date, ...]:
    first, last = start.astimezone(TZ).date(), end.astimezone(TZ).date()
    return tuple(first + timedelta(days=n) for n in range(max(1, (last - first).days)))


def _touched(start: datetime, end: datetime) -> Iterable[date]:
    first, last = start.astimezone(TZ).date(), end.astimezone(TZ).date()
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
