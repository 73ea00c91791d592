"""What people hold, with its marks: the views `care_items` and `signs_of_life` (migration 0002)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.eldercare.domain.items import Item

_COLUMNS = ", ".join(f.name for f in fields(Item))
_ITEMS = text(
    f"SELECT person, {_COLUMNS} FROM care_items WHERE person = ANY(CAST(:persons AS uuid[])) ORDER BY id"
)
_SIGNS = text(
    """SELECT person, max(at) AS at FROM signs_of_life WHERE person = ANY(CAST(:persons AS uuid[])) GROUP BY person"""
)


async def items_of(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, list[Item]]:
    """Everything held or waited for; a person unknown here is left out."""
    found: dict[UUID, list[Item]] = defaultdict(list)
    for person, *values in await tx.execute(_ITEMS, {"persons": list(persons)}):
        found[person].append(Item(*values))
    return found


async def signs_of(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, datetime]:
    """When somebody of ours last met each person: the instant of the meeting, whenever it was written down."""
    return {row.person: row.at for row in await tx.execute(_SIGNS, {"persons": list(persons)})}
