"""Grants that came after a death was recorded and wait for the county's signature."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_FIELDS = "id, person, payee, kind, amount_fen, granted_on, ends_after, region, state"
_ONE = text(
    f"SELECT {_FIELDS} FROM allowances WHERE id = :id AND (state = 'in_check' OR checked_at IS NOT NULL)"
)
_LIST = text(
    f"""SELECT {_FIELDS} FROM allowances
         WHERE state = 'in_check' AND region LIKE CAST(:region AS text) || '%'
           AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :limit"""
)


async def read_grant(tx: Transaction, allowance: UUID) -> Any | None:
    """A grant in check, or one that was checked; None for any other."""
    return (await tx.execute(_ONE, {"id": allowance})).first()


async def list_in_check(tx: Transaction, *, region: str, after: UUID | None, limit: int) -> Sequence[Any]:
    """A page of the grants in check of a region (a prefix of its code), by id."""
    return (await tx.execute(_LIST, {"region": region, "after": after, "limit": limit})).all()
