"""A service opened for one command: its engine and handlers without an app that listens or a worker that runs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from deploy.local.installation import Installation
from deploy.local.system import PARTS
from kernel.service import Service


@asynccontextmanager
async def opened(
    installation: Installation, names: Sequence[str] = tuple(PARTS)
) -> AsyncIterator[dict[str, Service]]:
    """`{name: service}`, closed at the end. Raises NotInstalled, DatabaseAway at first use."""
    services: dict[str, Service] = {}
    try:
        for name in names:
            part = PARTS[name]
            services[name] = part.make(part.settings(database_url=installation.address(name), pool_size=2))
        yield services
    finally:
        for service in services.values():
            await service.close()
