"""The order of locks everywhere: cases by id, then their deliveries."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_LOCK_CASES = text(
    "SELECT id, holds FROM cases WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE"
)


async def lock_cases(tx: Transaction, cases: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """The kinds of hold that stand on each case, which is locked until the transaction ends."""
    wanted = sorted(set(cases))
    if not wanted:
        return {}
    return {row.id: frozenset(row.holds) for row in await tx.execute(_LOCK_CASES, {"ids": wanted})}
