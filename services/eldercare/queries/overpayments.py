"""Records of overpayments as others read them (contracts.money)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from casework.recovery import LEGAL_BASIS, PAID_TWICE_BASIS
from contracts.money import Overpayment
from kernel.errors import NotFound
from kernel.messaging.transaction import Transaction

# What was proposed is no decision until it is signed.
_SHOWN = """SELECT o.id, o.holding, a.kind, o.kind AS found, o.person, o.payee, o.region,
                   CAST(o.months AS text) AS months, o.amount_fen,
                   o.repaid_fen, o.waived_fen, o.amount_fen - o.repaid_fen - o.waived_fen AS outstanding_fen, o.state,
                   CASE WHEN o.decided_at IS NULL THEN o.decision END AS proposal,
                   CASE WHEN o.decided_at IS NOT NULL THEN o.decision END AS decision,
                   o.instalments, o.decided_at, o.letter_from, o.version
              FROM overpayments o JOIN allowances a ON a.id = o.holding"""
_ONE = text(f"{_SHOWN} WHERE o.id = :id")
_LIST = text(
    f"""{_SHOWN} WHERE o.state = ANY(CAST(:states AS text[])) AND o.region LIKE CAST(:region AS text) || '%'
                   AND o.id > :after ORDER BY o.id LIMIT :limit"""
)


async def overpayment_shown(tx: Transaction, record: UUID) -> Overpayment:
    """One record. Raises NotFound."""
    row = (await tx.execute(_ONE, {"id": record})).first()
    if row is None:
        raise NotFound()
    return _shown(row)


async def list_overpayments(
    tx: Transaction, *, states: Sequence[str], region: str, after: UUID, limit: int
) -> tuple[Overpayment, ...]:
    """A page of the records in these states of a region (a prefix of the code), by id."""
    rows = await tx.execute(_LIST, {"states": list(states), "region": region, "after": after, "limit": limit})
    return tuple(_shown(row) for row in rows)


def _shown(row: Any) -> Overpayment:
    basis = LEGAL_BASIS if row.found == "after_death" else PAID_TWICE_BASIS
    return Overpayment.model_validate(
        {**row._mapping, "months": orjson.loads(row.months), "legal_basis": basis}
    )
