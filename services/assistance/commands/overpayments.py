"""Writes the record of money paid for months after a death, and what comes back of it (R24, R95).

Never set off: nothing here touches another holding, another person or another authority's money. A claim is lowered by
what the payee gives back, by a waiver that the county signed, or by finding that less was overpaid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from casework.persons import lock_persons
from casework.recovery import LEGAL_BASIS
from casework.repayments import Moved, check_new, check_teller, repayment_key, told_before
from contracts.money import RepaymentTold
from kernel.errors import Conflict, NotFound
from kernel.messaging.transaction import Transaction
from services.assistance.commands.books import book
from services.assistance.domain.effects import (
    Book,
    DateLetter,
    HandleOverpayment,
    RecordOverpayment,
    TakeBackOverpayment,
)
from services.assistance.domain.values import Holding

# Found again with another amount: the record is the same, and what was decided about the old amount is decided anew by
# the procedure that asks people.
_RECORD = text(
    """INSERT INTO overpayments (id, holding, subject, found_by, payee, months, amount_fen, legal_basis, found_at)
       SELECT id, holding, subject, found_by, payee, CAST(months AS date[]), amount_fen, :legal_basis, :at
         FROM unnest(CAST(:id AS uuid[]), CAST(:holding AS uuid[]), CAST(:subject AS uuid[]), CAST(:found_by AS uuid[]),
              CAST(:payee AS uuid[]), CAST(:months AS text[]), CAST(:amount_fen AS bigint[]))
              AS new(id, holding, subject, found_by, payee, months, amount_fen)
       ON CONFLICT (id) DO UPDATE SET months = excluded.months, amount_fen = excluded.amount_fen, taken_back = false,
              version = overpayments.version + 1"""
)
_TAKE_BACK = text(
    """UPDATE overpayments SET amount_fen = 0, taken_back = true, version = version + 1
        WHERE id = ANY(CAST(:ids AS uuid[]))"""
)
_HANDLE = text(
    """UPDATE overpayments o SET proposal = new.proposal, decision = new.decision, instalments = new.instalments,
              waived_fen = new.waived_fen, decided_at = new.decided_at, letter_from = new.letter_from,
              version = o.version + 1
         FROM unnest(CAST(:record AS uuid[]), CAST(:proposal AS text[]), CAST(:decision AS text[]),
              CAST(:instalments AS integer[]), CAST(:waived_fen AS bigint[]), CAST(:decided_at AS timestamptz[]),
              CAST(:letter_from AS date[]))
              AS new(record, proposal, decision, instalments, waived_fen, decided_at, letter_from)
        WHERE o.id = new.record"""
)
_DATE_LETTERS = text(
    """UPDATE overpayments o SET letter_from = new.letter_from, version = o.version + 1
         FROM unnest(CAST(:record AS uuid[]), CAST(:letter_from AS date[])) AS new(record, letter_from)
        WHERE o.id = new.record AND o.decision = 'recover'"""
)
_SUBJECT = text("SELECT subject FROM overpayments WHERE id = :id")
_OF_FINANCE = text(
    """SELECT o.subject, o.version, h.region FROM overpayments o JOIN holdings h ON h.id = o.holding
        WHERE o.id = :id"""
)
_KNOWN = text("SELECT amount_fen, moved_on FROM overpayment_movements WHERE id = :id")
_MOVE = text(
    """WITH moved AS (
           INSERT INTO overpayment_movements
                  (id, overpayment, amount_fen, moved_on, reference, recorded_by, recorded_at)
           VALUES (:movement, :id, :amount_fen, :moved_on, :reference, :by, :at)
           ON CONFLICT (id) DO NOTHING RETURNING amount_fen)
       UPDATE overpayments o SET repaid_fen = o.repaid_fen + moved.amount_fen, version = o.version + 1
         FROM moved WHERE o.id = :id RETURNING o.repaid_fen"""
)
_READ = text(
    """SELECT o.id, o.subject, o.payee, o.amount_fen, o.repaid_fen, o.waived_fen, o.decision, o.state, o.letter_from,
              o.taken_back, h.id AS holding, h.kind, h.household, h.person, h.amount_fen AS monthly_fen,
              h.funding_source, h.granted_on
         FROM overpayments o JOIN holdings h ON h.id = o.holding WHERE o.id = :id FOR UPDATE OF o"""
)


class NothingClaimed(Conflict):
    """县级还没有签署责令退回，不能收取退款。
    The county has not signed a recovery; nothing can be taken in."""

    how = "请等待县级审核签署；自愿退回的，也先由县级签署。"
    how_en = "Wait for the county's signature; money given back freely waits for it too."


class MoreThanClaimed(Conflict):
    """金额超过尚未退回的数额。
    The amount is greater than what is still outstanding."""

    how = "请核对尚未退回（或尚待返还）的数额。"
    how_en = "Check what is still outstanding (or to be returned)."


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount_fen` > 0 has come back from the payee, < 0 is returned to them. `id` makes a repeated message one."""

    id: UUID
    overpayment: UUID
    amount_fen: int
    moved_on: date
    reference: str | None = None
    by: str | None = None


