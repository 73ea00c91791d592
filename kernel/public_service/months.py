"""Months as their first days: benefits are granted, paid and stopped by the month (R24)."""

import calendar as gregorian
from collections.abc import Iterator
from datetime import date


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after; any day of a month will do."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def months_after(month: date, through: date) -> Iterator[date]:
    """Every month after `month` up to and with `through`."""
    current = next_month(month)
    while current <= through:
        yield current
        current = next_month(current)


def corresponding_day(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month when it has no such day (Civil Code Art 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def count_months(month: date) -> int:
    """A month as a number, so that months can be subtracted."""
    return month.year * 12 + month.month


def month_text(month: date) -> str:
    """`2026-01`, as results show a month."""
    return f"{month.year:04d}-{month.month:02d}"


def month_from_text(text: str) -> date:
    """The month of `2026-01`. Raises ValueError for anything else."""
    year, month = text.split("-")
    return date(int(year), int(month), 1)
