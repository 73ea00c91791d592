"""One helper brings any service's database to head, from anywhere, once."""

import asyncio
import time

import pytest
from sqlalchemy import text

from kernel.database import DatabaseAway, make_engine
from kernel.migrations import at_head, upgrade, upgrade_async
from tests.conftest import NewDatabase
from tests.kernel.conftest import MIGRATIONS


async def test_several_processes_that_start_at_once_migrate_once(new_database: NewDatabase) -> None:
    dsn = await new_database("migrated")
    await asyncio.gather(*(upgrade_async("sample", dsn, folder=MIGRATIONS) for _ in range(3)))
    engine = make_engine(dsn, pooled=False)
    async with engine.connect() as connection:
        assert await at_head(connection, MIGRATIONS)
        assert await connection.scalar(text("SELECT count(*) FROM clock_offset")) == 1
    await engine.dispose()


async def test_an_empty_database_is_not_at_head(new_database: NewDatabase) -> None:
    engine = make_engine(await new_database("empty"), pooled=False)
    async with engine.connect() as connection:
        assert not await at_head(connection, MIGRATIONS)
    await engine.dispose()


async def test_upgrading_inside_a_running_loop_works_and_a_second_time_is_quick(
    new_database: NewDatabase,
) -> None:
    dsn = await new_database("migrated")
    upgrade("sample", dsn, folder=MIGRATIONS)
    began = time.monotonic()
    upgrade("sample", dsn, folder=MIGRATIONS)
    assert time.monotonic() - began < 10  # a bound against hanging, not a measurement


def test_a_database_that_is_away_is_said_so() -> None:
    with pytest.raises(DatabaseAway):
        upgrade("sample", "postgresql://nobody@127.0.0.1:1/none", folder=MIGRATIONS)
