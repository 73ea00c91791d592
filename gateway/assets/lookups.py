"""The record of look-ups: written with each look, read by the other heirs on request (R28, R73, FN-007)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

Kind = Literal["asked", "list", "log"]
_MOST_SHOWN = 1000
_RECORD = text("""
    INSERT INTO asset_lookups (procedure, case_id, at, kind, actor, role, region, person, purpose, edition)
    SELECT * FROM unnest(
        CAST(:procedure AS uuid[]), CAST(:case_id AS uuid[]), CAST(:at AS timestamptz[]), CAST(:kind AS text[]),
        CAST(:actor AS text[]), CAST(:role AS text[]), CAST(:region AS text[]), CAST(:person AS uuid[]),
        CAST(:purpose AS text[]), CAST(:edition AS integer[]))""")
_OF = text("""
    SELECT procedure, case_id, at, kind, actor, role, region, person, purpose, edition
    FROM asset_lookups WHERE procedure = :procedure ORDER BY id DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look. `asked`: the sources were asked for `person`; `list`: the answers were read; `log`: this record was.

    `actor` is the account, `person` the heir (none for staff), `edition` which edition of the list was read.
    """

    procedure: UUID
    case_id: UUID
    at: datetime
    kind: Kind
    actor: str
    role: str
    region: str
    person: UUID | None
    purpose: str
    edition: int


async def record(tx: Transaction, looks: Sequence[LookUp]) -> None:
    """Append them, in the transaction of the look itself: no look without its line."""
    if looks:
        columns = LookUp.__dataclass_fields__
        await tx.execute(_RECORD, {name: [getattr(look, name) for look in looks] for name in columns})


async def looks_at(tx: Transaction, procedure: UUID) -> list[LookUp]:
    """The last thousand, newest first."""
    rows = await tx.execute(_OF, {"procedure": procedure, "most": _MOST_SHOWN})
    return [LookUp(row.procedure, row.case_id, row.at.astimezone(TZ), *row[3:]) for row in rows]
