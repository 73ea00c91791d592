"""up, migrate, serve, worker."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from deploy.command_line.options import FOLDER, Data, Host, installation
from deploy.local.system import PARTS
from deploy.local.up import DEFAULT_PORT, UpOptions, up_local
from deploy.local.up_kafka import up_kafka
from deploy.processes import DEPARTMENTS, Place, run_departments, run_service
from kernel.migrations import upgrade_async


class Profile(StrEnum):
    """One process on the local bus, or each service as its own processes on Kafka."""

    LOCAL = "local"
    KAFKA = "kafka"


Name = StrEnum("Name", {name.upper(): name for name in PARTS})  # type: ignore[misc]
Served = StrEnum("Served", {name.upper(): name for name in (*PARTS, DEPARTMENTS)})  # type: ignore[misc]


def up(
    profile: Annotated[Profile, typer.Option(help="local：一个进程；kafka：多进程加 Kafka")] = Profile.LOCAL,
    people: Annotated[
        int | None, typer.Option(min=1, max=400_000, help="首次启动载入的演示家庭数 / households")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="网页端口 / port of the pages")] = DEFAULT_PORT,
    data: Data = FOLDER,
    bench_people: Annotated[
        int, typer.Option(min=0, help="另载入的压测家庭数 / households of the benchmark")
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="不打印启动信息 / print nothing")] = False,
) -> None:
    """启动全部：数据库、五个服务、模拟部门。Start everything here; Ctrl-C ends it."""
    options = UpOptions(installation(data), port, people, bench_people, say=_nothing if quiet else _say)
    if profile is Profile.KAFKA:
        up_kafka(options)
    else:
        up_local(options)


def _say(line: str) -> None:
    print(line, flush=True)


def _nothing(_line: str) -> None:
    """--quiet."""


def migrate(
    service: Annotated[Name | None, typer.Argument(help="默认全部 / all of them when left out")] = None,
    data: Data = FOLDER,
) -> None:
    """把数据库升级到最新结构。Bring the databases to the newest revision."""
    place = installation(data)
    for name in [service.value] if service else list(PARTS):
        asyncio.run(upgrade_async(name, place.address(name)))
        _say(f"{name}: 已是最新 · at head")


def serve(
    service: Annotated[Served, typer.Argument(help="服务名，或 departments（模拟部门） / which one")],
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = DEFAULT_PORT,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="同一进程运行后台 / run its worker too")
    ] = False,
    gateway: Annotated[
        str, typer.Option(help="模拟部门回送的网关地址 / where departments call back")
    ] = "http://127.0.0.1:8000",
    data: Data = FOLDER,
) -> None:
    """运行一个服务的接口。Serve one service's interface."""
    place = installation(data)
    if service.value == DEPARTMENTS:
        run_departments(Place(host, port), place, gateway)
    else:
        run_service(service.value, Place(host, port), place, app=True, worker=with_worker)


def worker(
    service: Annotated[Name, typer.Argument(help="服务名 / which one")],
    host: Host = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="探针和指标 / probes and metrics")
    ] = DEFAULT_PORT + 1,
    data: Data = FOLDER,
) -> None:
    """运行一个服务的后台（转发、消费、时钟）。Run one service's worker: relay, consumers, clocks."""
    run_service(service.value, Place(host, port), installation(data), app=False, worker=True)
