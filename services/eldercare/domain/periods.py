"""Months of allowances that are paid in advance, by month, quarter or half-year (R24, R53)."""

from datetime import date

from kernel.public_service.months import count_months, month_of, months_after, previous_month
from services.eldercare.domain.items import Item


def period_end(month: date, period_months: int) -> date:
    """The last month (first day) of the payment period that holds `month`; periods begin with January."""
    last = (month.month - 1) // period_months * period_months + period_months
    return date(month.year, last, 1)


def overpaid_months(item: Item, last_payable: date) -> tuple[date, ...]:
    """The months that were paid after the last payable one (R24: the month of death), oldest first.

    Months before the grant were not paid, so a grant after the death counts from its own month.
    """
    if item.paid_through is None:
        return ()
    before = last_payable
    if item.granted_on is not None:
        before = max(before, previous_month(month_of(item.granted_on)))
    return tuple(months_after(before, item.paid_through))


def overpaid_fen(item: Item, last_payable: date) -> int:
    """What was paid for months after the last payable one. Never below zero."""
    return item.amount_fen * len(overpaid_months(item, last_payable))


def owed_months(item: Item, month: date) -> tuple[date, ...]:
    """The months that a restored allowance is owed, oldest first.

    As if it had never been stopped: with `month` the whole period that holds it would have been paid in advance.
    """
    since = item.paid_through or (previous_month(month_of(item.granted_on)) if item.granted_on else None)
    if since is None:
        return ()
    granted = count_months(item.granted_on) if item.granted_on else 0
    if granted > count_months(month):
        return ()
    return tuple(months_after(since, period_end(month, item.period_months)))
