"""PostgreSQL and Kafka under `lianban up`: one that dies on its own is started again, on the same port and data."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from deploy.local.server_process import ServerDidNotStart
from kernel.messaging.waiting import Backoff, wait_until

LOOK_SECONDS = 0.2


class Server(Protocol):
    """`start` blocks until it serves; `pid` is None while it does not run."""

    @property
    def pid(self) -> int | None: ...
    @property
    def log(self) -> Path: ...
    def start(self) -> None: ...


@asynccontextmanager
async def kept(
    name: str, server: Server, stop: asyncio.Event, say: Callable[[str], Any]
) -> AsyncIterator[None]:
    """While inside and `stop` is not set, the server runs."""
    keeping = asyncio.create_task(_keep(name, server, stop, say), name=f"keeps {name}")
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep(name: str, server: Server, stop: asyncio.Event, say: Callable[[str], Any]) -> None:
    """A server that cannot be started is tried again, each time after a longer wait."""
    backoff = Backoff(first_seconds=0.5, most_seconds=15.0)
    while not await wait_until(stop, LOOK_SECONDS):
        if server.pid is not None:
            continue
        say(f"  {name} 意外退出，正在重启 · ended by itself, started again; {server.log}")
        try:
            await asyncio.to_thread(server.start)
        except ServerDidNotStart as error:
            say(str(error))
            await wait_until(stop, backoff.next_seconds())
