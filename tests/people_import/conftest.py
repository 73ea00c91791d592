"""Five empty databases with their services, and an importer over them."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.system import PARTS, make_services
from kernel.migrations import upgrade_async
from tests.conftest import NewDatabase, TemplateDatabase
from tests.people_import.house import NOON, House


@pytest.fixture
async def house(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[House]:
    """A house whose databases are the test's own."""
    addresses = {}
    for name in PARTS:
        template = await template_database(f"import_{name}", lambda dsn, name=name: upgrade_async(name, dsn))
        addresses[name] = await new_database(name, template=template)
    made = House(make_services(addresses, clock=NOON), addresses)
    yield made
    for service in made.services.values():
        await service.close()
