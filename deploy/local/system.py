"""The whole system, assembled: databases, people, five services on one bus, simulated departments.

One process may hold all services (local bus) or one of them (Kafka); the services are the same. `up`, `serve`,
`worker` and tests build on this.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.catalog_files import load_catalogue
from deploy.local.departments.app import Departments
from deploy.local.departments.gateway_client import GatewayClient
from deploy.local.people.generate import PeopleRegister, Population, places_of
from deploy.local.people.load import load
from deploy.local.people.model import SyntheticHousehold
from deploy.local.postgres import PostgresServer
from gateway.main import make_service as make_gateway
from gateway.people.people_import import import_people
from gateway.settings import GatewaySettings
from kernel.database import make_engine
from kernel.messaging.bus.interface import Bus
from kernel.messaging.bus.kafka import KafkaBus
from kernel.messaging.bus.local import LocalBus
from kernel.messaging.transaction import Transaction
from kernel.migrations import at_head, migrations_folder, upgrade_async
from kernel.public_service.clock import TZ, Clock
from kernel.service import Service
from kernel.settings import ServiceSettings
from services.assistance.main import make_service as make_assistance
from services.assistance.people_import import load_people as load_assistance
from services.assistance.settings import AssistanceSettings
from services.eldercare.main import make_service as make_eldercare
from services.eldercare.people_import import load_people as load_eldercare
from services.eldercare.settings import EldercareSettings
from services.funeral.main import make_service as make_funeral
from services.funeral.people_import import load_people as load_funeral
from services.funeral.settings import FuneralSettings
from services.marriage.main import make_service as make_marriage
from services.marriage.people_import import load_people as load_marriage
from services.marriage.settings import MarriageSettings

GATEWAY = "gateway"
TOPICS: Mapping[str, int | None] = {
    "orders.assistance": 30, "orders.eldercare": 30, "orders.funeral": 30, "orders.marriage": 30, "outcomes": 30,
    "facts": None,
}  # fmt: skip
DEPARTMENTS_PATH = "/departments"


@dataclass(frozen=True)
class Part:
    """How to make one service."""

    settings: type[ServiceSettings]
    make: Callable[..., Service]


PARTS: Mapping[str, Part] = {
    GATEWAY: Part(GatewaySettings, make_gateway),
    "assistance": Part(AssistanceSettings, make_assistance),
    "eldercare": Part(EldercareSettings, make_eldercare),
    "funeral": Part(FuneralSettings, make_funeral),
    "marriage": Part(MarriageSettings, make_marriage),
}
OWNERS = tuple(name for name in PARTS if name != GATEWAY)


async def prepare_databases(server: PostgresServer) -> dict[str, str]:
    """Five databases at head; `{service: address}`. Those that are there already are only looked at."""
    addresses = {name: server.dsn(name) for name in PARTS}
    await asyncio.gather(*(server.create_database(name) for name in PARTS))
    behind = [name for name, there in zip(
        PARTS, await asyncio.gather(*(_at_head(name, address) for name, address in addresses.items())), strict=True
    ) if not there]  # fmt: skip
    for name in behind:
        await upgrade_async(name, addresses[name])
    return addresses


async def _at_head(service: str, address: str) -> bool:
    engine = make_engine(address, name="lianban-up", pooled=False)
    try:
        async with engine.connect() as connection:
            return await at_head(connection, migrations_folder(service))
    finally:
        await engine.dispose()


def make_services(
    addresses: Mapping[str, str], *, clock: Clock | None = None, **gateway: Any
) -> dict[str, Service]:
    """All services in this process. `gateway` are further settings of the gateway (departments_url, …)."""
    made = {}
    for name, part in PARTS.items():
        more = gateway if name == GATEWAY else {}
        made[name] = part.make(part.settings(database_url=addresses[name], **more), clock=clock)
    for name in OWNERS:
        made[GATEWAY].app.state.desk.owners.add_app(name, made[name].app)
    return made


def local_bus(services: Iterable[Service]) -> LocalBus:
    """One bus for services in one process, routed by what they consume."""
    routes: dict[str, list[tuple[str, Any]]] = {topic: [] for topic in TOPICS}
    for service in services:
        for consumption in service.subscriptions:
            for topic in consumption.topics:
                routes[topic].append((consumption.name, service.transactions))
    return LocalBus(routes)


def kafka_bus(bootstrap: str, *, namespace: str = "") -> KafkaBus:
    """The bus between processes."""
    return KafkaBus(bootstrap, topics=TOPICS, namespace=namespace)


@asynccontextmanager
async def working(services: Sequence[Service], bus: Bus) -> AsyncIterator[None]:
    """Bus started, resources open, every worker running; all ended in the opposite order."""
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        for service in services:
            service.bus = bus
            stack.push_async_callback(service.close)
        await bus.start()
        stack.push_async_callback(bus.stop)
        for service in services:
            await stack.enter_async_context(service.running())
        workers = [asyncio.create_task(service.worker.run(stop), name=service.name) for service in services]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*workers)


@dataclass
class SyntheticPeople:
    """The population that a demo installation starts with."""

    households: int = 300
    bench: int = 0
    today: date = field(default_factory=lambda: datetime.now(TZ).date())

    @property
    def population(self) -> Population:
        """In the demo county of every region of the catalogue, paid through the present month."""
        places = places_of(load_catalogue().regions.values(), self.today)
        return Population(places, self.today.replace(day=1), households=self.households, bench=self.bench)

    async def load(self, services: Mapping[str, Service]) -> int:
        """Hand them to every owner; a second run changes nothing. Gives the number of people."""
        gateway = services[GATEWAY]

        async def register(tx: Transaction, chunk: Sequence[SyntheticHousehold]) -> None:
            people = (person for household in chunk for person in household.persons)
            await import_people(tx, people, register=gateway.app.state.desk.register, at=gateway.clock.now())

        importers = {
            GATEWAY: register, "assistance": load_assistance, "eldercare": load_eldercare, "funeral": load_funeral,
            "marriage": load_marriage,
        }  # fmt: skip
        return await load(
            self.population, services={name: service.transactions for name, service in services.items()},
            importers=importers,
        )  # fmt: skip


async def has_people(gateway: Service) -> bool:
    """Whether the register holds anybody: a first start loads people, a next one does not."""
    async with gateway.transactions.begin() as tx:
        return (await tx.execute(text("SELECT 1 FROM people LIMIT 1"))).first() is not None


def make_departments(people: SyntheticPeople, gateway_address: str) -> Departments:
    """The simulated departments, who know the same people and call back over HTTP."""
    return Departments(PeopleRegister(people.population).find, GatewayClient(gateway_address))


class OneAddress:
    """The gateway and, under `/departments`, the simulated departments behind one port."""

    def __init__(self, gateway: ASGIApp, departments: ASGIApp) -> None:
        self._gateway, self._departments = gateway, departments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        departments = scope["type"] == "http" and scope["path"].startswith(f"{DEPARTMENTS_PATH}/")
        await (self._departments if departments else self._gateway)(scope, receive, send)
