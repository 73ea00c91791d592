"""What providers do and are paid for: an order begun, a voucher used (R53, R55)."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.persons import lock_persons
from kernel.errors import Conflict, NotFound
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.eldercare.commands.meetings import OrderNotOpen
from services.eldercare.commands.money import book
from services.eldercare.domain.effects import FUND, SETTLED, Book

_ORDER_OF = text("SELECT person FROM home_orders WHERE id = :order")
_START = text(
    """UPDATE home_orders SET state = 'in_progress', started_at = :at, provider = :provider,
              planned_minutes = coalesce(:minutes, planned_minutes)
        WHERE id = :order AND state = 'booked' AND ended_by IS NULL AND held_by IS NULL"""
)
_VOUCHER_OF = text("SELECT person FROM vouchers WHERE id = :voucher")
_VOUCHER = text(
    """SELECT person, balance_fen, month, region, held_by, ended_by, ended_on FROM vouchers
        WHERE id = :voucher FOR UPDATE"""
)
_USE = text(
    """INSERT INTO voucher_uses (id, voucher, person, provider, amount_fen, used_at, recorded_at)
       VALUES (:id, :voucher, :person, :provider, :fen, :at, :now)"""
)
_SPEND = text("UPDATE vouchers SET balance_fen = balance_fen - :fen WHERE id = :voucher")


class VoucherUnknown(NotFound):
    """没有这张服务券。
    There is no such voucher."""

    how = "请核对服务券编号。"
    how_en = "Check the voucher's number."


class VoucherNotUsable(Conflict):
    """这张服务券不能使用：已暂停、已失效、不在当月，或余额不足。
    This voucher cannot be used: suspended, lapsed, of another month, or not enough left."""

    how = "请核对服务券的状态、月份和余额。"
    how_en = "Check the voucher's state, month and balance."


async def start_order(
    tx: Transaction, order: UUID, *, provider: UUID, at: datetime, planned_minutes: int | None
) -> None:
    """Somebody has come and begins. Raises OrderNotOpen; a suspended or cancelled order is not begun."""
    person = (await tx.execute(_ORDER_OF, {"order": order})).scalar()
    if person is None:
        raise OrderNotOpen()
    await lock_persons(tx, [person])
    values = {"order": order, "provider": provider, "at": at, "minutes": planned_minutes}
    if (await tx.execute(_START, values)).rowcount != 1:
        raise OrderNotOpen()


async def use_voucher(
    tx: Transaction, voucher: UUID, *, provider: UUID, amount_fen: int, at: datetime, now: datetime
) -> UUID:
    """A provider is paid with a voucher for a service given at the instant `at` and told at `now`.

    A service from before the day on which the voucher ended is still paid, however late it is told. Raises
    VoucherUnknown, VoucherNotUsable.
    """
    person = (await tx.execute(_VOUCHER_OF, {"voucher": voucher})).scalar()
    if person is None:
        raise VoucherUnknown()
    await lock_persons(tx, [person])
    row = (await tx.execute(_VOUCHER, {"voucher": voucher})).one()
    on = at.astimezone(TZ).date()
    if row.balance_fen < amount_fen or not _usable(row.month, row.held_by, row.ended_by, row.ended_on, on):
        raise VoucherNotUsable()
    use = uuid4()
    await tx.execute(
        _USE,
        {
            "id": use, "voucher": voucher, "person": person, "provider": provider, "fen": amount_fen, "at": at,
            "now": now,
        },
    )  # fmt: skip
    await tx.execute(_SPEND, {"voucher": voucher, "fen": amount_fen})
    entry = Book(use, person, provider, row.region, FUND, SETTLED, amount_fen, "voucher_settled", on)
    await book(tx, [entry], at=now)
    return use


def _usable(
    month: date, held_by: UUID | None, ended_by: UUID | None, ended_on: date | None, on: date
) -> bool:
    """In its month; before the day of death once stopped, and not while it is suspended."""
    if month_of(on) != month_of(month):
        return False
    if ended_by is not None:
        return ended_on is not None and on < ended_on
    return held_by is None
