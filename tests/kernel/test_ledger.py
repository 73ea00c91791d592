"""Money is conserved, append-only, and never negative where an account says so; the database holds it too."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy.exc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, select, text

from kernel.database import constraint
from kernel.messaging.transaction import Transaction, Transactions
from kernel.public_service.ledger import (
    Account,
    AccountWouldGoNegative,
    Line,
    Side,
    Unbalanced,
    balances,
    ledger_tables,
    open_accounts,
    post,
)
from kernel.testing import eventually

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BENEFICIARY, PAYEE = uuid4(), uuid4()


def line(account: UUID, side: Side, amount_fen: int, entry: UUID) -> Line:
    return Line(
        entry=entry, account=account, side=side, amount_fen=amount_fen, funding_source="county", reason="dibao 2026-03",
        effective_on=date(2026, 3, 1), recorded_at=NOW, payee=PAYEE,
    )  # fmt: skip


def transfer(source: Account, target: Account, amount_fen: int) -> list[Line]:
    entry = uuid4()
    return [line(source.id, "debit", amount_fen, entry), line(target.id, "credit", amount_fen, entry)]


async def make_accounts(tx: Transaction) -> tuple[Account, Account]:
    fund = Account(kind="fund", owner="assistance")
    person = Account(
        kind="payable", owner="assistance", beneficiary=BENEFICIARY, payee=PAYEE, never_negative=True
    )
    await open_accounts(tx, [fund, person])
    return fund, person


async def test_a_transfer_moves_money_and_keeps_beneficiary_and_payee_apart(
    transactions: Transactions,
) -> None:
    async with transactions.begin() as tx:
        fund, person = await make_accounts(tx)
        await post(tx, transfer(fund, person, 105_000))
    tables = ledger_tables(MetaData())
    async with transactions.begin() as tx:
        assert await balances(tx, [fund.id, person.id, uuid4()])  # unknown accounts are zero, not missing
        assert list((await balances(tx, [fund.id, person.id])).values()) == [-105_000, 105_000]
        row = (await tx.execute(select(tables.accounts).where(tables.accounts.c.id == person.id))).one()
        assert (row.beneficiary, row.payee) == (BENEFICIARY, PAYEE)
        entry = (await tx.execute(select(tables.entries).where(tables.entries.c.account == person.id))).one()
        assert (entry.amount_fen, entry.funding_source, entry.payee) == (105_000, "county", PAYEE)


async def test_an_unbalanced_entry_is_refused_before_and_by_the_database(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        fund, person = await make_accounts(tx)
        entry = uuid4()
        with pytest.raises(Unbalanced):
            await post(tx, [line(fund.id, "debit", 2, entry), line(person.id, "credit", 1, entry)])
        with pytest.raises(Unbalanced):
            await post(tx, [line(fund.id, "debit", 0, entry), line(person.id, "credit", 0, entry)])
    by_hand = text(
        "INSERT INTO ledger_entries"
        " (entry, account, side, amount_fen, funding_source, reason, effective_on, recorded_at)"
        " VALUES (gen_random_uuid(), :account, 'credit', 5, 'x', 'x', '2026-03-01', now())"
    )
    with pytest.raises(sqlalchemy.exc.IntegrityError) as raised:
        async with transactions.begin() as tx:
            await tx.execute(by_hand, {"account": fund.id})
    assert constraint(raised.value) == "ledger_balances"


async def test_an_account_does_not_go_below_zero_where_it_must_not(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        fund, person = await make_accounts(tx)
        await post(tx, transfer(fund, person, 100))
        with pytest.raises(AccountWouldGoNegative):
            await post(tx, transfer(person, fund, 101))
        await post(tx, transfer(person, fund, 100))
        assert set((await balances(tx, [fund.id, person.id])).values()) == {0}


async def test_of_two_withdrawals_at_once_the_second_waits_and_is_refused(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        fund, person = await make_accounts(tx)
        await post(tx, transfer(fund, person, 100))

    async def take() -> None:
        async with transactions.begin() as tx:
            await post(tx, transfer(person, fund, 60))

    async def waits_or_has_ended() -> bool:
        async with transactions.begin() as tx:
            waiting = text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return second.done() or (await tx.execute(waiting)).scalar_one() > 0

    async with transactions.begin() as tx:
        await post(tx, transfer(person, fund, 60))
        second = asyncio.create_task(take())
        await eventually(waits_or_has_ended)
        assert not second.done()
    with pytest.raises(AccountWouldGoNegative):
        await second
    async with transactions.begin() as tx:
        assert (await balances(tx, [person.id]))[person.id] == 40


@pytest.mark.parametrize("statement", ["UPDATE ledger_entries SET amount_fen = 1", "DELETE FROM ledger_entries",
                                       "TRUNCATE ledger_entries"])  # fmt: skip
async def test_lines_are_append_only(transactions: Transactions, statement: str) -> None:
    async with transactions.begin() as tx:
        await post(tx, transfer(*await make_accounts(tx), 100))
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"):
        async with transactions.begin() as tx:
            await tx.execute(text(statement))


async def test_an_account_opened_twice_stays_as_it_was(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        fund, _ = await make_accounts(tx)
        await open_accounts(tx, [Account(kind="other", owner="other", id=fund.id)])
        await open_accounts(tx, [])
        await post(tx, [])
        row = await tx.execute(text("SELECT kind FROM ledger_accounts WHERE id = :id"), {"id": fund.id})
        assert row.scalar() == "fund"


TRANSFERS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 10**12)), max_size=25)
Run = Callable[[list[tuple[int, int, int]]], Awaitable[tuple[list[int], list[int]]]]


@pytest.fixture
def run(transactions: Transactions) -> Run:
    """Post transfers among five fresh accounts; give the balances found and those a plain sum expects."""

    async def run(moves: list[tuple[int, int, int]]) -> tuple[list[int], list[int]]:
        accounts = [Account(kind="k", owner="o") for _ in range(5)]
        expected = [0] * 5
        async with transactions.begin() as tx:
            await open_accounts(tx, accounts)
            lines = [
                each
                for source, target, fen in moves
                for each in transfer(accounts[source], accounts[target], fen)
            ]
            for source, target, fen in moves:
                expected[source] -= fen
                expected[target] += fen
            await post(tx, lines)
            found = await balances(tx, [account.id for account in accounts])
        return [found[account.id] for account in accounts], expected

    return run


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=TRANSFERS)
async def test_money_is_conserved(run: Run, moves: list[tuple[int, int, int]]) -> None:
    found, expected = await run(moves)
    assert found == expected
    assert sum(found) == 0
