"""Awards enjoyed in life, for the county that gives them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_FIELDS = "id, person, kind, amount_fen, region, granted_at, cancelled_at"
_ONE = text(f"SELECT {_FIELDS} FROM eco_awards WHERE id = :id AND mode = 'in_life'")
_LIST = text(
    f"""SELECT {_FIELDS} FROM eco_awards
         WHERE mode = 'in_life' AND region LIKE CAST(:region AS text) || '%' AND (cancelled_at IS NULL OR :ended)
           AND (CAST(:after AS uuid) IS NULL OR (granted_at, id) <
                (SELECT x.granted_at, x.id FROM eco_awards x WHERE x.id = :after))
         ORDER BY granted_at DESC, id DESC LIMIT :limit"""
)


async def read_award(tx: Transaction, award: UUID) -> Any | None:
    """One award in life; None when there is none."""
    return (await tx.execute(_ONE, {"id": award})).first()


async def list_awards(
    tx: Transaction, *, region: str, ended: bool, after: UUID | None, limit: int
) -> Sequence[Any]:
    """A page of the awards in life of a region (a prefix of its code), the newest first; `ended`: taken back, too."""
    return (await tx.execute(_LIST, {"region": region, "ended": ended, "after": after, "limit": limit})).all()
