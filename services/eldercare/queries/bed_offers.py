"""Offered beds, for whoever has to know of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

_FIELDS = """o.id, o.person, o.state, o.offered_on, o.answer_by, o.closed_at, o.version, b.home, b.home_name,
             b.number AS bed, b.region, r.priority, r.asked_on"""
_FROM = "bed_offers o JOIN beds b ON b.id = o.bed JOIN bed_requests r ON r.id = o.request"
_ONE = text(f"SELECT {_FIELDS} FROM {_FROM} WHERE o.id = :id")
_LIST = text(
    f"""SELECT {_FIELDS} FROM {_FROM}
         WHERE (o.state = 'open' OR :ended) AND b.region LIKE CAST(:region AS text) || '%'
           AND (CAST(:person AS uuid) IS NULL OR o.person = :person)
           AND (CAST(:after AS uuid) IS NULL OR (o.answer_by, o.id) >
                (SELECT x.answer_by, x.id FROM bed_offers x WHERE x.id = :after))
         ORDER BY o.answer_by, o.id LIMIT :limit"""
)


async def read_offer(tx: Transaction, offer: UUID) -> Any | None:
    """One offer; None when there is none."""
    return (await tx.execute(_ONE, {"id": offer})).first()


async def list_offers(
    tx: Transaction, *, region: str, person: UUID | None, ended: bool, after: UUID | None, limit: int
) -> Sequence[Any]:
    """A page of the offers of homes in a region (a prefix of its code), of one person if named; the first to end first.

    `ended`: answered, lapsed and withdrawn ones, too. `after`: the last offer of the page before.
    """
    values = {"region": region, "person": person, "ended": ended, "after": after, "limit": limit}
    return (await tx.execute(_LIST, values)).all()
