"""Books what came back of an overpayment: once for each reference, by finance, never more than is outstanding."""

from uuid import UUID

from sqlalchemy import text

from casework.persons import lock_persons
from casework.repayments import Moved, check_new, check_teller, repayment_key, told_before
from contracts.money import RepaymentTold
from kernel.errors import invalid
from kernel.messaging.transaction import Transaction
from services.eldercare.commands.money import book, write_overpayments
from services.eldercare.commands.overpayments import OverpaymentNotThere, OverpaymentUnknown
from services.eldercare.domain.effects import RECOVERABLE, REPAID, Book, SetOverpayment
from services.eldercare.domain.overpayments import CLAIMED, repaid
from services.eldercare.queries.money import read_overpayment

_KNOWN = text("SELECT amount_fen, moved_on FROM overpayment_movements WHERE id = :id")
_MOVED = text(
    """INSERT INTO overpayment_movements (id, overpayment, amount_fen, moved_on, reference, recorded_by, recorded_at)
       VALUES (:id, :overpayment, :amount_fen, :moved_on, :reference, :by, :at)"""
)


async def record_repayment(tx: Transaction, record_id: UUID, told: RepaymentTold) -> None:
    """Book money that came back.

    Raises OverpaymentUnknown, RepaymentNotYours, ReferenceUsed, StaleVersion, OverpaymentNotThere before the signature,
    or Unprocessable for more than is outstanding.
    """
    seen = await read_overpayment(tx, record_id)
    if seen is None:
        raise OverpaymentUnknown()
    check_teller(told, seen.region)
    await lock_persons(tx, [seen.person])
    record = await read_overpayment(tx, record_id) or seen
    key = repayment_key(record_id, told.reference)
    known = (await tx.execute(_KNOWN, {"id": key})).first()
    if told_before(told, Moved(*known) if known else None):
        return
    check_new(told, record.version)
    if record.state not in CLAIMED:
        raise OverpaymentNotThere(extra={"state": record.state})
    if told.amount_fen > record.outstanding_fen:
        raise invalid(
            "/amount_fen", "out_of_range", "退回金额不能超过尚未退回的金额。",
            "What came back is at most what is outstanding.",
            f"最多 {record.outstanding_fen} 分", f"At most {record.outstanding_fen} fen",
        )  # fmt: skip
    await write_overpayments(tx, [SetOverpayment(repaid(record, told.amount_fen))], at=told.acted_at)
    booked = Book(
        record.holding, record.person, record.payee, record.region, REPAID, RECOVERABLE, told.amount_fen,
        "overpayment_repaid", told.received_on,
    )  # fmt: skip
    await book(tx, [booked], at=told.acted_at)
    moved = {
        "id": key, "overpayment": record_id, "amount_fen": told.amount_fen, "moved_on": told.received_on,
        "reference": told.reference, "by": told.acted_by, "at": told.acted_at,
    }  # fmt: skip
    await tx.execute(_MOVED, moved)
