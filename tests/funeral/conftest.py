"""A desk of the funeral service on a migrated database with one funeral home in the county."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from kernel.migrations import upgrade_async
from kernel.public_service.clock import FixedClock
from services.funeral.main import make_service
from services.funeral.people_import import open_homes
from services.funeral.settings import FuneralSettings
from tests.conftest import NewDatabase, TemplateDatabase
from tests.owner_desk import COUNTY, NOW, Desk


@pytest.fixture
async def desk(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[Desk]:
    template = await template_database("funeral", partial(upgrade_async, "funeral"))
    url = await new_database("funeral", template=template)
    service = make_service(FuneralSettings(database_url=url), clock=FixedClock(NOW))
    async with service.transactions.begin() as tx:
        await open_homes(tx, [COUNTY])
    yield Desk(service)
    await service.close()
