"""Free beds kept for whoever is next on a home's list. The home's beds are locked by the caller (`queries.beds`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.eldercare.domain.waiting_list import RANKS, answer_by
from services.eldercare.queries.beds import free_beds

_OFFERED = text(
    "SELECT id, request, person FROM bed_offers WHERE bed = ANY(CAST(:beds AS uuid[])) AND state = 'open'"
)
_RANK = "CASE r.priority " + " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in RANKS.items()) + " END"
_NEXT = text(
    f"""SELECT r.id, r.person FROM bed_requests r LEFT JOIN person_locks p ON p.person = r.person
         WHERE r.home = :home AND r.state = 'waiting' AND r.ended_by IS NULL AND r.held_by IS NULL
           AND p.dead_from IS NULL AND NOT (r.id = ANY(CAST(:passed AS uuid[])))
           AND NOT EXISTS (SELECT 1 FROM bed_offers o WHERE o.request = r.id AND o.state = 'open')
         ORDER BY {_RANK}, r.asked_on, r.id LIMIT :beds"""
)
_OFFER = text(
    """INSERT INTO bed_offers (id, bed, request, person, offered_on, answer_by, state)
       SELECT id, bed, request, person, :on, :until, 'open'
         FROM unnest(CAST(:id AS uuid[]), CAST(:bed AS uuid[]), CAST(:request AS uuid[]), CAST(:person AS uuid[]))
              AS new(id, bed, request, person)"""
)
_CLOSE = text(
    """UPDATE bed_offers SET state = :state, version = version + 1, closed_at = :at, answered_by = :by, reason = :reason
        WHERE id = ANY(CAST(:offers AS uuid[])) AND state = 'open'"""
)
# Of a request that was offered a bed in vain.
DECLINED = text(
    """UPDATE bed_requests SET declined = declined + 1,
              asked_on = CASE WHEN declined + 1 >= :kept THEN CAST(:on AS date) ELSE asked_on END
        WHERE id = ANY(CAST(:requests AS uuid[]))"""
)


@dataclass(frozen=True, slots=True)
class Answered:
    """Who gave an answer for the person, and why."""

    by: str
    reason: str | None = None


async def offer_free_beds(
    tx: Transaction, homes: Iterable[UUID], *, on: date, passed: Sequence[UUID] = ()
) -> int:
    """Offer the free beds of these homes to whoever is next; gives how many. The homes are locked.

    `passed`: requests that have just declined; they keep their place but are not asked again in the same breath.
    """
    offered = 0
    for home, beds in sorted((await free_beds(tx, homes)).items()):
        rows = (await tx.execute(_NEXT, {"home": home, "beds": len(beds), "passed": list(passed)})).all()
        pairs = list(zip(beds, rows, strict=False))
        if pairs:
            columns = {
                "id": [uuid4() for _ in pairs], "bed": [bed for bed, _ in pairs],
                "request": [row.id for _, row in pairs], "person": [row.person for _, row in pairs],
            }  # fmt: skip
            await tx.execute(_OFFER, {**columns, "on": on, "until": answer_by(on)})
            offered += len(pairs)
    return offered


async def open_offers(tx: Transaction, beds: Sequence[UUID]) -> Sequence[Any]:
    """For whom these beds are kept: `id`, `request`, `person`."""
    return (await tx.execute(_OFFERED, {"beds": list(beds)})).all()


async def close_offers(
    tx: Transaction,
    offers: Sequence[UUID],
    state: Literal["accepted", "declined", "lapsed", "withdrawn"],
    *,
    at: datetime,
    answered: Answered | None = None,
) -> None:
    """Open offers come to their end."""
    if offers:
        by, reason = (answered.by, answered.reason) if answered else (None, None)
        values = {"offers": list(offers), "state": state, "at": at, "by": by, "reason": reason}
        await tx.execute(_CLOSE, values)


async def withdraw_offers(tx: Transaction, beds: Sequence[UUID], *, at: datetime) -> None:
    """Beds that somebody has back after all are offered no more; whoever was asked keeps their place."""
    if beds:
        await close_offers(tx, [offer.id for offer in await open_offers(tx, beds)], "withdrawn", at=at)
