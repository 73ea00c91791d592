import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from kernel.messaging import inbox
from kernel.messaging.failures import is_systemic
from kernel.messaging.migration import drop_messaging
from kernel.messaging.tables import messaging_tables
from kernel.testing import eventually
from tests.kernel.messaging.house import House

TODAY = datetime.now(UTC).date()
_WHERE = text("SELECT tableoid::regclass::text FROM inbox WHERE id = :id")


def made_on(day: date) -> UUID:
    """An id as if made in the middle of that day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return UUID(int=(int(noon.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62) | 5)


async def claim(house: House, *ids: UUID, consumer: str = "listener") -> set[UUID]:
    async with house.listening.begin() as tx:
        return await inbox.claim(tx.connection, consumer, ids)


async def where(house: House, id: UUID) -> str:
    async with house.listening.begin() as tx:
        return (await tx.execute(_WHERE, {"id": id})).scalar_one()


async def make(house: House, today: date = TODAY) -> list[str]:
    async with house.listening.begin() as tx:
        return await inbox.make_partitions(tx.connection, today=today)


async def drop(house: House, today: date) -> list[str]:
    async with house.listening.begin() as tx:
        return await inbox.drop_partitions(tx.connection, today=today)


async def test_an_id_is_claimed_once_per_consumer(local_house: House) -> None:
    first, second = uuid7(), uuid7()
    assert await claim(local_house, first) == {first}
    assert await claim(local_house, first, second, second) == {second}
    assert await claim(local_house, first, consumer="other") == {first}


async def test_an_id_is_claimed_once_however_late_it_comes_again(local_house: House) -> None:
    late = made_on(TODAY - timedelta(days=1))
    assert await claim(local_house, late) == {late}
    await make(local_house)
    assert await claim(local_house, late) == set()
    assert await where(local_house, late) == f"inbox_{TODAY - timedelta(days=1):%Y%m%d}"


async def test_a_claim_refused_while_its_days_partition_comes_is_tried_again_and_holds(
    local_house: House,
) -> None:
    """The insert chose the default partition before the day's own was there, and waits for its lock."""
    waiting = text("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'inbox_default'::regclass")
    id = uuid7()

    async def blocked() -> bool:
        async with local_house.listening.begin() as tx:
            return (await tx.execute(waiting)).first() is not None

    async with local_house.listening.begin() as tx:
        await inbox.make_partitions(tx.connection, today=TODAY)
        refused = asyncio.ensure_future(claim(local_house, id))
        await eventually(blocked)
    with pytest.raises(DBAPIError, match="inbox_default") as failure:
        await refused
    assert is_systemic(failure.value)
    assert await claim(local_house, id) == {id}


async def test_a_partition_holds_the_ids_of_its_day(local_house: House) -> None:
    made = await make(local_house)
    assert made[0] == f"inbox_{TODAY - timedelta(days=1):%Y%m%d}"
    assert made[-1] == f"inbox_{TODAY + timedelta(days=7):%Y%m%d}"
    fresh = uuid7()
    await claim(local_house, fresh)
    assert await where(local_house, fresh) == f"inbox_{TODAY:%Y%m%d}"


async def test_ids_of_no_made_day_rest_in_the_default_partition(local_house: House) -> None:
    await make(local_house)
    stranger = uuid4()
    assert await claim(local_house, stranger) == {stranger}
    assert await claim(local_house, stranger) == set()


async def test_partitions_are_made_once(local_house: House) -> None:
    assert len(await make(local_house)) == 9
    assert await make(local_house) == []
    assert len(await make(local_house, TODAY + timedelta(days=2))) == 2


async def test_partitions_past_every_retention_are_dropped_and_younger_ones_kept(local_house: House) -> None:
    await make(local_house)
    assert await drop(local_house, TODAY + timedelta(days=39)) == []
    dropped = await drop(local_house, TODAY + timedelta(days=41))
    assert dropped == [f"inbox_{TODAY + timedelta(days=offset):%Y%m%d}" for offset in (-1, 0)]


def test_the_lowest_id_of_a_day_is_not_above_any_made_on_it() -> None:
    assert inbox.lowest_id(TODAY) < uuid7() < inbox.lowest_id(TODAY + timedelta(days=1))


async def test_the_tables_as_written_are_the_tables_as_migrated(local_house: House) -> None:
    metadata = MetaData()
    messaging_tables(metadata)
    assert messaging_tables(metadata).outbox is metadata.tables["outbox"]

    def compare(connection: Connection) -> list:
        known = set(metadata.tables)
        options = {"include_object": lambda _object, name, kind, *_rest: kind != "table" or name in known}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with local_house.listening.begin() as tx:
        assert await tx.connection.run_sync(compare) == []


async def test_dropping_leaves_nothing(local_house: House) -> None:
    await make(local_house)
    statements: list[str] = []

    class Script:
        def execute(self, statement: str) -> None:
            statements.append(statement)

    drop_messaging(Script())
    async with local_house.listening.begin() as tx:
        for statement in statements:
            await tx.execute(text(statement))
        left = await tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert left.scalars().all() == ["heard"]
