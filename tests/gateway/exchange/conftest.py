"""Fixtures: a house (gateway on a migrated database), departments on real HTTP, the pusher running."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from uuid import NAMESPACE_OID, uuid5

import pytest

from deploy.local.departments.app import Departments
from deploy.local.departments.gateway_client import GatewayClient
from deploy.local.people.model import Register
from deploy.local.server_process import free_port
from gateway.exchange.exchange import PushLoop
from kernel.migrations import upgrade_async
from kernel.public_service.identifiers import check_resident_id
from tests.conftest import NewDatabase, TemplateDatabase
from tests.gateway.exchange.house import NOON, House, make_house, served


def invented(birth: date, serial: int) -> Register:
    """Somebody whose number lies in an unassigned county and passes the checksum."""
    body = f"999999{birth:%Y%m%d}{serial:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    number = (
        body
        + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    )
    known = check_resident_id(number, NOON.date())
    return Register(f"甲{serial}", number, known.sex, known.birth_date, uuid5(NAMESPACE_OID, number))


PEOPLE = {entry.id_number: entry for entry in (invented(date(1940, 5, 6), serial) for serial in range(1, 60))}


@pytest.fixture
async def house(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[House]:
    """A gateway on an empty migrated database; its departments are expected at a port where nobody listens yet."""
    template = await template_database("gateway_exchange", lambda dsn: upgrade_async("gateway", dsn))
    port = free_port()
    made = make_house(
        await new_database("gateway", template=template),
        departments_url=f"http://127.0.0.1:{port}/departments",
    )
    made.people = dict(PEOPLE)
    yield made
    await made.service.close()


@pytest.fixture
async def departments(house: House) -> AsyncIterator[Departments]:
    """Gateway and simulators behind one port, and the pusher at work."""
    port = int(house.url.rsplit(":", 1)[1])
    simulated = Departments(PEOPLE.get, GatewayClient(house.url))

    async def app(scope: dict, receive: object, send: object) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/departments/"):
            await house.service.app(scope, receive, send)
        else:
            await simulated(scope, receive, send)

    async with served(app, port), pushing(house):
        yield simulated


class pushing:
    """The exchange's push loop while the block runs."""

    def __init__(self, house: House) -> None:
        self._stop = asyncio.Event()
        self._house = house

    async def __aenter__(self) -> None:
        self._loop = asyncio.create_task(PushLoop(self._house.exchange).run(self._stop))

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._loop
