"""Engines. One PostgreSQL database and one SQLAlchemy registry per service (services share no table).

The registry pattern: every service's `tables.py` begins with

    ROWS = service_registry()

    class Rows(SQLModel, registry=ROWS):
        # the base of this service's tables
        ...

    class Holding(Rows, table=True):
        ...

(SQLModel makes a class that is given `registry` itself abstract: it would have no table.)
So two services may both have a `Holding`, and `kernel.migrations.run(ROWS.metadata)` sees only its own tables.

Which errors are systemic is said in `kernel.messaging.failures`. Timestamps are `timestamptz`; sessions run in UTC
and the code converts to Asia/Shanghai at its edge.
"""

from typing import Any

import asyncpg
import orjson
from sqlalchemy import MetaData, event, make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import registry
from sqlalchemy.pool import NullPool

from kernel.errors import Unavailable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class DatabaseAway(Unavailable, ConnectionError):
    """数据库暂时连接不上，您的内容没有提交。
    The database is away for the moment; nothing was stored."""

    code = "database_away"


class DatabaseNotNamed(ValueError):
    """没有配置数据库地址：请设置 LIANBAN_<服务>_DATABASE_URL，如 postgresql://user@host/db。
    No database is configured: set LIANBAN_<SERVICE>_DATABASE_URL, like postgresql://user@host/db."""

    def __str__(self) -> str:
        return self.__doc__ or ""


def service_registry() -> registry:
    """A registry with its own metadata and constraint names that migrations can rely on."""
    return registry(metadata=MetaData(naming_convention=NAMING))


def make_engine(url: str, *, pool_size: int = 8, name: str = "lianban", pooled: bool = True) -> AsyncEngine:
    """An asyncpg engine: no overflow (the pool is the bound), statements prepared once per connection, JIT off.

    `url` may begin `postgresql://` or `postgresql+asyncpg://`. Raises `DatabaseAway` when it cannot connect.
    """
    options: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        options = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10, "pool_recycle": 3600}
    address = make_url(asyncpg_url(url))
    if address.host in _LOOPBACK and not {"ssl", "sslmode"} & set(address.query):
        address = address.update_query_dict(
            {"ssl": "disable"}
        )  # asking for TLS costs each connection a round trip
    engine = create_async_engine(
        address,
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error's text must not quote people's data
        connect_args={
            "timeout": 10,
            "prepared_statement_cache_size": 500,
            "server_settings": {
                "jit": "off",
                "application_name": name,
                "timezone": "UTC",
                "lock_timeout": "30s",
                "idle_in_transaction_session_timeout": "5min",
            },
        },
        **options,
    )
    event.listen(engine.sync_engine, "do_connect", _connect_or_away)
    return engine


def asyncpg_url(url: str) -> str:
    """The same address for SQLAlchemy's asyncpg dialect. Raises DatabaseNotNamed for an empty one."""
    if "://" not in url:
        raise DatabaseNotNamed()
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _connect_or_away(dialect: Dialect, _record: Any, args: list[Any], parameters: dict[str, Any]) -> Any:
    try:
        return dialect.connect(*args, **parameters)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseAway() from error


def sqlstate(error: BaseException) -> str:
    """The five-character SQLSTATE behind an error of asyncpg or SQLAlchemy; empty when there is none."""
    seen: BaseException | None = error
    while seen is not None:
        state = getattr(seen, "sqlstate", None) or getattr(seen, "pgcode", None)
        if isinstance(state, str):
            return state
        seen = getattr(seen, "orig", None) or seen.__cause__
    return ""


def constraint(error: BaseException) -> str:
    """The name of the violated constraint; the driver's message is never shown, it may quote personal data."""
    seen: BaseException | None = error
    while seen is not None:
        name = getattr(seen, "constraint_name", None)
        if isinstance(name, str):
            return name
        seen = getattr(seen, "orig", None) or seen.__cause__
    return ""
