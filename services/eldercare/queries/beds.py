"""Beds, their contracts, and which other bed of the home is free."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.eldercare.domain.items import REQUEST, Item, StayTerms

# Everything that gives or takes a bed, an offer or a place of a home locks the home's beds first, in this order.
_LOCK_HOMES = text("SELECT id FROM beds WHERE home = ANY(CAST(:homes AS uuid[])) ORDER BY id FOR UPDATE")
_HOMES = text(
    """SELECT b.home FROM stays s JOIN beds b ON b.id = s.bed WHERE s.id = ANY(CAST(:stays AS uuid[]))
       UNION SELECT home FROM bed_requests WHERE id = ANY(CAST(:requests AS uuid[]))"""
)
_TERMS = text(
    """SELECT s.id, s.bed, b.home, b.kind = 'family' AS family_bed, s.since, s.deposit_fen, s.fee_fen,
              s.fee_paid_through
         FROM stays s JOIN beds b ON b.id = s.bed WHERE s.id = ANY(CAST(:stays AS uuid[]))"""
)
_FREE = text(
    """SELECT b.home, b.id FROM beds b
        WHERE b.home = ANY(CAST(:homes AS uuid[])) AND b.kind = 'institution'
          AND NOT EXISTS (SELECT 1 FROM stays s WHERE s.bed = b.id AND s.until IS NULL AND s.ended_by IS NULL)
          AND NOT EXISTS (SELECT 1 FROM bed_offers o WHERE o.bed = b.id AND o.state = 'open')
        ORDER BY b.id"""
)


async def lock_homes(tx: Transaction, homes: Iterable[UUID]) -> None:
    """Wait for whoever is giving a bed of these homes away; persons are locked before."""
    asked = sorted(set(homes))
    if asked:
        await tx.execute(_LOCK_HOMES, {"homes": asked})


async def lock_homes_of(tx: Transaction, items: Sequence[Item]) -> None:
    """The homes in whose beds these people lie or lay, and on whose lists they wait."""
    stays = [item.id for item in items if item.source == "stays"]
    requests = [item.id for item in items if item.source == REQUEST]
    if stays or requests:
        homes = await tx.execute(_HOMES, {"stays": stays, "requests": requests})
        await lock_homes(tx, homes.scalars())


async def free_beds(tx: Transaction, homes: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Beds of these homes that nobody lies in and nobody was offered. The homes must be locked."""
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.execute(_FREE, {"homes": sorted(set(homes))}):
        found.setdefault(row.home, []).append(row.id)
    return found


async def stay_terms(tx: Transaction, stays: Sequence[Item]) -> dict[UUID, StayTerms]:
    """Bed and contract of each stay. Whose bed is taken is shown a spare one; no bed is shown to two."""
    rows = (await tx.execute(_TERMS, {"stays": [item.id for item in stays]})).all()
    taken = {item.id for item in stays if item.taken}
    free: Mapping[UUID, list[UUID]] = {}
    if taken:
        free = await free_beds(tx, {row.home for row in rows if row.id in taken})
    own = {row.bed for row in rows}
    terms: dict[UUID, StayTerms] = {}
    for row in sorted(rows, key=lambda row: row.id):
        spare = None
        if row.id in taken:
            spare = next((bed for bed in free.get(row.home, ()) if bed not in own), None)
            own.add(spare)
        terms[row.id] = StayTerms(
            row.bed, row.home, row.family_bed, row.deposit_fen, row.fee_fen, row.fee_paid_through, spare
        )
    return terms


def one_stay_a_bed(stays: Sequence[Item], terms: Mapping[UUID, StayTerms]) -> set[UUID]:
    """Of several ended stays in one bed, all but the newest: only one of these people can have it back."""
    newest: dict[UUID, Item] = {}
    for item in sorted(stays, key=lambda item: (item.granted_on is not None, item.granted_on, item.id)):
        if item.ended_by is not None:
            newest[terms[item.id].bed] = item
    kept = {item.id for item in newest.values()}
    return {item.id for item in stays if item.ended_by is not None} - kept
