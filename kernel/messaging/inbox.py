"""The inbox: a message is claimed in the transaction that handles it, so it counts once or not at all."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Topics keep 30 days; rows outlive them, so that whatever can still be delivered is still known. `facts`
# are kept for ever: a fact read again after this is told by its version (design 1), not by its id.
KEPT_DAYS = 40
AHEAD_DAYS = 7

_CLAIM = text("""
    INSERT INTO inbox (id, consumer) SELECT id, :consumer FROM unnest(CAST(:ids AS uuid[])) AS id
    ON CONFLICT DO NOTHING RETURNING id
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('lianban inbox partitions'))")
_PARTITIONS = text("""
    SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = 'inbox'::regclass AND child.relname LIKE 'inbox\\_2%' ORDER BY 1
""")
_FORGET_STRAYS = text("DELETE FROM inbox_default WHERE recorded_at < :before")


async def claim(connection: AsyncConnection, consumer: str, ids: Iterable[UUID]) -> set[UUID]:
    """Insert the ids and return those that were not there: the only ones to handle.

    Sorted, so that two workers with overlapping batches wait for each other instead of deadlocking; the
    first statement of the transaction, so that the second worker reads nothing before the first is done.
    """
    claimed = await connection.execute(_CLAIM, {"consumer": consumer, "ids": sorted(set(ids))})
    return set(claimed.scalars())


def lowest_id(day: date) -> UUID:
    """The smallest UUIDv7 made on a day (UTC): 48 bits of milliseconds, then zeros."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return UUID(int=int(start.timestamp() * 1000) << 80)


async def make_partitions(connection: AsyncConnection, *, today: date) -> list[str]:
    """Make the partitions from yesterday until a week ahead; returns the names of the new ones.

    Rows that the default partition already took are moved in the same transaction, so a service that was
    switched off for a month starts clean.
    """
    await connection.execute(_LOCK)
    there = set((await connection.execute(_PARTITIONS)).scalars())
    days = [today + timedelta(days=offset) for offset in range(-1, AHEAD_DAYS + 1)]
    missing = [day for day in days if _name(day) not in there]
    for day in missing:
        await _make(connection, day)
    return [_name(day) for day in missing]


async def drop_partitions(
    connection: AsyncConnection, *, today: date, kept_days: int = KEPT_DAYS
) -> list[str]:
    """Drop the partitions whose messages no topic can deliver any more; returns their names."""
    await connection.execute(_LOCK)
    oldest = today - timedelta(days=kept_days)
    names = (await connection.execute(_PARTITIONS)).scalars().all()
    old = [name for name in names if name < _name(oldest)]
    for name in old:
        await connection.execute(text(f"DROP TABLE {name}"))
    await connection.execute(_FORGET_STRAYS, {"before": datetime.now(UTC) - timedelta(days=kept_days)})
    return old


def _name(day: date) -> str:
    return f"inbox_{day:%Y%m%d}"


async def _make(connection: AsyncConnection, day: date) -> None:
    name, low, high = _name(day), lowest_id(day), lowest_id(day + timedelta(days=1))
    statements: Collection[str] = (
        f"CREATE TABLE {name} (LIKE inbox INCLUDING DEFAULTS INCLUDING INDEXES)",
        f"WITH moved AS (DELETE FROM inbox_default WHERE id >= '{low}' AND id < '{high}' RETURNING *) "
        f"INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE inbox ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}')",
    )
    for statement in statements:
        await connection.execute(text(statement))
