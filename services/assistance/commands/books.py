"""The books about people's money: what was paid out, what is owed late, what is claimed and has come back (kernel
ledger).

Accounts have ids that follow from their use, so opening them needs no look-up. Each booking is one entry of two lines
against the funding source's own account.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from kernel.messaging.transaction import Transaction
from kernel.public_service.ledger import Account, Line, open_accounts, post
from services.assistance.domain.effects import Book
from services.assistance.domain.values import Holding

OWNER = "assistance"
# Accounts that a booking debits; the others are credited. Nobody is paid arrears that are not owed.
_DEBITED = frozenset({"recoverable", "received"})
_NEVER_NEGATIVE = frozenset({"payable", "paid"})
_SPACE = UUID("5c2f0b62-0d6c-5a6e-9d5e-1c6a5b7d9e01")


def account_id(kind: str, beneficiary: UUID | None, funding_source: str) -> UUID:
    """The account of one use: per beneficiary, but `expense` per funding source alone."""
    return uuid5(_SPACE, f"{kind}|{beneficiary or ''}|{funding_source}")


def beneficiary_of(holding: Holding) -> UUID:
    """Whose money it is: the person's, or the household's (under the household's own key)."""
    if holding.beneficiary is not None:
        return holding.beneficiary
    return holding.household or holding.id


async def book(tx: Transaction, bookings: Sequence[Book], *, at: datetime) -> None:
    """Post all bookings at once. Raises what the ledger raises; then nothing stands.

    `recoverable` and `received` grow by debits, `payable` and `paid` by credits; the other side is the funding source's
    expense. Arrears are expense when they are owed, and again when paid while what was owed is taken off: once in all.
    """
    if not bookings:
        return
    accounts: dict[UUID, Account] = {}
    lines: list[Line] = []
    for each in bookings:
        own = _account(each.account, beneficiary_of(each.holding), each.holding, accounts)
        expense = _account("expense", None, each.holding, accounts)
        grows = each.amount_fen > 0
        debit, credit = (own, expense) if grows == (each.account in _DEBITED) else (expense, own)
        lines.extend(_entry(each, debit, credit, at))
    await open_accounts(tx, [accounts[key] for key in sorted(accounts)])
    await post(tx, lines)


def _account(kind: str, beneficiary: UUID | None, holding: Holding, accounts: dict[UUID, Account]) -> UUID:
    key = account_id(kind, beneficiary, holding.funding_source)
    accounts.setdefault(
        key, Account(kind, OWNER, beneficiary, never_negative=kind in _NEVER_NEGATIVE, id=key)
    )
    return key


def _entry(each: Book, debit: UUID, credit: UUID, at: datetime) -> list[Line]:
    """Two lines: beneficiary by the account, payee and funding source by the line (SA-077)."""
    entry, source = uuid4(), each.holding.funding_source
    reason, payee = f"{each.account} {each.holding.kind}", each.payee or each.holding.payee
    amount = abs(each.amount_fen)
    return [
        Line(entry, debit, "debit", amount, source, reason, each.month, at, payee),
        Line(entry, credit, "credit", amount, source, reason, each.month, at, payee),
    ]
