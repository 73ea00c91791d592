"""The gateway's own copies of what the services state of people: for the view while a service is away (design 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.cases.standing import parsed
from kernel.messaging.transaction import Transaction

FACTS_CONSUMER = "gateway.facts"
# Whose word it is, and what the fact is called (contracts/facts.py).
FACTS: Mapping[str, str] = {"assistance": "benefits", "eldercare": "care", "marriage": "marital"}

_COPIES = text("""
    SELECT person, owner, recorded_at, state FROM fact_copies
    WHERE person = ANY(CAST(:persons AS uuid[])) AND (owner, fact) IN
          (SELECT * FROM unnest(CAST(:owners AS text[]), CAST(:facts AS text[])))""")


@dataclass(frozen=True, slots=True)
class Copy:
    """The last statement about one person that reached us, and when its owner recorded it."""

    recorded_at: datetime
    state: Mapping[str, Any]


async def copies(
    tx: Transaction, persons: Sequence[UUID], owners: Sequence[str]
) -> dict[tuple[str, UUID], Copy]:
    """By owner and person; who is not in it was never spoken of."""
    if not owners:
        return {}
    given = {
        "persons": list(persons),
        "owners": list(owners),
        "facts": [FACTS[owner] for owner in owners],
    }
    return {
        (row.owner, row.person): Copy(row.recorded_at, parsed(row.state))
        for row in await tx.execute(_COPIES, given)
    }
