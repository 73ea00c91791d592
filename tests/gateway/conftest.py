"""Fixtures: databases with a few households, the gateway on them, with or without its workers."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.system import PARTS, make_services
from kernel.migrations import upgrade_async
from tests.conftest import NewDatabase, TemplateDatabase
from tests.gateway.office import Office, open_office, synthetic, working_office


@pytest.fixture(scope="session")
async def peopled(template_database: TemplateDatabase, postgres) -> dict[str, str]:
    """Names of five migrated databases that hold the same households."""
    templates = {}
    for name in PARTS:
        templates[name] = await template_database(f"office_{name}", lambda dsn, name=name: upgrade_async(name, dsn))
    services = make_services({name: postgres.dsn(template) for name, template in templates.items()})
    await synthetic().load(services)
    for service in services.values():
        await service.close()
    return templates


@pytest.fixture
async def addresses(new_database: NewDatabase, peopled: dict[str, str]) -> dict[str, str]:
    """Five databases of the test's own."""
    return {name: await new_database(name, template=template) for name, template in peopled.items()}


@pytest.fixture
async def office(addresses: dict[str, str]) -> AsyncIterator[Office]:
    """The gateway alone: orders stay in its outbox."""
    async with open_office(addresses) as opened:
        yield opened


@pytest.fixture
async def working(addresses: dict[str, str]) -> AsyncIterator[Office]:
    """Gateway and services at work."""
    async with working_office(addresses) as opened:
        yield opened
