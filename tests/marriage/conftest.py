"""A desk of the marriage service on a migrated database with synthetic people."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from functools import partial

import pytest

from deploy.local.people.generate import Population
from deploy.local.people.model import Place, SyntheticHousehold
from kernel.migrations import upgrade_async
from kernel.public_service.clock import FixedClock
from services.marriage.main import make_service
from services.marriage.people_import import load_people
from services.marriage.settings import MarriageSettings
from tests.conftest import NewDatabase, TemplateDatabase
from tests.owner_desk import COUNTY, NOW, Desk

PLACES = (Place(COUNTY, (f"{COUNTY}901000",)),)


@pytest.fixture
async def desk(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[Desk]:
    template = await template_database("marriage", partial(upgrade_async, "marriage"))
    url = await new_database("marriage", template=template)
    service = make_service(MarriageSettings(database_url=url), clock=FixedClock(NOW))
    yield Desk(service)
    await service.close()


@pytest.fixture
async def households(desk: Desk) -> Mapping[str, SyntheticHousehold]:
    """One household of each shape, imported; by shape."""
    made = list(Population(PLACES, date(2026, 11, 1), households=18))
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, made)
    return {household.shape: household for household in made}
