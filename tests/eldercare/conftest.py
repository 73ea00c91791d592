"""A desk of the eldercare service on a migrated database with synthetic people."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from functools import partial

import pytest

from deploy.local.people.generate import Population
from deploy.local.people.model import Place, SyntheticHousehold
from kernel.migrations import upgrade_async
from kernel.public_service.clock import FixedClock
from services.eldercare.main import make_service
from services.eldercare.people_import import load_people
from services.eldercare.settings import EldercareSettings
from tests.conftest import NewDatabase, TemplateDatabase
from tests.owner_desk import COUNTY, NOW, Desk

PLACES = (Place(COUNTY, (f"{COUNTY}901000",)),)
MONTH = date(2026, 11, 1)


@pytest.fixture
async def desk(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[Desk]:
    template = await template_database("eldercare", partial(upgrade_async, "eldercare"))
    url = await new_database("eldercare", template=template)
    service = make_service(EldercareSettings(database_url=url), clock=FixedClock(NOW))
    yield Desk(service)
    await service.close()


@pytest.fixture
async def households(desk: Desk) -> Mapping[str, SyntheticHousehold]:
    """One household of each shape, imported; by shape."""
    made = list(Population(PLACES, MONTH, households=18))
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, made)
    return {household.shape: household for household in made}
