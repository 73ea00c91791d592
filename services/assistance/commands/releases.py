"""The payment run (SA-077): preview, a file with its lines, release. Set-based; persons first, then holdings by id.

Whatever was prepared is looked at again when it is released: a payment that has been suspended, cancelled, changed or
given another payee since then stays behind, and so does every payment whose payee is dead or reported dead. What stays
behind is not lost: it stands for the next file, once somebody living is named to receive it (R24).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.persons import lock_persons
from kernel.errors import NotFound
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import region_prefix
from services.assistance.commands.books import book
from services.assistance.domain.effects import Book
from services.assistance.domain.values import Holding

EVERYWHERE = "000000"
# A declared death counts too: its row 9a stands as done until it is withdrawn or undone.
_DEAD = """CASE WHEN EXISTS (SELECT 1 FROM person_locks k WHERE k.person = {payee} AND k.dead_from IS NOT NULL)
                THEN 'payee_dead'
                WHEN EXISTS (SELECT 1 FROM procedures r WHERE r.subject = {payee} AND r.state = 'done'
                              AND r.type = 'assistance.hold_payments') THEN 'payee_reported_dead' END"""
# Months that nobody has made out yet: up to this one, or to the last payable month of a holding that has ended.
_MAKE_OUT = text(
    """INSERT INTO payments (id, holding, month, amount_fen, payee, suspended_by)
       SELECT gen_random_uuid(), h.id, CAST(m.month AS date), h.amount_fen, h.payee,
              CASE WHEN h.ended_by IS NULL THEN h.suspended_by END
         FROM holdings h, generate_series(
                  greatest(h.paid_through, CAST(date_trunc('month', h.granted_on) AS date)) + interval '1 month',
                  CAST(least(CAST(:month AS date), h.last_payable_month) AS timestamp), interval '1 month') AS m(month)
        WHERE h.region LIKE :region AND h.amount_fen > 0 AND h.ended_on IS NULL AND h.kind <> 'temporary'
          AND (h.ended_by IS NULL OR h.last_payable_month IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.holding = h.id AND p.month = CAST(m.month AS date))
       ON CONFLICT DO NOTHING"""
)
_LOCK_HOLDINGS = text("""SELECT h.id FROM holdings h WHERE h.region LIKE :region ORDER BY h.id FOR UPDATE""")
_DUE = f"""SELECT p.id AS payment, h.id AS holding, h.kind, h.household, h.person AS beneficiary, p.payee, p.month,
                  p.amount_fen, p.arrears, h.funding_source, {_DEAD.format(payee="p.payee")} AS held_for
             FROM payments p JOIN holdings h ON h.id = p.holding
            WHERE h.region LIKE :region AND p.month <= CAST(:month AS date)
              AND p.state = 'unreleased' AND p.file IS NULL"""
_PREVIEW = text(f"{_DUE} ORDER BY h.id, p.month, p.id")
_PREPARE = text(
    f"""WITH due AS ({_DUE}),
       lines AS (
           INSERT INTO payment_file_lines (file, payment, holding, kind, household, beneficiary, payee, month,
                                           amount_fen, arrears, funding_source, held_for)
           SELECT CAST(:file AS uuid), payment, holding, kind, household, beneficiary, payee, month,
                  amount_fen, arrears, funding_source, held_for FROM due
           RETURNING payment, amount_fen, held_for),
       marked AS (
           UPDATE payments p SET file = CAST(:file AS uuid) FROM lines l WHERE p.id = l.payment AND l.held_for IS NULL)
       INSERT INTO payment_files (id, region, month, prepared_at, prepared_by, lines, total_fen)
       SELECT CAST(:file AS uuid), CAST(:place AS text), CAST(:month AS date), CAST(:at AS timestamptz), :by,
              count(*) FILTER (WHERE held_for IS NULL),
              coalesce(sum(amount_fen) FILTER (WHERE held_for IS NULL), 0) FROM lines"""
)
_LOCK_FILE = text("SELECT released_at FROM payment_files WHERE id = :file FOR UPDATE")
_PERSONS = text(
    """SELECT payee AS person FROM payment_file_lines WHERE file = :file
       UNION SELECT beneficiary FROM payment_file_lines WHERE file = :file AND beneficiary IS NOT NULL"""
)
_LOCK_OF_FILE = text(
    """SELECT h.id FROM holdings h WHERE h.id IN (SELECT holding FROM payment_file_lines WHERE file = :file)
        ORDER BY h.id FOR UPDATE"""
)
_LOOK_AGAIN = text(
    f"""UPDATE payment_file_lines l SET held_for = CASE
              WHEN p.state <> 'unreleased' THEN p.state
              WHEN p.payee <> l.payee THEN 'payee_changed'
              WHEN p.amount_fen <> l.amount_fen THEN 'amount_changed'
              ELSE {_DEAD.format(payee="l.payee")} END
         FROM payments p WHERE l.file = :file AND l.held_for IS NULL AND p.id = l.payment"""
)
_RELEASE = text(
    """WITH paid AS (
           UPDATE payments p SET released_at = :at FROM payment_file_lines l
            WHERE l.file = :file AND l.held_for IS NULL AND p.id = l.payment
           RETURNING p.holding, p.month),
       freed AS (
           UPDATE payments p SET file = NULL FROM payment_file_lines l
            WHERE l.file = :file AND l.held_for IS NOT NULL AND p.id = l.payment AND p.file = l.file),
       through AS (SELECT holding, max(month) AS month FROM paid GROUP BY holding),
       moved AS (
           UPDATE holdings h SET paid_through = greatest(h.paid_through, t.month) FROM through t
            WHERE h.id = t.holding),
       held AS (SELECT count(*) AS lines, coalesce(sum(amount_fen), 0) AS fen FROM payment_file_lines
                 WHERE file = :file AND held_for IS NOT NULL)
       UPDATE payment_files f SET released_at = :at, released_by = :by, held_lines = held.lines, held_fen = held.fen
         FROM held WHERE f.id = :file"""
)
_LINES = text(
    """SELECT payment, holding, kind, household, beneficiary, payee, month, amount_fen, arrears, funding_source,
              held_for FROM payment_file_lines WHERE file = :file ORDER BY holding, month, payment"""
)


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of a run, in fen. `held_for` none: it goes out."""

    payment: UUID
    holding: UUID
    kind: str
    household: UUID | None
    beneficiary: UUID | None
    payee: UUID
    month: date
    amount_fen: int
    arrears: bool
    funding_source: str
    held_for: str | None


