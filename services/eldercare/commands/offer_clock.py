"""The clock of offered beds: what nobody answers by the last day goes to the next at the following midnight (R56).

The midnight is the one of the day on which the check runs: a service that was away for a week runs no chain of offers
that nobody could have seen.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.eldercare.commands.bed_offers import DECLINED, close_offers, offer_free_beds
from services.eldercare.domain.waiting_list import REFUSALS_KEPT
from services.eldercare.queries.beds import lock_homes

_FIRST = text("SELECT min(answer_by) FROM bed_offers WHERE state = 'open'")
_LAPSED = text(
    """SELECT o.id, o.request, b.home FROM bed_offers o JOIN beds b ON b.id = o.bed
        WHERE o.state = 'open' AND o.answer_by < :today ORDER BY o.answer_by, o.id LIMIT :limit"""
)
# Looked at again once the homes are locked: somebody may have answered, or another worker been here first.
_STILL_OPEN = text(
    """SELECT o.id, o.request, b.home FROM bed_offers o JOIN beds b ON b.id = o.bed
        WHERE o.id = ANY(CAST(:offers AS uuid[])) AND o.state = 'open' ORDER BY o.id"""
)


async def lapse_offers(tx: Transaction, *, at: datetime, limit: int = 500) -> int:
    """Close offers that nobody answered in time and ask the next; gives how many. Call again until it gives 0.

    Silence counts like a refusal. Whoever let an offer run out is asked again only if nobody else waits.
    """
    today = at.astimezone(TZ).date()
    due = (await tx.execute(_LAPSED, {"today": today, "limit": limit})).all()
    if not due:
        return 0
    homes = {row.home for row in due}
    await lock_homes(tx, homes)
    rows = (await tx.execute(_STILL_OPEN, {"offers": [row.id for row in due]})).all()
    silent: list[UUID] = [row.request for row in rows]
    await close_offers(tx, [row.id for row in rows], "lapsed", at=at)
    await tx.execute(DECLINED, {"requests": silent, "kept": REFUSALS_KEPT, "on": today})
    await offer_free_beds(tx, homes, on=today, passed=silent)
    await offer_free_beds(tx, homes, on=today)
    return len(rows)


class OfferClock:
    """Handed to the service's clock (`casework.also_due.AlsoDue`)."""

    async def next_check(self, tx: Transaction) -> datetime | None:
        """The midnight after the last day of the offer that ends first."""
        last: date | None = (await tx.execute(_FIRST)).scalar()
        return datetime.combine(last + timedelta(days=1), time(), TZ) if last else None

    async def run_due(self, tx: Transaction, *, now: datetime, limit: int) -> int:
        return await lapse_offers(tx, at=now, limit=limit)
