"""Records of overpayments as others read them (contracts.money)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.money import Overpayment
from kernel.errors import NotFound
from kernel.messaging.transaction import Transaction

# The words of every owner of money; `instalments` beside `decided` tells how it comes back.
_STATE = """CASE WHEN o.taken_back OR o.amount_fen = 0 THEN 'cancelled'
                 WHEN o.state IN ('waived', 'repaid') THEN 'settled'
                 WHEN o.state = 'instalments' THEN 'decided' ELSE o.state END"""
_SHOWN = f"""SELECT o.id, o.holding, h.kind, 'after_death' AS found, o.subject AS person, o.payee, h.region,
                    o.months, o.legal_basis,
                    o.amount_fen, o.repaid_fen, o.waived_fen,
                    o.amount_fen - o.repaid_fen - o.waived_fen AS outstanding_fen, {_STATE} AS state, o.proposal,
                    o.decision, o.instalments, o.decided_at, o.letter_from, o.version
               FROM overpayments o JOIN holdings h ON h.id = o.holding"""
_ONE = text(f"{_SHOWN} WHERE o.id = :id")
_OF = text(f"{_SHOWN} WHERE o.subject = :subject ORDER BY o.found_at, o.id")
_LIST = text(
    f"""{_SHOWN} WHERE {_STATE} = ANY(CAST(:states AS text[])) AND h.region LIKE CAST(:region AS text) || '%'
                   AND o.id > :after ORDER BY o.id LIMIT :limit"""
)


async def overpayment_shown(tx: Transaction, record: UUID) -> Overpayment:
    """One record. Raises NotFound."""
    row = (await tx.execute(_ONE, {"id": record})).first()
    if row is None:
        raise NotFound()
    return _shown(row)


async def overpayments_of(tx: Transaction, subject: UUID) -> tuple[Overpayment, ...]:
    """The records about one person who died, oldest first."""
    return tuple(_shown(row) for row in await tx.execute(_OF, {"subject": subject}))


async def list_overpayments(
    tx: Transaction, *, states: Sequence[str], region: str, after: UUID, limit: int
) -> tuple[Overpayment, ...]:
    """A page of the records in these states of a region (a prefix of the code), by id."""
    rows = await tx.execute(_LIST, {"states": list(states), "region": region, "after": after, "limit": limit})
    return tuple(_shown(row) for row in rows)


def _shown(row: Any) -> Overpayment:
    months = tuple(f"{month:%Y-%m}" for month in row.months)
    return Overpayment.model_validate({**row._mapping, "months": months})
