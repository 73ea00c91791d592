"""Money of elder care as ledger lines: payments, arrears, overpayments, what providers are paid.

Kinds of account: the county's fund (`elder_welfare_fund`); of each holding what it has paid out (`allowance_paid`),
what is to come back (`allowance_recoverable`, whose balance is minus the claim), what came back (`allowance_repaid`);
of each voucher use and order what its provider was paid (`provider_settled`) and owes (`provider_recoverable`). Every
line names its fund; the account has the beneficiary, the line the payee.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from kernel.public_service.ledger import Account, Line, open_accounts, post
from services.eldercare.domain.effects import FUND, PAID, SETTLED, Book, PaidThrough, SetOverpayment
from services.eldercare.domain.overpayments import Overpayment
from services.eldercare.queries.money import months_text

OWNER = "eldercare"
_FUNDS = uuid5(NAMESPACE_URL, "lianban:eldercare:fund")
_NEVER_NEGATIVE = frozenset({PAID, SETTLED})

_PAID_THROUGH = text(
    """UPDATE allowances AS row SET paid_through = new.month
         FROM unnest(CAST(:ids AS uuid[]), CAST(:months AS date[])) AS new(id, month) WHERE row.id = new.id"""
)
_RECORD_TYPES = {
    "id": "uuid", "holding": "uuid", "person": "uuid", "amount_fen": "bigint", "months": "text", "state": "text",
    "kind": "text", "payee": "uuid", "repaid_fen": "bigint", "waived_fen": "bigint",
    "decision": "text", "instalments": "integer", "proposed_by": "text", "decided_by": "text",
    "decided_at": "timestamptz", "notified_at": "timestamptz", "letter_from": "date", "reason": "text",
    "region": "text",
}  # fmt: skip
_NAMES = ", ".join(_RECORD_TYPES)
_VALUES = ", ".join("CAST(months AS jsonb)" if name == "months" else name for name in _RECORD_TYPES)
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _RECORD_TYPES.items())
_CHANGED = ", ".join(
    f"{name} = excluded.{name}" for name in _RECORD_TYPES if name not in ("id", "holding", "person", "kind")
)
_RECORD = text(
    f"""INSERT INTO overpayments ({_NAMES}, changed_at)
        SELECT {_VALUES}, :at FROM unnest({_ARRAYS}) AS new({_NAMES})
        ON CONFLICT (id) DO UPDATE SET {_CHANGED}, changed_at = :at, version = overpayments.version + 1"""
)


async def book(tx: Transaction, bookings: Sequence[Book], *, at: datetime) -> None:
    """One entry of two lines for each booking, all in one statement; accounts need no look-up."""
    if not bookings:
        return
    accounts: dict[UUID, Account] = {}
    lines: list[Line] = []
    for each in bookings:
        entry = uuid4()
        for kind, side in ((each.debit, "debit"), (each.credit, "credit")):
            account = _account(kind, each)
            accounts[account.id] = account
            lines.append(
                Line(
                    entry, account.id, side, each.amount_fen, f"elder_welfare_{each.region[:6]}",  # type: ignore[arg-type]
                    each.reason, each.month, at, each.payee,
                )
            )  # fmt: skip
    await open_accounts(tx, [accounts[key] for key in sorted(accounts)])
    await post(tx, lines)


def _account(kind: str, each: Book) -> Account:
    if kind == FUND:
        return Account(FUND, OWNER, id=uuid5(_FUNDS, each.region[:6]))
    return Account(kind, OWNER, each.person, each.payee, kind in _NEVER_NEGATIVE, uuid5(each.holding, kind))


async def move_paid_through(tx: Transaction, effects: Sequence[PaidThrough]) -> None:
    """Arrears were paid: remember through which month."""
    if effects:
        months = {"ids": [each.item.id for each in effects], "months": [each.through for each in effects]}
        await tx.execute(_PAID_THROUGH, months)


async def write_overpayments(tx: Transaction, effects: Sequence[SetOverpayment], *, at: datetime) -> None:
    """Insert or renew records of overpayments; the version rises with each change. The persons must be locked."""
    if not effects:
        return
    records = sorted((each.record for each in effects), key=lambda record: record.id)
    columns = {name: [_column(record, name) for record in records] for name in _RECORD_TYPES}
    await tx.execute(_RECORD, {**columns, "at": at})


def _column(record: Overpayment, name: str) -> Any:
    return months_text(record.months) if name == "months" else getattr(record, name)


assert set(_RECORD_TYPES) | {"version"} == {field.name for field in fields(Overpayment)}
