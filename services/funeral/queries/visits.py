"""Visits to come, by memorial."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_FROM = """SELECT v.id, m.procedure, v.starts_at, v.people, v.booked_by
             FROM visits v JOIN memorials m ON m.id = v.memorial
            WHERE v.cancelled_at IS NULL AND v.starts_at > :at AND m.deleted_at IS NULL"""
_TO_COME = text(f"{_FROM} AND m.procedure = :procedure ORDER BY v.starts_at, v.id LIMIT 200")
_ONE = text(f"{_FROM} AND v.id = :id")


async def visits_to_come(tx: Transaction, procedure: UUID, *, at: datetime) -> Sequence[Any]:
    """The next 200 visits of a memorial."""
    return (await tx.execute(_TO_COME, {"procedure": procedure, "at": at})).all()


async def read_visit(tx: Transaction, visit: UUID, *, at: datetime) -> Any | None:
    """A visit to come; None when it is over, cancelled or unknown."""
    return (await tx.execute(_ONE, {"id": visit, "at": at})).first()
