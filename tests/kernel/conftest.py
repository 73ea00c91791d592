"""A small service of the tests' own: every kernel table, a few routes, no life event."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel.database import make_engine
from kernel.messaging.transaction import Transactions
from kernel.migrations import upgrade_async
from kernel.service import Service
from kernel.settings import ServiceSettings
from tests.conftest import NewDatabase, TemplateDatabase
from tests.kernel.sample_service import make_sample_service

MIGRATIONS = Path(__file__).parent / "sample_migrations"


class SampleSettings(ServiceSettings, service="sample"):
    """Settings of the sample service."""


@pytest.fixture
async def database(new_database: NewDatabase, template_database: TemplateDatabase) -> str:
    """The DSN of a migrated database of the test's own."""

    async def migrate(dsn: str) -> None:
        await upgrade_async("sample", dsn, folder=MIGRATIONS)

    return await new_database("sample", template=await template_database("kernel_sample", migrate))


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database, pool_size=20)
    yield engine
    await engine.dispose()


@pytest.fixture
def transactions(engine: AsyncEngine) -> Transactions:
    return Transactions(engine, source="/lianban/sample")


@pytest.fixture
async def service(database: str, engine: AsyncEngine) -> AsyncIterator[Service]:
    service = make_sample_service(SampleSettings(database_url=database, region="331000"), engine, MIGRATIONS)
    async with service.running():
        yield service


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://sample.test"
    ) as client:
        yield client
