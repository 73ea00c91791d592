"""Settled on Kafka means read by every service, also by one whose consumers do not run just now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from deploy.local.kafka import KafkaServer
from deploy.local.system import GATEWAY, kafka_bus, make_services, working
from kernel.public_service.clock import FixedClock
from tests.conftest import NewDatabase
from tests.gateway.office import NOW, Office

STOPPED = "assistance"
SILENT = "INSERT INTO demo_departments SELECT unnest(CAST(:departments AS text[])), 'silent', 0 RETURNING 1"


@pytest.fixture
async def office(
    new_database: NewDatabase, peopled: dict[str, str], kafka: KafkaServer
) -> AsyncIterator[Office]:
    """All at work but one service, which answers over HTTP and reads nothing."""
    addresses = {name: await new_database(name, template=template) for name, template in peopled.items()}
    clock = FixedClock(NOW)
    services = make_services(addresses, clock=clock)
    bus = kafka_bus(kafka.bootstrap, namespace=f"t{uuid4().hex[:8]}.")
    stopped = services[STOPPED]
    stopped.bus = bus
    async with working([service for service in services.values() if service is not stopped], bus):
        async with stopped.running():
            yield Office(services, clock)
        await stopped.close()


@asynccontextmanager
async def at_work(office: Office) -> AsyncIterator[None]:
    stop = asyncio.Event()
    work = asyncio.create_task(office.services[STOPPED].worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await work


async def settle(office: Office, seconds: float) -> dict:
    app = office.services[GATEWAY].app
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway", timeout=60
    ) as http:
        return (await http.post("/demo/settle", json={"timeout_seconds": seconds})).json()


async def test_it_has_not_settled_while_a_service_reads_nothing(office: Office) -> None:
    await office.rows(SILENT, departments=list(office.desk.catalogue.departments))
    async with at_work(office):
        pass
    case = await office.report()
    still = await settle(office, 3)
    assert still["settled"] is False
    assert {"where": STOPPED, "what": "messages", "count": 1} in still["moving"]
    async with at_work(office):
        assert await settle(office, 45) == {"settled": True, "moving": []}
    states = {row["type"]: row["state"] for row in (await office.read(case["case_no"]))["procedures"]}
    assert states["assistance.hold_payments"] == "done"
