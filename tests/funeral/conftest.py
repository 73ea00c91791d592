"""A desk of the funeral service on a migrated database with one funeral home in the county (or two)."""

import pytest

from services.funeral.main import make_service
from services.funeral.people_import import open_homes
from services.funeral.settings import FuneralSettings
from tests.owner_desk import COUNTY, Desk, desk_of

desk_without_homes = desk_of(FuneralSettings, make_service)


@pytest.fixture
async def desk(desk_without_homes: Desk) -> Desk:
    async with desk_without_homes.service.transactions.begin() as tx:
        await open_homes(tx, [COUNTY])
    return desk_without_homes


@pytest.fixture
async def desk_of_two_homes(desk_without_homes: Desk) -> Desk:
    async with desk_without_homes.service.transactions.begin() as tx:
        await open_homes(tx, [COUNTY], second=True)
    return desk_without_homes
