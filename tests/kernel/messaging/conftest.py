"""A house over the local bus, and one over either bus."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from kernel.messaging.bus.interface import Bus
from kernel.messaging.bus.kafka import KafkaBus
from kernel.messaging.bus.local import LocalBus
from kernel.messaging.transaction import Transactions
from tests.conftest import NewDatabase, TemplateDatabase
from tests.kernel.messaging.house import LISTENER, House, furnished, migrate


def local_bus(listening: Transactions) -> Bus:
    return LocalBus({"hall": [(LISTENER, listening)], "void": []})


@pytest.fixture
async def databases(new_database: NewDatabase, template_database: TemplateDatabase) -> tuple[str, str]:
    template = await template_database("messaging", migrate)
    return await new_database("speaking", template=template), await new_database(
        "listening", template=template
    )


@pytest.fixture
async def local_house(databases: tuple[str, str]) -> AsyncIterator[House]:
    async with furnished(*databases, local_bus) as house:
        yield house


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def house(request: pytest.FixtureRequest, databases: tuple[str, str]) -> AsyncIterator[House]:
    """The same house over both buses: one contract suite."""
    make_bus = local_bus
    if request.param == "kafka":
        bootstrap = request.getfixturevalue("kafka").bootstrap
        topics = {"hall": 30, "void": None}
        namespace = f"t{uuid4().hex[:8]}."

        def make_bus(listening: Transactions) -> Bus:
            return KafkaBus(bootstrap, topics=topics, namespace=namespace)

    async with furnished(*databases, make_bus) as made:
        yield made
