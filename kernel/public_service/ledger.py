"""Money, in double entries that nobody can change afterwards.

An entry has lines; each line debits or credits one account by an amount in fen > 0; debits equal credits. The
database keeps three promises by itself: lines are append-only, every entry balances after the statement that posts
it (all its lines go into one), and an account marked `never_negative` never goes below zero. Beneficiary (whose
money) and payee (into whose hands) are two people.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from kernel.errors import Conflict, Problem
from kernel.public_service.audit import APPEND_ONLY
from kernel.public_service.clock import Executes

DDL = (
    APPEND_ONLY,
    """CREATE TABLE IF NOT EXISTS ledger_accounts (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        owner text NOT NULL,
        beneficiary uuid,
        payee uuid,
        never_negative boolean NOT NULL DEFAULT false
    )""",
    "CREATE INDEX IF NOT EXISTS ix_ledger_accounts_beneficiary ON ledger_accounts (beneficiary)",
    """CREATE TABLE IF NOT EXISTS ledger_entries (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entry uuid NOT NULL,
        account uuid NOT NULL REFERENCES ledger_accounts (id),
        side text NOT NULL CHECK (side IN ('debit', 'credit')),
        amount_fen bigint NOT NULL CHECK (amount_fen > 0),
        funding_source text NOT NULL,
        payee uuid,
        reason text NOT NULL,
        effective_on date NOT NULL,
        recorded_at timestamptz NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS ix_ledger_entries_entry ON ledger_entries (entry)",
    "CREATE INDEX IF NOT EXISTS ix_ledger_entries_account ON ledger_entries (account, seq)",
    """CREATE OR REPLACE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE OR REPLACE VIEW ledger_balances AS
        SELECT account, sum(CASE side WHEN 'credit' THEN amount_fen ELSE -amount_fen END)::bigint AS balance_fen
          FROM ledger_entries GROUP BY account""",
    # One check per posting statement (transition table), not one per line: a batch of 500 lines costs one query.
    """CREATE OR REPLACE FUNCTION ledger_check() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE bad uuid;
    BEGIN
        SELECT e.entry INTO bad FROM ledger_entries e WHERE e.entry IN (SELECT entry FROM posted)
         GROUP BY e.entry HAVING sum(CASE e.side WHEN 'credit' THEN e.amount_fen ELSE -e.amount_fen END) <> 0 LIMIT 1;
        IF bad IS NOT NULL THEN
            RAISE EXCEPTION 'ledger entry % does not balance', bad
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
        END IF;
        SELECT a.id INTO bad FROM ledger_accounts a JOIN ledger_entries e ON e.account = a.id
         WHERE a.never_negative AND a.id IN (SELECT account FROM posted WHERE side = 'debit')
         GROUP BY a.id HAVING sum(CASE e.side WHEN 'credit' THEN e.amount_fen ELSE -e.amount_fen END) < 0 LIMIT 1;
        IF bad IS NOT NULL THEN
            RAISE EXCEPTION 'account % would go below zero', bad
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_never_negative';
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE OR REPLACE TRIGGER ledger_entries_check AFTER INSERT ON ledger_entries
        REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION ledger_check()""",
)

Side = Literal["debit", "credit"]


class Unbalanced(Problem):
    """借贷不平，未入账。
    Debits and credits differ; nothing was posted."""

    how = "请核对每一分录的借方与贷方合计。"
    how_en = "Make the debits and credits of each entry equal."


class AccountWouldGoNegative(Conflict):
    """余额不足，未入账。
    The account would go below zero; nothing was posted."""

    how = "请先核对该账户余额。"
    how_en = "Check the balance of the account first."


@dataclass(frozen=True, slots=True)
class Account:
    """`kind` names the use (`dibao_payable`, `recoverable`, `bank`); `owner` the service or fund that keeps it."""

    kind: str
    owner: str
    beneficiary: UUID | None = None
    payee: UUID | None = None
    never_negative: bool = False
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `amount_fen` > 0, `effective_on` the month or day it is for, `recorded_at` when it was booked."""

    entry: UUID
    account: UUID
    side: Side
    amount_fen: int
    funding_source: str
    reason: str
    effective_on: date
    recorded_at: datetime
    payee: UUID | None = None


@dataclass(frozen=True, slots=True)
class LedgerTables:
    accounts: Table
    entries: Table


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def ledger_tables(metadata: MetaData) -> LedgerTables:
    """Core tables for queries, on the service's own metadata. The DDL with its triggers is `DDL`."""
    accounts = Table(
        "ledger_accounts", metadata, Column("id", Uuid, primary_key=True), _needed("kind", Text),
        _needed("owner", Text), Column("beneficiary", Uuid), Column("payee", Uuid), _needed("never_negative", Boolean),
        Index("ix_ledger_accounts_beneficiary", "beneficiary"),
    )  # fmt: skip
    entries = Table(
        "ledger_entries", metadata, Column("seq", BigInteger, Identity(always=True), primary_key=True),
        _needed("entry", Uuid), _needed("account", Uuid), _needed("side", Text), _needed("amount_fen", BigInteger),
        _needed("funding_source", Text), Column("payee", Uuid), _needed("reason", Text), _needed("effective_on", Date),
        _needed("recorded_at", DateTime(timezone=True)),
        ForeignKeyConstraint(["account"], ["ledger_accounts.id"], name="ledger_entries_account_fkey"),
        Index("ix_ledger_entries_entry", "entry"),
        Index("ix_ledger_entries_account", "account", "seq"),
    )  # fmt: skip
    return LedgerTables(accounts, entries)