async def preview(tx: Transaction, *, region: str, month: date) -> list[Line]:
    """What a file made now would pay of the months made out so far, and what would stay behind. Writes nothing."""
    rows = await tx.execute(_PREVIEW, {"region": _below(region), "month": month})
    return [Line(**row._mapping) for row in rows]


async def prepare(
    tx: Transaction, *, file: UUID, region: str, month: date, at: datetime, by: str | None = None
) -> None:
    """Make out the months that are due, and write the file with its lines. Nothing has gone out yet.

    A file of that key that is there already stays as it is.
    """
    if (await tx.execute(_LOCK_FILE, {"file": file})).one_or_none() is not None:
        return
    place = {"region": _below(region), "month": month}
    await tx.execute(_LOCK_HOLDINGS, {"region": place["region"]})
    await tx.execute(_MAKE_OUT, place)
    await tx.execute(_PREPARE, {**place, "file": file, "place": region, "at": at, "by": by})


async def release_file(tx: Transaction, *, file: UUID, at: datetime, by: str | None = None) -> list[Line]:
    """Pay out a prepared file and book every line; a second release changes nothing. Raises NotFound."""
    found = (await tx.execute(_LOCK_FILE, {"file": file})).one_or_none()
    if found is None:
        raise NotFound()
    if found.released_at is None:
        await lock_persons(tx, (await tx.execute(_PERSONS, {"file": file})).scalars())
        await tx.execute(_LOCK_OF_FILE, {"file": file})
        await tx.execute(_LOOK_AGAIN, {"file": file})
        await tx.execute(_RELEASE, {"file": file, "at": at, "by": by})
        await _book(tx, [line for line in await lines_of(tx, file) if line.held_for is None], at)
    return await lines_of(tx, file)


async def lines_of(tx: Transaction, file: UUID) -> list[Line]:
    """The lines of a file, prepared or released."""
    return [Line(**row._mapping) for row in await tx.execute(_LINES, {"file": file})]


async def release(tx: Transaction, *, month: date, at: datetime) -> int:
    """Prepare and release all payments of every region up to and with `month`; returns the sum in fen."""
    file = uuid4()
    await prepare(tx, file=file, region=EVERYWHERE, month=month, at=at)
    return sum(line.amount_fen for line in await release_file(tx, file=file, at=at) if line.held_for is None)


async def _book(tx: Transaction, lines: Sequence[Line], at: datetime) -> None:
    """Each payment went out to its payee on behalf of its beneficiary; arrears that are paid are owed no more."""
    bookings: list[Book] = []
    for line in lines:
        bookings.append(Book("paid", _holding(line), line.amount_fen, line.month, line.payee))
        if line.arrears:
            bookings.append(Book("payable", _holding(line), -line.amount_fen, line.month, line.payee))
    await book(tx, bookings, at=at)


def _holding(line: Line) -> Holding:
    """The books read whose it is, the kind and the funding source."""
    return Holding(
        line.holding, line.kind, line.household, line.beneficiary, line.amount_fen, line.payee, line.funding_source,
        line.month,
    )  # fmt: skip


def _below(region: str) -> str:
    return f"{region_prefix(region)}%"
