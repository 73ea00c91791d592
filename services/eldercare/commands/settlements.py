"""What a death leaves between others and us: orders broken off, claims on providers, deposits and fees of a stay."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.eldercare.domain import effects as e

_ORDERS = text(
    """UPDATE home_orders o SET settled_fen = new.fen
         FROM unnest(CAST(:ids AS uuid[]), CAST(:fen AS integer[])) AS new(id, fen) WHERE o.id = new.id"""
)
_CLAIM = text(
    """INSERT INTO provider_claims (item, source, person, provider, amount_fen, charged_at, found_by, state, region,
                                    changed_at)
       SELECT item, source, person, provider, amount_fen, charged_at, found_by, 'found', region, :at
         FROM unnest(CAST(:item AS uuid[]), CAST(:source AS text[]), CAST(:person AS uuid[]), CAST(:provider AS uuid[]),
              CAST(:amount_fen AS bigint[]), CAST(:charged_at AS timestamptz[]), CAST(:found_by AS uuid[]),
              CAST(:region AS text[]))
           AS new(item, source, person, provider, amount_fen, charged_at, found_by, region)
       ON CONFLICT (item) DO UPDATE SET state = 'found', amount_fen = excluded.amount_fen,
           found_by = excluded.found_by, changed_at = :at"""
)
_DROP = text(
    """UPDATE provider_claims SET state = 'cancelled', changed_at = :at WHERE item = ANY(CAST(:items AS uuid[]))"""
)
_SETTLEMENT = text(
    """INSERT INTO stay_settlements (id, stay, person, home, kind, amount_fen, state, recorded_at)
       SELECT id, stay, person, home, kind, amount_fen, 'recorded', :at
         FROM unnest(CAST(:id AS uuid[]), CAST(:stay AS uuid[]), CAST(:person AS uuid[]), CAST(:home AS uuid[]),
              CAST(:kind AS text[]), CAST(:amount_fen AS bigint[])) AS new(id, stay, person, home, kind, amount_fen)
       ON CONFLICT (stay, kind) DO UPDATE SET state = 'recorded', amount_fen = excluded.amount_fen, recorded_at = :at"""
)
_NO_SETTLEMENT = text(
    "UPDATE stay_settlements SET state = 'cancelled' WHERE stay = ANY(CAST(:stays AS uuid[]))"
)


async def write_settlements(tx: Transaction, effects: Iterable[object], *, at: datetime) -> None:
    """One statement per kind: what falls away first, then what is recorded."""
    found = list(effects)
    await _orders(tx, [each for each in found if isinstance(each, e.SettleOrder)])
    dropped = [each.claim.item for each in found if isinstance(each, e.DropClaim)]
    if dropped:
        await tx.execute(_DROP, {"items": dropped, "at": at})
    await _claims(tx, [each for each in found if isinstance(each, e.ClaimProvider)], at)
    stays: list[UUID] = [each.item.id for each in found if isinstance(each, e.DropSettlements)]
    if stays:
        await tx.execute(_NO_SETTLEMENT, {"stays": stays})
    await _contracts(tx, [each for each in found if isinstance(each, e.RecordSettlement)], at)


async def _orders(tx: Transaction, settled: Sequence[e.SettleOrder]) -> None:
    if settled:
        values = {"ids": [each.item.id for each in settled], "fen": [each.settled_fen for each in settled]}
        await tx.execute(_ORDERS, values)


async def _claims(tx: Transaction, claims: Sequence[e.ClaimProvider], at: datetime) -> None:
    if not claims:
        return
    columns = {
        name: [getattr(each.claim, name) for each in claims]
        for name in ("item", "source", "provider", "amount_fen", "found_by", "region")
    }
    more = {"person": [each.person for each in claims], "charged_at": [each.claim.at for each in claims]}
    await tx.execute(_CLAIM, {**columns, **more, "at": at})


async def _contracts(tx: Transaction, settlements: Sequence[e.RecordSettlement], at: datetime) -> None:
    if not settlements:
        return
    columns = {
        name: [getattr(each, name) for each in settlements]
        for name in ("person", "home", "kind", "amount_fen")
    }
    keys = {"id": [uuid4() for _ in settlements], "stay": [each.item.id for each in settlements]}
    await tx.execute(_SETTLEMENT, {**columns, **keys, "at": at})
