"""Households of an import that one owner's database refused: sealed, with line and reason, until they are loaded.

The reason is a constraint's name or an SQLSTATE, never a value. The register and the other owners have the household.
What nobody has mended in half a year [D] is erased: the file's line is imported again once it is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.cases.standing import parsed
from gateway.people.register import OWNER
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealed, Sealer

_KEEP = text("""
    INSERT INTO import_set_aside (household, owner, chunk, line, reason, sealed, since, tried_at)
    SELECT :household, :owner, c.id, coalesce((
               SELECT r.line FROM imported_rows r WHERE r.import_id = c.import_id AND r.household = :household
               ORDER BY r.line LIMIT 1), c.last_line),
           :reason, CAST(CAST(:sealed AS text) AS jsonb), :at, :at
    FROM import_chunks c WHERE c.id = :chunk
    ON CONFLICT (household, owner) DO UPDATE SET chunk = excluded.chunk, line = excluded.line,
        reason = excluded.reason, sealed = excluded.sealed, tried_at = excluded.tried_at""")
_STANDING = text("""
    SELECT s.owner, s.line, s.reason, s.since, s.tried_at, i.id AS import_id, i.file_name
    FROM import_set_aside s JOIN import_chunks c ON c.id = s.chunk JOIN imports i ON i.id = c.import_id
    ORDER BY i.started_at, i.id, s.line, s.owner""")
_CONTENTS = text("SELECT household, owner, sealed FROM import_set_aside ORDER BY since, line, owner")
_AGAIN = text("""
    UPDATE import_set_aside SET reason = :reason, tried_at = :at WHERE household = :household AND owner = :owner""")
_LOADED = text("DELETE FROM import_set_aside WHERE household = :household AND owner = :owner")

_FORGET = text("DELETE FROM import_set_aside WHERE since < :before")
KEPT_DAYS = 183


@dataclass(frozen=True, slots=True)
class SetAside:
    """A household that `owner` refuses: its first line in the file, and why."""

    import_id: UUID
    file_name: str
    line: int
    owner: str
    reason: str
    since: datetime
    tried_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be tried again; `content` is what `staging.stage` was given of the household."""

    household: UUID
    owner: str
    content: Any


async def keep(
    tx: Transaction,
    sealer: Sealer,
    *,
    chunk: UUID,
    owner: str,
    household: UUID,
    reason: str,
    content: Sequence[Any],
    at: datetime,
) -> None:
    """Set a household of a staged chunk aside."""
    sealed = sealer.seal({"households": content}, household, OWNER).model_dump_json()
    given = {
        "chunk": chunk,
        "owner": owner,
        "household": household,
        "reason": reason,
        "sealed": sealed,
        "at": at,
    }
    await tx.execute(_KEEP, given)


async def standing(tx: Transaction) -> list[SetAside]:
    """What is set aside, by import and line."""
    return [
        SetAside(UUID(str(row.import_id)), row.file_name, row.line, row.owner, row.reason, row.since, row.tried_at)
        for row in (await tx.execute(_STANDING)).all()
    ]  # fmt: skip


async def contents(tx: Transaction, sealer: Sealer) -> list[Kept]:
    """The same with what is to be loaded, the oldest first."""
    found = []
    for row in (await tx.execute(_CONTENTS)).all():
        household = UUID(str(row.household))
        told = sealer.open(Sealed.model_validate(parsed(row.sealed)), household, OWNER)
        found.append(Kept(household, row.owner, told["households"]))
    return found


async def refused_again(tx: Transaction, one: Kept, *, reason: str, at: datetime) -> None:
    """Tried in vain."""
    await tx.execute(_AGAIN, {"household": one.household, "owner": one.owner, "reason": reason, "at": at})


async def loaded(tx: Transaction, one: Kept) -> None:
    """The owner has it: nothing of it is kept here any more."""
    await tx.execute(_LOADED, {"household": one.household, "owner": one.owner})


async def forget_set_aside(tx: Transaction, before: datetime) -> int:
    """Erase what has been set aside since before that instant; how many households."""
    count: int = (await tx.execute(_FORGET, {"before": before})).rowcount
    return count
