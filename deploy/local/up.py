"""`lianban up --profile local`: everything in one process behind one port (design 10)."""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvloop
from sqlalchemy import text

from deploy.http_server import bound_socket, serve_until
from deploy.local.greeting import greeting
from deploy.local.installation import Installation
from deploy.local.keeping import kept
from deploy.local.people.generate import DEFAULT_HOUSEHOLDS
from deploy.local.server_process import open_log
from deploy.local.system import (
    DEPARTMENTS_PATH,
    GATEWAY,
    OneAddress,
    SyntheticPeople,
    has_people,
    local_bus,
    make_departments,
    make_services,
    prepare_databases,
    working,
)
from kernel.logging import configure_logging
from kernel.service import Service

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_PEOPLE = text("SELECT count(*) FROM people")


@dataclass(frozen=True)
class UpOptions:
    """What the command was given. `households` None: as at the first start, the default then."""

    installation: Installation
    port: int = DEFAULT_PORT
    households: int | None = None
    bench: int = 0
    say: Callable[[str], Any] = print


def up_local(options: UpOptions) -> None:
    """Start, serve until SIGINT or SIGTERM, end in order. Raises PortInUse, FolderInUse, ServerDidNotStart."""
    began = time.monotonic()
    options.installation.prepare()
    bound = bound_socket(HOST, options.port)
    server = options.installation.postgres
    try:
        server.start()
        with (
            log_to(options.installation, "lianban"),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_run(options, server, bound, began))
    finally:
        bound.close()
        server.stop()


async def _run(options: UpOptions, server: Any, bound: socket.socket, began: float) -> None:
    with stopping_signals() as stop:
        addresses = await prepare_databases(server)
        options.installation.write_addresses(addresses)
        address = f"http://{HOST}:{bound.getsockname()[1]}"
        services = make_services(addresses, departments_url=address + DEPARTMENTS_PATH)
        bus = local_bus(services.values())
        async with (
            kept("postgresql", server, stop, options.say),
            working(list(services.values()), bus),
        ):
            people = await first_people(options, services)
            async with simulated(people, address) as departments:
                started = asyncio.Event()
                app = OneAddress(services[GATEWAY].app, departments)
                greet = asyncio.create_task(_greet(options, services[GATEWAY], address, started, began))
                greet.add_done_callback(lambda task: _stop_if_failed(task, stop))
                await serve_until(app, bound, stop, lifespan=False, started=started)
                if greet.done():
                    greet.result()
                greet.cancel()


def _stop_if_failed(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    """A start that cannot even greet is no start: it ends, and its error is raised."""
    if not task.cancelled() and task.exception() is not None:
        stop.set()


@asynccontextmanager
async def simulated(people: SyntheticPeople, address: str) -> AsyncIterator[Any]:
    """The simulated departments, started and stopped."""
    departments = make_departments(people, address)
    departments.start()
    try:
        yield departments
    finally:
        await departments.stop()


async def first_people(options: UpOptions, services: dict[str, Service]) -> SyntheticPeople:
    """Load the synthetic people at the first start (and after one that was broken off); later only know them."""
    installation = options.installation
    loaded = installation.people_loaded()
    if loaded is not None and await has_people(services[GATEWAY]):
        return SyntheticPeople.of(loaded)
    people = SyntheticPeople(options.households or DEFAULT_HOUSEHOLDS, options.bench)
    options.say(
        f"  正在载入 {people.households} 户演示家庭 · loading {people.households} synthetic households …"
    )
    await people.load(services)
    installation.write_people(people.loaded)
    return people


async def _greet(
    options: UpOptions, gateway: Service, address: str, started: asyncio.Event, began: float
) -> None:
    await started.wait()
    options.installation.write_running(address)
    options.say(
        await greeting_text(options, gateway, address, address + DEPARTMENTS_PATH, time.monotonic() - began)
    )


async def greeting_text(
    options: UpOptions, gateway: Service, address: str, departments: str, seconds: float
) -> str:
    """The greeting with the users that stand in the register."""
    async with gateway.transactions.begin() as tx:
        users = await gateway.app.state.desk.directory.users(tx)
        people = (await tx.execute(_PEOPLE)).scalar_one()
    return greeting(
        address,
        users,
        departments=departments,
        people=people,
        logs=options.installation.logs,
        seconds=seconds,
    )


@contextmanager
def stopping_signals() -> Any:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once, as if it were not handled."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    asked = (signal.SIGINT, signal.SIGTERM)

    def end() -> None:
        stop.set()
        for one in asked:
            loop.remove_signal_handler(one)

    for one in asked:
        loop.add_signal_handler(one, end)
    try:
        yield stop
    finally:
        for one in asked:
            loop.remove_signal_handler(one)


def log_level() -> str:
    """The level of this process's log, before any settings are read."""
    return os.environ.get("LIANBAN_LOG_LEVEL", "INFO")


@contextmanager
def log_to(installation: Installation, name: str) -> Any:
    """JSON lines into `logs/<name>.log`, so that the terminal keeps the address in sight."""
    level = log_level()
    configure_logging(level)
    with open_log(installation.logs / f"{name}.log") as file:
        stream = open(file.fileno(), "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(stream)
        try:
            yield
        finally:
            configure_logging(level)