_OPEN = text(
    """INSERT INTO ledger_accounts (id, kind, owner, beneficiary, payee, never_negative)
       SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:owner AS text[]),
                            CAST(:beneficiary AS uuid[]), CAST(:payee AS uuid[]), CAST(:never_negative AS boolean[]))
       ON CONFLICT (id) DO NOTHING"""
)
# Accounts that may not go below zero are locked in id order before their balance is read, so two postings on one
# follow each other. Other accounts (a fund's, say) are not locked: everybody posts to them.
_LOCK = text(
    """SELECT id FROM ledger_accounts WHERE id = ANY(CAST(:ids AS uuid[])) AND never_negative
        ORDER BY id FOR NO KEY UPDATE"""
)
_GOES_BELOW = text(
    """SELECT a.id FROM ledger_accounts a
         JOIN unnest(CAST(:ids AS uuid[]), CAST(:changes AS bigint[])) AS c(id, change) ON c.id = a.id
         LEFT JOIN ledger_balances b ON b.account = a.id
        WHERE a.never_negative AND coalesce(b.balance_fen, 0) + c.change < 0 LIMIT 1"""
)
_POST = text(
    """INSERT INTO ledger_entries
           (entry, account, side, amount_fen, funding_source, payee, reason, effective_on, recorded_at)
       SELECT * FROM unnest(CAST(:entry AS uuid[]), CAST(:account AS uuid[]), CAST(:side AS text[]),
           CAST(:amount_fen AS bigint[]), CAST(:funding_source AS text[]), CAST(:payee AS uuid[]),
           CAST(:reason AS text[]), CAST(:effective_on AS date[]), CAST(:recorded_at AS timestamptz[]))"""
)
_BALANCES = text("SELECT account, balance_fen FROM ledger_balances WHERE account = ANY(CAST(:ids AS uuid[]))")


async def open_accounts(tx: Executes, accounts: Sequence[Account]) -> None:
    """Open accounts in one statement; one that stands already (same id) stays as it is."""
    if accounts:
        await tx.execute(_OPEN, {name: [getattr(a, name) for a in accounts] for name in Account.__slots__})


async def post(tx: Executes, lines: Sequence[Line]) -> None:
    """Book lines of one or many entries, set-based. Raises Unbalanced or AccountWouldGoNegative."""
    if not lines:
        return
    _refuse_unbalanced(lines)
    changes = _changes(lines)
    ids = sorted(changes)
    await tx.execute(_LOCK, {"ids": ids})
    below = await tx.execute(_GOES_BELOW, {"ids": ids, "changes": [changes[account] for account in ids]})
    account = below.scalar()
    if account is not None:
        raise AccountWouldGoNegative(extra={"account": str(account)})
    await tx.execute(_POST, {name: [getattr(line, name) for line in lines] for name in Line.__slots__})


def _refuse_unbalanced(lines: Sequence[Line]) -> None:
    sums: dict[UUID, int] = defaultdict(int)
    for line in lines:
        if line.amount_fen <= 0:
            raise Unbalanced("金额必须大于零。", "Amounts are greater than zero.")
        sums[line.entry] += _signed(line)
    if any(sums.values()):
        raise Unbalanced()


def _changes(lines: Sequence[Line]) -> dict[UUID, int]:
    changes: dict[UUID, int] = defaultdict(int)
    for line in lines:
        changes[line.account] += _signed(line)
    return changes


def _signed(line: Line) -> int:
    return line.amount_fen if line.side == "credit" else -line.amount_fen


async def balances(tx: Executes, accounts: Sequence[UUID]) -> Mapping[UUID, int]:
    """Credits minus debits in fen; an account without lines is zero."""
    result = await tx.execute(_BALANCES, {"ids": list(accounts)})
    found = {row.account: row.balance_fen for row in result}
    return {account: found.get(account, 0) for account in accounts}
