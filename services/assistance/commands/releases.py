"""The payment run: what is due and neither suspended nor cancelled is released, and each holding remembers it."""

from datetime import date, datetime

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_RELEASE = text(
    """WITH due AS (
           SELECT h.id FROM holdings h WHERE EXISTS (
               SELECT 1 FROM payments p WHERE p.holding = h.id AND p.month <= :month AND p.state = 'unreleased')
            ORDER BY h.id FOR UPDATE),
       released AS (
           UPDATE payments p SET released_at = :at FROM due
            WHERE p.holding = due.id AND p.month <= :month AND p.state = 'unreleased'
           RETURNING p.holding, p.month, p.amount_fen),
       through AS (SELECT holding, max(month) AS month, sum(amount_fen) AS paid FROM released GROUP BY holding),
       moved AS (
           UPDATE holdings h SET paid_through = greatest(h.paid_through, t.month) FROM through t WHERE h.id = t.holding)
       SELECT coalesce(sum(paid), 0)::bigint FROM through"""
)


async def release(tx: Transaction, *, month: date, at: datetime) -> int:
    """Release all payments up to and with `month`; returns the sum in fen."""
    return int((await tx.execute(_RELEASE, {"month": month, "at": at})).scalar_one())
