"""Holds as the gateway hands them over: kept, released, and whom they concern."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.terms import HoldKind
from kernel.messaging.transaction import Transaction
from services.funeral.problems import HoldDiffers, HoldUnknown

_PLACE = text(
    """INSERT INTO holds (id, kind, source_no, case_id, person, placed_at, version)
       VALUES (:id, :kind, :source_no, :case_id, :person, :placed_at, :version) ON CONFLICT (id) DO NOTHING"""
)
_READ_HOLD = text(
    "SELECT id, kind, source_no, case_id, person, released_at FROM holds WHERE id = :id FOR UPDATE"
)
_LIFT = text(
    """UPDATE holds SET released_at = :at, release_no = :release_no, version = :version
        WHERE id = :id AND released_at IS NULL AND version < :version"""
)
_CONCERNED = text(
    """SELECT id FROM procedures
        WHERE (case_id = :case_id OR subject = :person) AND state IN ('open', 'paused')
          AND jsonb_exists(terms -> 'held_by', :kind)
        ORDER BY id"""
)


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold as the gateway hands it over: its id there, on a case or on a person."""

    id: UUID
    kind: HoldKind
    source_no: str
    placed_at: datetime
    case_id: UUID | None = None
    person: UUID | None = None
    version: int = 1


async def place_hold(tx: Transaction, hold: NewHold) -> None:
    """Keep a hold; the same one again changes nothing. Raises HoldDiffers when its id has other content."""
    values: dict[str, Any] = {name: getattr(hold, name) for name in NewHold.__slots__}
    if (await tx.execute(_PLACE, {**values, "kind": hold.kind.value})).rowcount == 1:
        return
    kept = (await tx.execute(_READ_HOLD, {"id": hold.id})).one()
    if (kept.kind, kept.source_no, kept.case_id, kept.person) != (
        hold.kind.value, hold.source_no, hold.case_id, hold.person,
    ):  # fmt: skip
        raise HoldDiffers()


async def release_hold(
    tx: Transaction, hold: UUID, *, release_no: str, version: int, at: datetime
) -> NewHold:
    """Release a hold; again, or an older version: nothing changes. Raises HoldUnknown. Gives the hold."""
    kept = (await tx.execute(_READ_HOLD, {"id": hold})).first()
    if kept is None:
        raise HoldUnknown()
    await tx.execute(_LIFT, {"id": hold, "release_no": release_no, "version": version, "at": at})
    return NewHold(kept.id, HoldKind(kept.kind), kept.source_no, at, kept.case_id, kept.person)


async def concerned(tx: Transaction, hold: NewHold) -> list[UUID]:
    """The running procedures of the case or person whose row heeds this kind."""
    values = {"case_id": hold.case_id, "person": hold.person, "kind": hold.kind.value}
    return list((await tx.execute(_CONCERNED, values)).scalars())
