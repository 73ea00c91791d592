"""Alembic for five databases, one helper.

A service's `migrations/env.py` is three lines:

    from kernel.migrations import run
    from services.assistance.tables import ROWS
    run(ROWS.metadata)

and its first revision calls `create_kernel_tables(op)` and `kernel.messaging.migration.create_messaging(op)`.
`upgrade("assistance", url)` brings a database to head; it may be called from sync code or (`upgrade_async`) from
inside a running event loop. An advisory lock lets one of several starting processes do the work.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, String, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from kernel import idempotency
from kernel.database import make_engine
from kernel.public_service import audit, clock, ledger

ROOT = Path(__file__).resolve().parent.parent
_LOCK_KEY = 0x6C69616E62616E  # "lianban": serialises migrations of one database
_one_at_a_time = threading.Lock()  # Alembic's context is a process-wide proxy


class Operations(Protocol):
    def execute(self, sqltext: str) -> None: ...


def create_kernel_tables(op: Operations) -> None:
    """Tables every service has: clock_offset, idempotency_keys, audit_log, ledger_accounts, ledger_entries."""
    for module in (clock, idempotency, audit, ledger):
        for statement in module.DDL:
            op.execute(statement)


def drop_kernel_tables(op: Operations) -> None:
    for table in ("ledger_entries", "ledger_accounts", "audit_log", "idempotency_keys", "clock_offset"):
        op.execute(f"DROP TABLE IF EXISTS {table} CASCADE")


def migrations_folder(service: str) -> Path:
    """Where a service's revisions lie: `gateway/migrations` or `services/<service>/migrations`."""
    return (
        ROOT / "gateway" / "migrations"
        if service == "gateway"
        else ROOT / "services" / service / "migrations"
    )


def upgrade(service: str, url: str, *, folder: Path | None = None, revision: str = "head") -> None:
    """Bring a database to `revision`. Raises DatabaseAway when it cannot connect. Blocks; own thread and loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_upgrade_in_own_loop, folder or migrations_folder(service), url, revision).result()


async def upgrade_async(
    service: str, url: str, *, folder: Path | None = None, revision: str = "head"
) -> None:
    """`upgrade` for callers inside an event loop."""
    await asyncio.to_thread(_upgrade_in_own_loop, folder or migrations_folder(service), url, revision)


def _upgrade_in_own_loop(folder: Path, url: str, revision: str) -> None:
    with _one_at_a_time:
        asyncio.run(_upgrade(folder, url, revision))


async def _upgrade(folder: Path, url: str, revision: str) -> None:
    engine = make_engine(url, name="lianban-migrations", pooled=False)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            await connection.run_sync(_run_alembic, folder, revision)
    finally:
        await engine.dispose()


def _run_alembic(connection: Connection, folder: Path, revision: str) -> None:
    config = _config(folder)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def compare_type(
    _context: MigrationContext,
    _inspected: object,
    _declared: object,
    found: TypeEngine[Any],
    said: TypeEngine[Any],
) -> bool | None:
    """For Alembic's comparison: text without a bound is one type, whatever it is called. None: compare as usual."""
    plain = said.impl_instance if isinstance(said, TypeDecorator) else said
    if isinstance(found, String) and isinstance(plain, String) and found.length is plain.length is None:
        return False
    return None


def run(metadata: MetaData) -> None:
    """What `env.py` calls. The connection comes from `upgrade`; `alembic` on the command line is not used."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=compare_type)
    with context.begin_transaction():
        context.run_migrations()


@lru_cache
def heads(folder: Path) -> frozenset[str]:
    return frozenset(ScriptDirectory.from_config(_config(folder)).get_heads())


async def at_head(connection: AsyncConnection, folder: Path) -> bool:
    """Whether the database has exactly the revisions the code knows (asked by /readyz)."""
    if await connection.scalar(text("SELECT to_regclass('alembic_version') IS NULL")):
        return False
    rows = await connection.execute(text("SELECT version_num FROM alembic_version"))
    return frozenset(rows.scalars()) == heads(folder)
