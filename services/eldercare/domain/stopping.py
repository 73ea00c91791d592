"""Stopping what a dead person held (R24, R53, EC-012), and computing it anew for another date.

Allowances end with the month of death; what was paid beyond is recorded as overpaid. Orders, visits, meals, vouchers
and beds end on the day itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, month_text, next_month
from services.eldercare.domain.effects import (
    FUND,
    RECOVERABLE,
    REPAID,
    Book,
    DropSettlements,
    End,
    RecordSettlement,
    SetOverpayment,
)
from services.eldercare.domain.items import WAITED_FOR, Care, Item, StayTerms, is_money
from services.eldercare.domain.overpayments import Overpayment, moved
from services.eldercare.domain.periods import overpaid_fen, overpaid_months
from services.eldercare.domain.services_charged import claim_providers, settle_order, share_fen

_DAYS_OF_CONTRACT_MONTH = 30


@dataclass(frozen=True, slots=True)
class Stop:
    """What stopping comes to: the public lines and the effects."""

    stopped: tuple[Mapping[str, Any], ...]
    effects: tuple[object, ...] = ()


def stop(care: Care, items: Sequence[Item], by: UUID, died_at: datetime) -> Stop:
    """Stop these items as of an instant of death; of money only the difference to what is booked is booked.

    `by`: the procedure that stops. What one only waited for (a bed, an assessment) ends without a line.
    """
    died_on = died_at.astimezone(TZ).date()
    lines: list[Mapping[str, Any]] = []
    effects: list[object] = []
    for item in sorted(items, key=lambda item: (item.source, item.id)):
        effects.append(End(item, died_on, month_of(died_on)))
        effects.extend(_money(care, item, died_on))
        if item.source == "home_orders" and item.id in care.orders:
            effects.extend(settle_order(care, item, care.orders[item.id], died_at))
        if item.source == "stays" and item.id in care.stays:
            effects.extend(_contract(care, item, care.stays[item.id], died_on))
        if item.source not in WAITED_FOR:
            lines.append(_line(care, item, died_at, died_on))
    effects.extend(claim_providers(care, by, died_on))
    return Stop(tuple(lines), tuple(effects))


def _line(care: Care, item: Item, died_at: datetime, died_on: date) -> Mapping[str, Any]:
    """The public line of one item (api.md), with what is peculiar to its kind."""
    last = month_of(died_on)
    over = overpaid_fen(item, last) if is_money(item) else 0
    line: dict[str, Any] = {
        "hold": str(item.id), "kind": item.kind, "last_payable_month": month_text(last), "overpaid_fen": over,
    }  # fmt: skip
    if item.source == "vouchers":
        line["lapsed_fen"] = item.amount_fen
    if item.source == "home_orders" and item.state == "in_progress" and item.id in care.orders:
        line["settled_fen"] = share_fen(care.orders[item.id], died_at)
    if item.source == "stays" and item.id in care.stays and care.stays[item.id].family_bed:
        line["equipment"] = "to_collect"
    return line


def _money(care: Care, item: Item, died_on: date) -> Iterator[object]:
    if not is_money(item):
        return
    months = overpaid_months(item, month_of(died_on))
    yield from overpaid(care, item, months, died_on)


def overpaid(care: Care, item: Item, months: Sequence[date], died_on: date) -> Iterator[object]:
    """The record of the overpayment moved to these months, and the books with it, month by month."""
    record = care.overpaid.get(item.id) or fresh_record(care.person, item)
    change = moved(record, months, item.amount_fen)
    if change is None:
        return
    yield SetOverpayment(change.record)

    def book(debit: str, credit: str, amount_fen: int, reason: str, month: date) -> Book:
        return Book(item.id, care.person, item.payee, item.region, debit, credit, amount_fen, reason, month)

    for month in change.claimed:
        yield book(RECOVERABLE, FUND, item.amount_fen, "overpaid_after_death", month)
    for month in change.dropped:
        yield book(FUND, RECOVERABLE, item.amount_fen, "claim_cancelled", month)
    about = (change.dropped or change.claimed or (next_month(month_of(died_on)),))[0]
    if change.returned_fen:
        yield book(RECOVERABLE, REPAID, change.returned_fen, "repayment_returned", about)
    if change.unwaived_fen:
        yield book(RECOVERABLE, FUND, change.unwaived_fen, "waiver_cancelled", about)


def fresh_record(person: UUID, item: Item) -> Overpayment:
    """A record of nothing yet; its key follows from the holding."""
    return Overpayment(
        uuid5(item.id, "after_death"), item.id, person, 0, (), "cancelled", payee=item.payee, region=item.region
    )  # fmt: skip


def _contract(care: Care, item: Item, terms: StayTerms, died_on: date) -> Iterator[object]:
    """Deposit, fee paid ahead and fee unpaid, each for itself: nothing is netted against anything."""
    yield DropSettlements(item)
    ahead_fen, unpaid_fen = fee_after(terms, died_on)
    for kind, amount_fen in (
        ("deposit", terms.deposit_fen), ("prepaid_fee", ahead_fen), ("unpaid_fee", unpaid_fen),
    ):  # fmt: skip
        if amount_fen:
            yield RecordSettlement(item, care.person, terms.home, kind, amount_fen)


def fee_after(terms: StayTerms, died_on: date) -> tuple[int, int]:
    """(paid ahead, unpaid) in fen: whole months after the month of death, and that month's days by thirtieths."""
    if not terms.fee_fen or terms.fee_paid_through is None:
        return 0, 0
    months = (terms.fee_paid_through.year - died_on.year) * 12 + terms.fee_paid_through.month - died_on.month
    stayed = terms.fee_fen * min(died_on.day, _DAYS_OF_CONTRACT_MONTH) // _DAYS_OF_CONTRACT_MONTH
    if months >= 0:
        return terms.fee_fen * (months + 1) - stayed, 0
    return 0, terms.fee_fen * (-months - 1) + stayed
