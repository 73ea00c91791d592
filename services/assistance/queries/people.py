"""What people hold, receive and wait for, as others see it: the people view, the fact `benefits`, regions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.people_view import Hold, PersonView
from kernel.messaging.transaction import Transaction

_PENDING = text(
    """SELECT w.person AS beneficiary, a.id, a.kind
         FROM unnest(CAST(:persons AS uuid[])) AS w(person)
         LEFT JOIN household_members m ON m.person = w.person AND m.left_by IS NULL
         JOIN applications a ON a.person = w.person OR a.household = m.household
        WHERE a.state = 'pending' ORDER BY w.person, a.submitted_at, a.id"""
)
_REGIONS = text(
    """SELECT h.region FROM household_members m JOIN households h ON h.id = m.household WHERE m.person = :person
       UNION SELECT region FROM holdings WHERE person = :person ORDER BY 1"""
)
_HELD = text(
    """SELECT w.person AS beneficiary, h.id, h.kind, h.household, h.state, h.amount_fen, h.paid_through,
              h.last_payable_month
         FROM unnest(CAST(:persons AS uuid[])) AS w(person)
         LEFT JOIN household_members m ON m.person = w.person AND m.left_by IS NULL
         JOIN holdings h ON h.person = w.person OR h.household = m.household
        ORDER BY w.person, h.granted_on, h.id"""
)


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """What these people hold, receive and wait for: own benefits, their household's while they belong to it, and what
    they or their household have applied for (state `pending`, without an amount)."""
    held: dict[UUID, list[Hold]] = defaultdict(list)
    asked = {"persons": list(dict.fromkeys(persons))}
    for row in await tx.execute(_HELD, asked):
        held[row.beneficiary].append(
            Hold(
                id=row.id, service="assistance", kind=row.kind, state=row.state, amount_fen=row.amount_fen,
                paid_through=row.paid_through,
            )
        )  # fmt: skip
    for row in await tx.execute(_PENDING, asked):
        held[row.beneficiary].append(Hold(id=row.id, service="assistance", kind=row.kind, state="pending"))
    return {person: PersonView(person=person, holds=tuple(held[person])) for person in held}


async def benefits(tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The state of the fact `benefits` of each person: every holding with its state and last payable month."""
    asked = sorted(set(persons))
    states: dict[UUID, dict[str, Any]] = {person: {"holds": []} for person in asked}
    for row in await tx.execute(_HELD, {"persons": asked}):
        last = row.last_payable_month
        states[row.beneficiary]["holds"].append(
            {
                "hold": str(row.id), "kind": row.kind, "state": row.state, "amount_fen": row.amount_fen,
                "last_payable_month": last.isoformat() if last else None,
            }
        )  # fmt: skip
    return states


async def regions_of(tx: Transaction, person: UUID) -> list[str]:
    """Where this person lives or holds something, as far as assistance knows."""
    found = await tx.execute(_REGIONS, {"person": person})
    return [row.region for row in found]
