"""One process of one service: its HTTP face, its worker, or both (`lianban serve`, `lianban worker`)."""

import asyncio
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvloop
from fastapi import FastAPI

from deploy.http_server import bound_socket, serve_until
from deploy.local.installation import Installation
from deploy.local.system import PARTS, SyntheticPeople, kafka_bus, working
from deploy.local.up import log_level, simulated, stopping_signals
from kernel.logging import configure_logging
from kernel.service import Service
from kernel.web.application import make_application

DEPARTMENTS = "departments"


class NeedsKafka(RuntimeError):
    """单独运行的后台进程需要 Kafka：请设置 LIANBAN_BUS=kafka 和 LIANBAN_KAFKA_BOOTSTRAP，或用 lianban up。
    A worker of its own needs Kafka: set LIANBAN_BUS=kafka and LIANBAN_KAFKA_BOOTSTRAP, or use `lianban up`."""


@dataclass(frozen=True)
class Place:
    """Where a process listens."""

    host: str
    port: int


def run_service(name: str, place: Place, installation: Installation, *, app: bool, worker: bool) -> None:
    """Until SIGINT or SIGTERM. A worker alone serves /healthz, /readyz, /metrics only.

    Raises PortInUse, NotInstalled, NeedsKafka.
    """
    configure_logging(log_level())
    bound = bound_socket(place.host, place.port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run_service(name, bound, installation, app=app, worker=worker))


async def _run_service(
    name: str, bound: socket.socket, installation: Installation, *, app: bool, worker: bool
) -> None:
    part = PARTS[name]
    settings = part.settings(database_url=installation.address(name))
    if worker and settings.bus != "kafka":
        raise NeedsKafka(NeedsKafka.__doc__)
    service = part.make(settings)
    with stopping_signals() as stop:
        async with AsyncExitStack() as stack:
            if worker:
                await stack.enter_async_context(working([service], kafka_bus(settings.kafka_bootstrap)))
            else:
                stack.push_async_callback(service.close)
                if (
                    settings.bus == "kafka"
                ):  # nothing is sent or read from here, but `settle` asks what is unread
                    service.bus = kafka_bus(settings.kafka_bootstrap)
                    stack.push_async_callback(service.bus.stop)
                await stack.enter_async_context(service.running())
            face = service.app if app else _operations_only(service)
            await serve_until(face, bound, stop, lifespan=False)


def _operations_only(service: Service) -> FastAPI:
    """What a worker serves: probes and metrics."""
    return make_application(service, ())


def run_departments(place: Place, installation: Installation, gateway: str) -> None:
    """The simulated departments as a process of their own, who call the gateway back at its address."""
    configure_logging(log_level())
    bound = bound_socket(place.host, place.port)
    people = SyntheticPeople.of(installation.people_loaded())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run_departments(bound, gateway, people))


async def _run_departments(bound: socket.socket, gateway: str, people: SyntheticPeople) -> None:
    with stopping_signals() as stop:
        async with simulated(people, gateway) as departments:
            await serve_until(departments, bound, stop, lifespan=False)
