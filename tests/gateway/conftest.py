"""Fixtures: databases with a few households, the gateway on them, with or without its workers."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.postgres import PostgresServer
from deploy.local.system import GATEWAY, OWNERS, PARTS, make_services
from kernel.migrations import upgrade_async
from tests.conftest import NewDatabase, TemplateDatabase
from tests.gateway.office import Office, open_office, synthetic, working_office


@pytest.fixture(scope="session")
async def peopled(template_database: TemplateDatabase, postgres: PostgresServer) -> dict[str, str]:
    """Names of five migrated databases that hold the same households."""
    templates = {}
    for name in PARTS:
        templates[name] = await template_database(
            f"office_{name}", lambda dsn, name=name: upgrade_async(name, dsn)
        )
    services = make_services({name: postgres.dsn(template) for name, template in templates.items()})
    await synthetic().load(services)
    for service in services.values():
        await service.close()
    return templates


@pytest.fixture(scope="session")
async def idle_owners(peopled: dict[str, str], postgres: PostgresServer) -> dict[str, str]:
    """Databases of the four services for tests in which no order reaches them: shared, because nobody writes."""
    for name in OWNERS:
        await postgres.create_database(f"idle_{name}", peopled[name])
    return {name: postgres.dsn(f"idle_{name}") for name in OWNERS}


@pytest.fixture
async def office(
    new_database: NewDatabase, peopled: dict[str, str], idle_owners: dict[str, str]
) -> AsyncIterator[Office]:
    """The gateway alone: orders stay in its outbox."""
    gateway = await new_database(GATEWAY, template=peopled[GATEWAY])
    async with open_office({**idle_owners, GATEWAY: gateway}) as opened:
        yield opened


@pytest.fixture
async def working(new_database: NewDatabase, peopled: dict[str, str]) -> AsyncIterator[Office]:
    """Gateway and services at work, each on a database of the test's own."""
    addresses = {name: await new_database(name, template=template) for name, template in peopled.items()}
    async with working_office(addresses) as opened:
        yield opened
