"""What PostgreSQL alone does here: one case row and as many procedure rows per commit."""

import asyncio
import time
from uuid import uuid4

import asyncpg

TABLES = """
drop table if exists raw_case, raw_procedure;
create table raw_case (id uuid primary key, no text, status text, form bytea, at timestamptz default now());
create table raw_procedure (id uuid primary key, case_id uuid, type text, state text, reason text, result jsonb);
create index on raw_procedure (case_id);
"""
INSERT_ROWS = (
    "insert into raw_procedure select id, $2, 'assistance.stop_benefits', 'waiting', null, '{}'"
    " from unnest($1::uuid[]) id"
)


async def raw_commits(dsn: str, rows: int, in_flight: int, seconds: float) -> float:
    """Commits per second of the smallest possible case (fsync and synchronous_commit as the server has them)."""
    plain = dsn.replace("postgresql+asyncpg://", "postgresql://")
    pool = await asyncpg.create_pool(plain, min_size=in_flight, max_size=in_flight)
    done = 0
    async with pool.acquire() as connection:
        await connection.execute(TABLES)
    until = time.perf_counter() + seconds

    async def writer() -> None:
        nonlocal done
        async with pool.acquire() as connection:
            while time.perf_counter() < until:
                case = uuid4()
                async with connection.transaction():
                    await connection.execute(
                        "insert into raw_case values ($1, 'no', 'accepted', $2)", case, b"x" * 600
                    )
                    await connection.execute(INSERT_ROWS, [uuid4() for _ in range(rows)], case)
                done += 1

    begun = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(in_flight)))
    spent = time.perf_counter() - begun
    await pool.close()
    return done / spent
