"""Money of elder care as ledger lines: monthly payments, arrears, and claims of what was overpaid.

Three kinds of account: the county's fund (`elder_welfare_fund`), what an allowance has paid out (`allowance_paid`),
and what is to come back (`allowance_recoverable`, whose balance is minus the claim). A claim is only a claim: getting
it back is a signed decision of its own (R24, R95).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import text

from casework.persons import lock_persons
from kernel.messaging.transaction import Transaction
from kernel.public_service.ledger import Account, Line, open_accounts, post
from services.eldercare.domain import Arrears, Claim

OWNER = "eldercare"
_FUNDS = uuid5(NAMESPACE_URL, "lianban:eldercare:fund")

_PAID_THROUGH = text(
    """UPDATE allowances AS row SET paid_through = new.month
         FROM unnest(CAST(:ids AS uuid[]), CAST(:months AS date[])) AS new(id, month) WHERE row.id = new.id"""
)
# Due: granted, not paid for the month yet, and neither suspended nor stopped; a stopped one is paid through its last
# payable month. Months that a suspension left out are paid together.
_DUE = """state = 'active' AND granted_on <= :month AND (paid_through IS NULL OR paid_through < :month)
          AND CASE WHEN ended_by IS NULL THEN held_by IS NULL
                   ELSE ends_after > coalesce(paid_through, CAST(granted_on - interval '1 month' AS date)) END"""
_WHO = text(f"SELECT DISTINCT person FROM allowances WHERE {_DUE} ORDER BY person LIMIT :limit")
_PAY = text(
    f"""WITH due AS (
            SELECT id, paid_through AS paid_before, least(CAST(:month AS date), ends_after) AS through
              FROM allowances WHERE person = ANY(CAST(:persons AS uuid[])) AND {_DUE} ORDER BY id FOR UPDATE)
        UPDATE allowances AS row SET paid_through = due.through FROM due WHERE row.id = due.id
        RETURNING row.id, row.person, row.payee, row.amount_fen, row.region, row.granted_on, due.paid_before,
                  due.through"""
)


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry: `amount_fen` > 0 goes from the fund to the allowance's account of this kind, < 0 comes back."""

    allowance: UUID
    person: UUID
    payee: UUID | None
    region: str
    kind: str
    amount_fen: int
    reason: str
    month: date


async def book(tx: Transaction, effects: Sequence[tuple[UUID, Claim | Arrears]], *, at: datetime) -> None:
    """Ledger lines of claims and arrears; arrears also move `paid_through`."""
    if not effects:
        return
    await _post(tx, [_booking(person, effect) for person, effect in effects], at)
    paid = [effect for _, effect in effects if isinstance(effect, Arrears)]
    if paid:
        months = {"ids": [each.item.id for each in paid], "months": [each.through for each in paid]}
        await tx.execute(_PAID_THROUGH, months)


def _booking(person: UUID, effect: Claim | Arrears) -> Booking:
    item = effect.item
    if isinstance(effect, Arrears):
        kind, amount, reason, month = "allowance_paid", effect.amount_fen, "arrears", effect.through
    else:
        reason = "overpaid_after_death" if effect.amount_fen > 0 else "claim_cancelled"
        kind, amount, month = "allowance_recoverable", -effect.amount_fen, effect.month
    return Booking(item.id, person, item.payee, item.region, kind, amount, reason, month)


async def _post(tx: Transaction, bookings: Sequence[Booking], at: datetime) -> None:
    accounts: dict[UUID, Account] = {}
    lines: list[Line] = []
    for each in bookings:
        source = f"elder_welfare_{each.region[:6]}"
        fund = Account("elder_welfare_fund", OWNER, id=uuid5(_FUNDS, each.region[:6]))
        own = Account(each.kind, OWNER, each.person, each.payee, id=uuid5(each.allowance, each.kind))
        accounts |= {fund.id: fund, own.id: own}
        from_fund = each.amount_fen > 0
        entry, amount = uuid4(), abs(each.amount_fen)
        for account, debit in ((fund.id, from_fund), (own.id, not from_fund)):
            lines.append(
                Line(
                    entry,
                    account,
                    "debit" if debit else "credit",
                    amount,
                    source,
                    each.reason,
                    each.month,
                    at,
                    each.payee,
                )
            )
    await open_accounts(tx, [accounts[key] for key in sorted(accounts)])
    await post(tx, lines)


async def pay_month(tx: Transaction, month: date, *, at: datetime, limit: int = 500) -> int:
    """Pay what is due through `month` (first day) to at most `limit` people; gives how many allowances were paid.

    Call again until it gives 0. Persons are locked first, so a stop and a payment of one person never overlap.
    """
    who = list((await tx.execute(_WHO, {"month": month, "limit": limit})).scalars())
    await lock_persons(tx, who)
    paid = (await tx.execute(_PAY, {"month": month, "persons": who})).all()
    await _post(tx, [_payment(row) for row in paid], at)
    return len(paid)


def _payment(row: object) -> Booking:
    granted, before, through = row.granted_on, row.paid_before, row.through  # type: ignore[attr-defined]
    months = (through.year - granted.year) * 12 + through.month - granted.month + 1
    if before is not None:
        months = (through.year - before.year) * 12 + through.month - before.month
    return Booking(
        row.id, row.person, row.payee, row.region, "allowance_paid", row.amount_fen * months, "payment", through,  # type: ignore[attr-defined]
    )  # fmt: skip
