"""What comes back of an overpayment, at every owner of money: whose act it is, once for each reference (R24, R95)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from contracts.money import RepaymentTold
from kernel.errors import Conflict, Forbidden, StaleVersion, invalid
from kernel.public_service.access import Role, covers
from kernel.public_service.clock import TZ


class RepaymentNotYours(Forbidden):
    """退款由款项所在地区的财务人员登记。
    Money that comes back is booked by finance of the region."""


class ReferenceUsed(Conflict):
    """这个凭证号已经登记过另一笔退款。
    This reference stands for another repayment."""

    how = "请核对银行凭证号、金额和到账日期。"
    how_en = "Check the bank's reference, the amount and the day."


@dataclass(frozen=True, slots=True)
class Moved:
    """A repayment that is on record under the same reference."""

    amount_fen: int
    moved_on: date


def repayment_key(overpayment: UUID, reference: str) -> UUID:
    """One key for one reference of one record, whoever tells it."""
    return uuid5(overpayment, f"repayment {reference}")


def told_before(told: RepaymentTold, known: Moved | None) -> bool:
    """Whether this very repayment is on record. Raises ReferenceUsed when another one is."""
    if known is None:
        return False
    if known != Moved(told.amount_fen, told.received_on):
        raise ReferenceUsed()
    return True


def check_teller(told: RepaymentTold, region: str) -> None:
    """Raises RepaymentNotYours unless finance of the record's region tells it."""
    if told.role != Role.FINANCE or not covers(told.region, region):
        raise RepaymentNotYours()


def check_new(told: RepaymentTold, version: int) -> None:
    """Raises StaleVersion, or Unprocessable for a day that has not come."""
    if told.version != version:
        raise StaleVersion(version)
    if told.received_on > told.acted_at.astimezone(TZ).date():
        raise invalid(
            "/received_on", "in_the_future", "到账日期不能晚于今天。", "The money cannot have come after today.",
            "请按银行凭证填写到账日期。", "Give the day on the bank's paper.",
        )  # fmt: skip
