"""The books of the funeral service (kernel ledger): free items owed to homes, awards owed to families.

Accounts have ids that follow from their use, so opening them needs no look-up:

- `free_items`, `eco_award`: what a fund spends (one per funding source);
- `home_payable`, `claim_payable`, `award_payable`: what is owed, to whom (never below zero);
- `paid`: what has left the fund; `recoverable`: what somebody has to give back.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4, uuid5

from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.ledger import Account, Line, open_accounts, post
from services.funeral.commands.effects import Rulings, of_kind
from services.funeral.domain.effects import BookMoney

OWNER = "funeral"
_SPACE = UUID("0f4f2d52-5f0a-5a37-9d0c-6b6c2f6e7a01")
_OWED = frozenset({"home_payable", "claim_payable", "award_payable"})
_PERSONAL = _OWED | {"recoverable"}


def account_of(kind: str, line: BookMoney) -> Account:
    """The account of one use: per beneficiary, payee and funding source where somebody is owed or owes."""
    personal = kind in _PERSONAL
    beneficiary = line.beneficiary if personal else None
    payee = line.payee if personal else None
    key = uuid5(_SPACE, f"{kind}|{beneficiary or ''}|{payee or ''}|{line.funding_source}")
    return Account(kind, OWNER, beneficiary, payee, never_negative=kind in _OWED, id=key)


async def book_money(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Post every line of money that the rulings ask for."""
    await post_money(tx, [money for _, money in of_kind(rulings, BookMoney)], at=at)


async def post_money(tx: Transaction, booked: Sequence[BookMoney], *, at: datetime) -> None:
    """Post each line as an entry of its own. Raises what the ledger raises; then nothing stands."""
    if not booked:
        return
    accounts: dict[UUID, Account] = {}
    lines: list[Line] = []
    for money in booked:
        debit, credit = account_of(money.debit, money), account_of(money.credit, money)
        accounts |= {debit.id: debit, credit.id: credit}
        lines += _entry(money, debit.id, credit.id, at.astimezone(TZ).date(), at)
    await open_accounts(tx, [accounts[key] for key in sorted(accounts)])
    await post(tx, lines)


def _entry(money: BookMoney, debit: UUID, credit: UUID, on: date, at: datetime) -> list[Line]:
    entry = uuid4()
    shared = (money.amount_fen, money.funding_source, money.reason, on, at, money.payee)
    return [Line(entry, debit, "debit", *shared), Line(entry, credit, "credit", *shared)]
