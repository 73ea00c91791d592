"""The whole system, assembled: databases, people, five services on one bus, simulated departments.

One process may hold all services (local bus) or one of them (Kafka); the services are the same. `up`, `serve`,
`worker` and tests build on this.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.catalog_files import load_catalogue
from deploy.local.departments.app import Departments
from deploy.local.departments.gateway_client import GatewayClient
from deploy.local.installation import PeopleLoaded
from deploy.local.people.generate import DEFAULT_HOUSEHOLDS, PeopleRegister, Population, places_of
from deploy.local.people.model import Place, SyntheticHousehold
from deploy.local.people.rows import lines_of
from deploy.local.postgres import PostgresServer
from deploy.people_import.handing import Owner as ImportOwner
from deploy.people_import.importer import Gateway as ImportGateway
from deploy.people_import.importer import Importer
from gateway.main import make_service as make_gateway
from gateway.people.people_import import standing_households
from gateway.settings import GatewaySettings
from kernel.database import make_engine
from kernel.messaging.bus.interface import Bus
from kernel.messaging.bus.kafka import KafkaBus
from kernel.messaging.bus.local import LocalBus
from kernel.migrations import at_head, migrations_folder, upgrade_async
from kernel.public_service.clock import TZ, Clock
from kernel.service import Service
from kernel.settings import ServiceSettings
from services.assistance import people_import as assistance_import
from services.assistance.main import make_service as make_assistance
from services.assistance.settings import AssistanceSettings
from services.eldercare import people_import as eldercare_import
from services.eldercare.main import make_service as make_eldercare
from services.eldercare.settings import EldercareSettings
from services.funeral import people_import as funeral_import
from services.funeral.main import make_service as make_funeral
from services.funeral.settings import FuneralSettings
from services.marriage import people_import as marriage_import
from services.marriage.main import make_service as make_marriage
from services.marriage.settings import MarriageSettings

GATEWAY = "gateway"
TOPICS: Mapping[str, int | None] = {
    "orders.assistance": 30, "orders.eldercare": 30, "orders.funeral": 30, "orders.marriage": 30, "outcomes": 30,
    "facts": None,
}  # fmt: skip
DEPARTMENTS_PATH = "/departments"
_ASKED_AT_ONCE = 1000


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
    """The population that a demo installation starts with; `counties` none: those of the regions as they are now."""

    households: int = DEFAULT_HOUSEHOLDS
    bench: int = 0
    today: date = field(default_factory=lambda: datetime.now(TZ).date())
    counties: tuple[str, ...] | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """The demo counties with the standards in force today."""
        return places_of(load_catalogue().regions.values(), self.today, self.counties)

    @property
    def population(self) -> Population:
        """Spread over the demo counties in turn, paid through the present month."""
        return Population(
            self.places, self.today.replace(day=1), households=self.households, bench=self.bench
        )

    @property
    def loaded(self) -> PeopleLoaded:
        """What an installation remembers of them."""
        return PeopleLoaded(self.households, self.bench, tuple(place.county for place in self.places))

    @classmethod
    def of(cls, loaded: PeopleLoaded | None) -> "SyntheticPeople":
        """Those that an installation was started with; those of a first start when it never was."""
        return cls(loaded.households, loaded.bench, counties=loaded.counties) if loaded else cls()

    async def load(self, services: Mapping[str, Service]) -> int:
        """Import those who are not there yet, by the same way as a file; gives how many people they are.

        What a broken-off load has staged is handed over first, so a household is whole when it stands.
        """
        importer = make_importer(services)
        await importer.hand_over()
        missing, people = [], 0
        for some in batched(self.population, _ASKED_AT_ONCE):
            async with importer.gateway.transactions.begin() as tx:
                standing = await standing_households(tx, [one.household for one in some])
            missing += [one.index for one in some if one.household not in standing]
            people += sum(len(one.persons) for one in some)
        if missing:
            made = (self.population.household(index) for index in missing)
            await importer.run_rows(lines_of(made), name="synthetic", content=self._content(missing))
        return people

    def _content(self, missing: Sequence[int]) -> str:
        """What these rows are known by, as a file is by its hash."""
        told = f"synthetic|{self.population.seed}|{self.today}|{self.places}|{missing}"
        return hashlib.sha256(told.encode()).hexdigest()


def batched(households: Iterable[SyntheticHousehold], size: int) -> Iterator[list[SyntheticHousehold]]:
    """So many at a time."""
    rows = iter(households)
    while some := list(islice(rows, size)):
        yield some


def make_importer(services: Mapping[str, Service], **options: Any) -> Importer:
    """The importer of people over these services' databases. `options`: see Importer."""
    gateway = services[GATEWAY]
    databases = {name: services[name].transactions for name in OWNERS}
    owners = {
        "assistance": ImportOwner(
            databases["assistance"], assistance_import.load_people, assistance_import.objections
        ),
        "eldercare": ImportOwner(
            databases["eldercare"], eldercare_import.load_people, eldercare_import.objections
        ),
        "funeral": ImportOwner(databases["funeral"], funeral_import.load_people),
        "marriage": ImportOwner(
            databases["marriage"], marriage_import.load_people, marriage_import.objections
        ),
    }
    register = gateway.app.state.desk.register
    ours = ImportGateway(gateway.transactions, register, gateway.sealer, gateway.clock)
    return Importer(ours, owners, **options)


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
