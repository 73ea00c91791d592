"""`lianban up --profile kafka`: every service as processes of its own, on real Kafka, under supervision."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import replace

import httpx
import orjson

from deploy.http_server import bound_socket
from deploy.local.kafka import KafkaServer
from deploy.local.keeping import kept
from deploy.local.postgres import PostgresServer
from deploy.local.server_process import free_port
from deploy.local.supervisor import Child, Supervisor
from deploy.local.system import DEPARTMENTS_PATH, GATEWAY, OWNERS, kafka_bus, make_services, prepare_databases
from deploy.local.up import HOST, UpOptions, first_people, greeting_text, stopping_signals
from kernel.service import Service

_READY_SECONDS = 90.0
_WORKER = f"{GATEWAY}-worker"
_DEPARTMENTS = "departments"


class NotReady(RuntimeError):
    """有进程没有在规定时间内就绪，请看日志。
    A process was not ready in time; see its log."""


def up_kafka(options: UpOptions) -> None:
    """Start servers and processes, wait until all are ready, supervise until SIGINT or SIGTERM.

    Raises PortInUse, FolderInUse, ServerDidNotStart, NotReady.
    """
    began = time.monotonic()
    options.installation.prepare()
    with closing(bound_socket(HOST, options.port)) as probe:
        options = replace(options, port=probe.getsockname()[1])
    postgres, kafka = options.installation.postgres, KafkaServer(options.installation.kafka_folder)
    try:
        with asyncio.Runner() as runner:
            runner.run(_run(options, postgres, kafka, began))
    finally:
        kafka.stop()
        postgres.stop()


async def _run(options: UpOptions, postgres: PostgresServer, kafka: KafkaServer, began: float) -> None:
    with stopping_signals() as stop:
        async with AsyncExitStack() as stack:
            addresses, services = await _begin(options, postgres, kafka, stack)
            await stack.enter_async_context(kept("postgresql", postgres, stop, options.say))
            await stack.enter_async_context(kept("kafka", kafka, stop, options.say))
            ports = {name: free_port() for name in (*OWNERS, _WORKER, _DEPARTMENTS)}
            folder = options.installation.folder / "run"
            supervisor = Supervisor(folder, options.installation.logs, say=options.say)
            children = processes(options, addresses, ports, kafka.bootstrap)
            supervising = asyncio.create_task(supervisor.run(children, stop), name="supervisor")
            try:
                if await _until_ready({**ports, GATEWAY: options.port}, stop, options):
                    await _greet(options, services[GATEWAY], ports[_DEPARTMENTS], began)
                    await stop.wait()
            finally:
                stop.set()
                await supervising


async def _begin(
    options: UpOptions, postgres: PostgresServer, kafka: KafkaServer, stack: AsyncExitStack
) -> tuple[dict[str, str], dict[str, Service]]:
    """Databases at head and their people, while the broker starts and gets its topics; both have ended here."""
    broker = asyncio.create_task(_start_broker(kafka), name="kafka starts")
    try:
        await asyncio.to_thread(postgres.start)
        addresses = await prepare_databases(postgres)
        options.installation.write_addresses(addresses)
        services = make_services(addresses)
        for service in services.values():
            stack.push_async_callback(service.close)
        await first_people(options, services)
    finally:
        await asyncio.wait([broker])
    await broker
    return addresses, services


async def _start_broker(kafka: KafkaServer) -> None:
    await asyncio.to_thread(kafka.start)
    await kafka_bus(kafka.bootstrap).start()


def processes(
    options: UpOptions, addresses: Mapping[str, str], ports: Mapping[str, int], bootstrap: str
) -> Sequence[Child]:
    """The gateway's face and worker, one process for each other service, the simulated departments."""
    owners = {name: f"http://{HOST}:{ports[name]}" for name in OWNERS}
    shared = {
        "LIANBAN_DATA": str(options.installation.folder),
        "LIANBAN_BUS": "kafka",
        "LIANBAN_KAFKA_BOOTSTRAP": bootstrap,
        "LIANBAN_GATEWAY_OWNERS": orjson.dumps(owners).decode(),
        "LIANBAN_GATEWAY_DEPARTMENTS_URL": f"http://{HOST}:{ports[_DEPARTMENTS]}{DEPARTMENTS_PATH}",
        **{f"LIANBAN_{name.upper()}_DATABASE_URL": address for name, address in addresses.items()},
    }
    gateway = f"http://{HOST}:{options.port}"
    return [
        Child(GATEWAY, ("serve", GATEWAY, "--port", str(options.port)), shared),
        Child(_WORKER, ("worker", GATEWAY, "--port", str(ports[_WORKER])), shared),
        *(
            Child(name, ("serve", name, "--with-worker", "--port", str(ports[name])), shared)
            for name in OWNERS
        ),
        Child(
            _DEPARTMENTS,
            ("serve", _DEPARTMENTS, "--port", str(ports[_DEPARTMENTS]), "--gateway", gateway),
            shared,
        ),
    ]


async def _until_ready(ports: Mapping[str, int], stop: asyncio.Event, options: UpOptions) -> bool:
    """Whether every process answered its readiness probe before `stop` was set. Raises NotReady."""
    waiting = {name: port for name, port in ports.items() if name != _DEPARTMENTS}
    end = time.monotonic() + _READY_SECONDS
    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
        while waiting and not stop.is_set():
            for name, port in list(waiting.items()):
                if await _is_ready(client, port):
                    del waiting[name]
            if time.monotonic() > end:
                raise NotReady(f"{NotReady.__doc__} {sorted(waiting)} ({options.installation.logs})")
            await asyncio.sleep(0.1)
    return not waiting


async def _is_ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://{HOST}:{port}/readyz")).is_success
    except httpx.HTTPError:
        return False


async def _greet(options: UpOptions, gateway: Service, departments: int, began: float) -> None:
    address = f"http://{HOST}:{options.port}"
    options.installation.write_running(address)
    simulated = f"http://{HOST}:{departments}{DEPARTMENTS_PATH}"
    options.say(await greeting_text(options, gateway, address, simulated, time.monotonic() - began))
