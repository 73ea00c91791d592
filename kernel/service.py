"""One service: an ASGI app, a worker, and what both use. Several may live in one process, or each in its own.

    def make_service(settings: AssistanceSettings | None = None) -> Service:
        service = Service("assistance", settings or AssistanceSettings(), title="社会救助",
                          title_en="Social assistance", routers=[api.router])
        service.consume("orders", ["orders.assistance"], handler)
        service.add_loop("deadlines", lambda: DeadlineLoop(service))
        return service

    uvicorn.run(service.app)                      # API
    await service.worker.run(stop)                # relay, consumers, loops

`service.bus` is given at construction or set before the worker runs (`service.bus = bus`); several services in one
process share one LocalBus, made from their `subscriptions`. Whoever makes the bus starts and stops it. Routes reach the
service as `request.app.state.service`, or by the dependency `ThisService`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel.database import make_engine
from kernel.idempotency import KEPT_DAYS, AnswerVault, forget_answers
from kernel.messaging.bus.interface import Bus
from kernel.messaging.consumer import Consumer, Handler
from kernel.messaging.relay import Relay
from kernel.messaging.transaction import Transactions
from kernel.messaging.upkeep import Upkeep
from kernel.messaging.waiting import PACE_SECONDS
from kernel.migrations import migrations_folder
from kernel.public_service.access import Tokens
from kernel.public_service.clock import Clock
from kernel.public_service.sealing import Sealer, key_bytes, make_sealer
from kernel.retention import Retention
from kernel.settings import ServiceSettings
from kernel.web.application import make_application
from kernel.web.routing import Router
from kernel.worker import Loop, Worker

Resource = Callable[[], AbstractAsyncContextManager[object]]


@dataclass(frozen=True, slots=True)
class Consumption:
    """One consumer: its name (inbox and group), its topics, its handler."""

    name: str
    topics: tuple[str, ...]
    handler: Handler
    pace_seconds: float


class Service:
    """`large_paths`: endings of paths that take materials (multipart, up to `materials_limit_bytes`)."""

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        *,
        title: str,
        title_en: str,
        routers: Sequence[Router] = (),
        bus: Bus | None = None,
        clock: Clock | None = None,
        engine: AsyncEngine | None = None,
        migrations: Path | None = None,
        large_paths: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.settings = settings
        self.title = title
        self.title_en = title_en
        self.migrations = migrations or migrations_folder(name)
        self.large_paths = tuple(large_paths)
        self.engine = engine or make_engine(settings.database_url, pool_size=settings.pool_size, name=name)
        self.wake = asyncio.Event()
        self.transactions = Transactions(self.engine, source=f"/lianban/{name}", wake=self.wake)
        self.clock = clock or Clock(demo=settings.demo)
        self.tokens = Tokens(settings.token_key.get_secret_value())
        self.sealer: Sealer = make_sealer(settings)
        self.vault = AnswerVault(key_bytes(settings.sealing_key))
        self.bus = bus
        self.subscriptions: list[Consumption] = []
        self.worker = Worker(name)
        self.worker.add("relay", self._make_relay)
        self.worker.add("upkeep", self._make_upkeep)
        self.worker.add("answers", lambda: Retention(self.transactions, forget_answers, kept_days=KEPT_DAYS))
        self._consumers: dict[str, Consumer] = {}
        self._resources: list[Resource] = []
        self._running = 0
        self._stack = AsyncExitStack()
        self.app: FastAPI = make_application(self, routers)

    def consume(
        self, name: str, topics: Sequence[str], handler: Handler, *, pace_seconds: float = PACE_SECONDS
    ) -> None:
        """A consumer, run by the worker; `name` is unique among all services (it is the group's name too).

        `pace_seconds`: at most one batch in this time; longer where nobody waits for the messages.
        """
        consumption = Consumption(name, tuple(topics), handler, pace_seconds)
        self.subscriptions.append(consumption)
        self.worker.add(f"consumer {name}", lambda: self._consumer(consumption))

    def add_loop(self, name: str, make: Callable[[], Loop]) -> None:
        """A loop of the service's own (deadlines, pushes), restarted when it fails."""
        self.worker.add(name, make)

    def add_resource(self, make: Resource) -> None:
        """Something opened before the first request and closed after the last (an HTTP client, say)."""
        self._resources.append(make)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        """Open the resources; entered by the app's lifespan and by whoever mounts the app. May be nested."""
        self._running += 1
        try:
            if self._running == 1:
                for make in self._resources:
                    await self._stack.enter_async_context(make())
            yield self
        finally:
            self._running -= 1
            if self._running == 0:
                await self._stack.aclose()

    async def close(self) -> None:
        """Give the database connections back; the last thing in a process or a test."""
        await self.engine.dispose()

    def _make_relay(self) -> Loop:
        return Relay(self.engine, self._the_bus().publisher(self.name), service=self.name, wake=self.wake)

    def _make_upkeep(self) -> Loop:
        consumers = [self._consumer(consumption) for consumption in self.subscriptions]
        return Upkeep(self.transactions, consumers, service=self.name)

    def _consumer(self, consumption: Consumption) -> Consumer:
        """Made once: a restart and the gauges use the same one."""
        if consumption.name not in self._consumers:
            subscription = self._the_bus().subscription(self.name, consumption.name, consumption.topics)
            self._consumers[consumption.name] = Consumer(
                consumption.name, subscription, self.transactions, consumption.handler,
                pace_seconds=consumption.pace_seconds,
            )  # fmt: skip
        return self._consumers[consumption.name]

    def _the_bus(self) -> Bus:
        if self.bus is None:
            raise RuntimeError(f"{self.name}: set service.bus before the worker runs")
        return self.bus


def this_service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ThisService = Annotated[Service, Depends(this_service)]