async def record(tx: Transaction, effects: Sequence[RecordOverpayment], *, at: datetime) -> None:
    """Insert or renew the records, one statement."""
    if not effects:
        return
    ordered = sorted(effects, key=lambda each: each.record)
    columns = {
        "id": [each.record for each in ordered],
        "holding": [each.holding.id for each in ordered],
        "subject": [each.subject for each in ordered],
        "found_by": [each.by for each in ordered],
        "payee": [each.holding.payee for each in ordered],
        "months": ["{" + ",".join(month.isoformat() for month in each.months) + "}" for each in ordered],
        "amount_fen": [each.amount_fen for each in ordered],
    }
    await tx.execute(_RECORD, {**columns, "legal_basis": LEGAL_BASIS, "at": at})


async def take_back(tx: Transaction, effects: Sequence[TakeBackOverpayment]) -> None:
    """The death is revoked: nothing is claimed any more."""
    if effects:
        await tx.execute(_TAKE_BACK, {"ids": sorted(each.record for each in effects)})


async def handle(tx: Transaction, effects: Sequence[HandleOverpayment]) -> None:
    """Keep what people proposed and decided, one statement."""
    if not effects:
        return
    ordered = sorted(effects, key=lambda each: each.record)
    names = HandleOverpayment.__slots__
    await tx.execute(_HANDLE, {name: [getattr(each, name) for each in ordered] for name in names})


async def date_letters(tx: Transaction, effects: Sequence[DateLetter]) -> None:
    """The day of death moved: the letters wait until another day, one statement."""
    if not effects:
        return
    ordered = sorted(effects, key=lambda each: each.record)
    days = {
        "record": [each.record for each in ordered],
        "letter_from": [each.letter_from for each in ordered],
    }
    await tx.execute(_DATE_LETTERS, days)


async def record_repayment(tx: Transaction, overpayment: UUID, told: RepaymentTold) -> None:
    """Finance tells that money came back: once for each reference.

    Raises NotFound, RepaymentNotYours, ReferenceUsed, StaleVersion, Unprocessable, NothingClaimed or MoreThanClaimed.
    """
    seen = (await tx.execute(_OF_FINANCE, {"id": overpayment})).first()
    if seen is None:
        raise NotFound()
    check_teller(told, seen.region)
    await lock_persons(tx, {seen.subject})
    key = repayment_key(overpayment, told.reference)
    known = (await tx.execute(_KNOWN, {"id": key})).first()
    if told_before(told, Moved(*known) if known else None):
        return
    check_new(told, (await tx.execute(_OF_FINANCE, {"id": overpayment})).one().version)
    movement = Movement(key, overpayment, told.amount_fen, told.received_on, told.reference, told.acted_by)
    await move(tx, movement, at=told.acted_at)


async def move(tx: Transaction, movement: Movement, *, at: datetime) -> UUID:
    """Money came back, or was returned: once for each id. Gives whose death it is about.

    Raises NotFound, NothingClaimed or MoreThanClaimed.
    """
    subject: UUID | None = (await tx.execute(_SUBJECT, {"id": movement.overpayment})).scalar()
    if subject is None:
        raise NotFound()
    await lock_persons(tx, {subject})
    row = (await tx.execute(_READ, {"id": movement.overpayment})).one()
    values = {
        "movement": movement.id, "id": row.id, "amount_fen": movement.amount_fen, "moved_on": movement.moved_on,
        "at": at, "reference": movement.reference, "by": movement.by,
    }  # fmt: skip
    if (await tx.execute(_MOVE, values)).one_or_none() is None:
        return subject  # told before
    _refuse(row.decision, row.amount_fen - row.repaid_fen - row.waived_fen, row.taken_back, movement)
    holding = Holding(
        row.holding, row.kind, row.household, row.person, row.monthly_fen, row.payee, row.funding_source, row.granted_on
    )  # fmt: skip
    month = movement.moved_on.replace(day=1)
    await book(
        tx,
        [
            Book("recoverable", holding, -movement.amount_fen, month),
            Book("received", holding, movement.amount_fen, month),
        ],
        at=at,
    )
    return subject


def _refuse(decision: str | None, outstanding_fen: int, taken_back: bool, movement: Movement) -> None:
    """Only a signed claim takes money in, and only as much; only what came too much is given back."""
    if movement.amount_fen > 0 and (decision != "recover" or taken_back):
        raise NothingClaimed()
    if movement.amount_fen > max(outstanding_fen, 0) or movement.amount_fen < min(outstanding_fen, 0):
        raise MoreThanClaimed(extra={"outstanding_fen": outstanding_fen})
