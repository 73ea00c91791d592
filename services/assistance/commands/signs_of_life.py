"""Somebody of ours met a person: kept, and told to every case that says the person is dead (design 4)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_MET = text(
    """INSERT INTO signs_of_life (id, person, seen_at, kind) VALUES (:id, :person, :seen_at, :kind)
       ON CONFLICT (id) DO NOTHING"""
)
_TOLD = text(
    """SELECT id FROM procedures WHERE subject = :person AND type = :type AND state = 'done' ORDER BY id"""
)


async def met(tx: Transaction, *, id: UUID, person: UUID, seen_at: datetime, kind: str) -> None:
    """Keep that somebody met the person at that instant (`home_visit`, `decision_in_person`, …)."""
    await tx.execute(_MET, {"id": id, "person": person, "seen_at": seen_at, "kind": kind})


async def procedures_to_tell(tx: Transaction, person: UUID, procedure_type: str) -> list[UUID]:
    """The procedures of that type which hold the person for dead."""
    return list((await tx.execute(_TOLD, {"person": person, "type": procedure_type})).scalars())
