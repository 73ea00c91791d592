"""The payment run: what is due and neither suspended nor cancelled is released, and each holding remembers it."""

from datetime import date, datetime

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.assistance.commands.books import book
from services.assistance.domain.effects import Book
from services.assistance.domain.values import Holding

_RELEASE = text(
    """WITH due AS (
           SELECT h.id FROM holdings h WHERE EXISTS (
               SELECT 1 FROM payments p WHERE p.holding = h.id AND p.month <= :month AND p.state = 'unreleased')
            ORDER BY h.id FOR UPDATE),
       released AS (
           UPDATE payments p SET released_at = :at FROM due
            WHERE p.holding = due.id AND p.month <= :month AND p.state = 'unreleased'
           RETURNING p.holding, p.month, p.amount_fen, p.arrears),
       through AS (
           SELECT holding, max(month) AS month, sum(amount_fen)::bigint AS paid,
                  coalesce(sum(amount_fen) FILTER (WHERE arrears), 0)::bigint AS arrears
             FROM released GROUP BY holding),
       moved AS (
           UPDATE holdings h SET paid_through = greatest(h.paid_through, t.month) FROM through t WHERE h.id = t.holding)
       SELECT t.paid, t.arrears, t.month, h.id, h.kind, h.household, h.person, h.amount_fen, h.payee, h.funding_source,
              h.granted_on
         FROM through t JOIN holdings h ON h.id = t.holding ORDER BY h.id"""
)


async def release(tx: Transaction, *, month: date, at: datetime) -> int:
    """Release all payments up to and with `month`; returns the sum in fen. Arrears that are paid are owed no more."""
    rows = (await tx.execute(_RELEASE, {"month": month, "at": at})).all()
    paid_arrears = [
        Book(
            "payable",
            Holding(
                row.id, row.kind, row.household, row.person, row.amount_fen, row.payee, row.funding_source,
                row.granted_on,
            ),
            -row.arrears,
            row.month,
        )
        for row in rows
        if row.arrears
    ]  # fmt: skip
    await book(tx, paid_arrears, at=at)
    return sum(row.paid for row in rows)
