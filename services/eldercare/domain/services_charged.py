"""Services that providers were paid for around the day of a death: what is settled, what is claimed back (R53, R55)."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from kernel.public_service.clock import TZ
from services.eldercare.domain.effects import (
    FUND,
    PROVIDER_RECOVERABLE,
    SETTLED,
    Book,
    ClaimProvider,
    DropClaim,
    SettleOrder,
)
from services.eldercare.domain.items import Care, Item, OrderTerms, ProviderClaim, ServiceCharged


def share_fen(terms: OrderTerms, died_at: datetime) -> int | None:
    """What was done of a started order before the death, by time, rounded down; none when nobody knows.

    Nothing for an order that nobody had begun; never more than its price.
    """
    if terms.started_at is None or terms.started_at >= died_at:
        return 0
    if terms.planned_minutes is None:
        return None
    done_seconds = int((died_at - terms.started_at).total_seconds())
    return min(terms.price_fen * done_seconds // (terms.planned_minutes * 60), terms.price_fen)


def settle_order(care: Care, item: Item, terms: OrderTerms, died_at: datetime) -> Iterator[object]:
    """The provider is paid for what was done before the death; only the difference to before is booked."""
    share = share_fen(terms, died_at)
    if share is None or share == terms.settled_fen:
        return
    difference = share - terms.settled_fen
    debit, credit = (FUND, SETTLED) if difference > 0 else (SETTLED, FUND)
    on = died_at.astimezone(TZ).date()
    yield SettleOrder(item, share)
    yield Book(
        item.id,
        care.person,
        terms.provider,
        item.region,
        debit,
        credit,
        abs(difference),
        "order_broken_off",
        on,
    )


def claim_providers(care: Care, by: UUID, died_on: date | None) -> Iterator[object]:
    """Claims for what was charged on or after the day of death; claims of `by` that no longer hold fall away.

    Whether a service of that very day came before the death is the provider's to explain: the claim is a record, and
    getting money back is a decision of its own. `died_on` none: nobody died, all claims fall away.
    """
    standing = {claim.item: claim for claim in care.claims if claim.found_by == by}
    claimed = {claim.item for claim in care.claims}
    wanted = {each.id: each for each in care.charged if died_on is not None and _day(each) >= died_on}
    for key in sorted(standing.keys() - wanted.keys()):
        yield DropClaim(care.person, standing[key])
        yield _book(care, standing[key], back=False)
    for key in sorted(wanted.keys() - claimed):
        claim = _claim(wanted[key], by)
        yield ClaimProvider(care.person, claim)
        yield _book(care, claim, back=True)


def _day(charged: ServiceCharged) -> date:
    return charged.at.astimezone(TZ).date()


def _claim(charged: ServiceCharged, by: UUID) -> ProviderClaim:
    return ProviderClaim(
        charged.source, charged.id, charged.provider, charged.amount_fen, by, charged.at, charged.region
    )


def _book(care: Care, claim: ProviderClaim, *, back: bool) -> Book:
    """`back`: to come back from the provider; else the claim is cancelled."""
    debit, credit = (PROVIDER_RECOVERABLE, FUND) if back else (FUND, PROVIDER_RECOVERABLE)
    reason = "charged_after_death" if back else "provider_claim_cancelled"
    on = claim.at.astimezone(TZ).date()
    return Book(
        claim.item, care.person, claim.provider, claim.region, debit, credit, claim.amount_fen, reason, on
    )
