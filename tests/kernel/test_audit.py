"""The audit log is written with the deed, and never changed."""

from datetime import UTC, datetime

import pytest
import sqlalchemy.exc
from sqlalchemy import text

from kernel.messaging.transaction import Transactions
from kernel.public_service.audit import AuditLine, record

LINE = AuditLine(datetime(2026, 3, 1, tzinfo=UTC), "clerk-1", "reveal_person", "person:1", "核对身份")


async def test_lines_stand_with_their_purpose(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        await record(tx, [LINE, LINE])
        await record(tx, [])
    async with transactions.begin() as tx:
        rows = (await tx.execute(text("SELECT actor, action, object, purpose FROM audit_log"))).all()
    assert rows == [("clerk-1", "reveal_person", "person:1", "核对身份")] * 2


async def test_a_deed_that_failed_leaves_no_line(transactions: Transactions) -> None:
    async def fail() -> None:
        async with transactions.begin() as tx:
            await record(tx, [LINE])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with transactions.begin() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM audit_log"))).scalar() == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
async def test_nobody_rewrites_the_log(transactions: Transactions, statement: str) -> None:
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"):
        async with transactions.begin() as tx:
            await tx.execute(text(statement))
