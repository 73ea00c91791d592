"""Records of overpayments, what providers were paid, and what is claimed back from them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from kernel.public_service.months import month_from_text
from services.eldercare.domain.items import OrderTerms, ProviderClaim, ServiceCharged
from services.eldercare.domain.overpayments import Overpayment

_FIELDS = """id, holding, person, amount_fen, CAST(months AS text) AS months, state, kind, payee,
             repaid_fen, waived_fen, decision, instalments, proposed_by, decided_by, decided_at, notified_at,
             letter_from, reason, region, version"""
_AFTER_DEATH = text(
    f"""SELECT {_FIELDS} FROM overpayments WHERE holding = ANY(CAST(:holdings AS uuid[])) AND kind = 'after_death'"""
)
_ONE = text(f"SELECT {_FIELDS} FROM overpayments WHERE id = :id")
_CHARGED = text(
    """SELECT w.person, 'voucher_uses' AS source, u.id, u.provider, u.amount_fen, u.used_at AS at, v.region
         FROM unnest(CAST(:persons AS uuid[]), CAST(:since AS timestamptz[])) AS w(person, since)
         JOIN voucher_uses u ON u.person = w.person AND u.used_at >= w.since JOIN vouchers v ON v.id = u.voucher
       UNION ALL
       SELECT w.person, 'home_orders', o.id, o.provider, o.settled_fen, o.delivered_at, o.region
         FROM unnest(CAST(:persons AS uuid[]), CAST(:since AS timestamptz[])) AS w(person, since)
         JOIN home_orders o ON o.person = w.person AND o.delivered_at >= w.since AND o.settled_fen > 0"""
)
_CLAIMS = text(
    """SELECT person, source, item, provider, amount_fen, found_by, charged_at, region FROM provider_claims
        WHERE person = ANY(CAST(:persons AS uuid[])) AND state <> 'cancelled'"""
)
_ORDERS = text(
    """SELECT id, price_fen, provider, started_at, planned_minutes, settled_fen FROM home_orders
        WHERE id = ANY(CAST(:ids AS uuid[]))"""
)


async def overpaid_after_death(tx: Transaction, holdings: Sequence[UUID]) -> dict[UUID, Overpayment]:
    """The record of each holding's overpayment after a death, cancelled ones included."""
    if not holdings:
        return {}
    rows = await tx.execute(_AFTER_DEATH, {"holdings": list(holdings)})
    return {row.holding: _record(row) for row in rows}


async def read_overpayment(tx: Transaction, record: UUID) -> Overpayment | None:
    """One record; None when there is none."""
    row = (await tx.execute(_ONE, {"id": record})).first()
    return _record(row) if row else None


def _record(row: Any) -> Overpayment:
    values = {name: getattr(row, name) for name in Overpayment.__slots__ if name != "months"}
    return Overpayment(**values, months=tuple(month_from_text(month) for month in orjson.loads(row.months)))


async def charged_since(tx: Transaction, since: Mapping[UUID, datetime]) -> dict[UUID, list[ServiceCharged]]:
    """What providers were paid for services that these people are said to have had since an instant."""
    persons = sorted(since)
    found: dict[UUID, list[ServiceCharged]] = defaultdict(list)
    times = {"persons": persons, "since": [since[person] for person in persons]}
    for person, *values in await tx.execute(_CHARGED, times):
        found[person].append(ServiceCharged(*values))
    return found


async def claims_of(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, list[ProviderClaim]]:
    """Claims on providers that stand."""
    found: dict[UUID, list[ProviderClaim]] = defaultdict(list)
    for person, *values in await tx.execute(_CLAIMS, {"persons": list(persons)}):
        found[person].append(ProviderClaim(*values))
    return found


async def order_terms(tx: Transaction, orders: Sequence[UUID]) -> dict[UUID, OrderTerms]:
    """Price and times of home orders."""
    if not orders:
        return {}
    rows = await tx.execute(_ORDERS, {"ids": list(orders)})
    return {
        row.id: OrderTerms(row.price_fen, row.provider, row.started_at, row.planned_minutes, row.settled_fen)
        for row in rows
    }


def months_text(months: Sequence[date]) -> str:
    """Months as the column keeps them: `["2026-02", "2026-03"]`."""
    return orjson.dumps([f"{month.year:04d}-{month.month:02d}" for month in months]).decode()
