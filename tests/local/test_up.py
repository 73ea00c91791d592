"""`lianban up` on one machine: first start, next start, Ctrl-C, kill -9, a port in use, a child that dies."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deploy.local.server_process import port_is_free
from deploy.local.supervisor import Child, Supervisor
from kernel.testing import eventually
from tests.journeys.town import Town, procedure, states
from tests.stack import Stack

pytestmark = pytest.mark.slow
ENDED = {"assistance.stop_benefits": "done", "eldercare.stop_benefits": "done", "marriage.widowed": "done"}


def lianban(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.command_line", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=120,
    )


async def test_the_first_start_prints_one_address_and_whom_one_may_be_and_the_next_loads_nothing_again(
    tmp_path: Path,
) -> None:
    stack = await Stack("local", tmp_path / "data", people=20).start()
    await eventually(lambda: f"Lianban is up   {stack.address}" in stack.log)
    assert "window_clerk-331022" in stack.log
    assert "loading 20 synthetic households" in stack.log
    async with httpx.AsyncClient(base_url=stack.address) as http:
        assert "登录" in (await http.get("/sign-in")).text
        assert (await http.get("/departments/police")).status_code == 200
    database = int((stack.folder / "postgres" / "port").read_text())
    assert not port_is_free(database)

    assert await stack.stop() == 0
    assert "Traceback" not in stack.log
    assert port_is_free(database)
    assert port_is_free(stack.port)

    before = len(stack.log)
    await stack.start()
    try:
        assert "loading" not in stack.log[before:]
        assert (stack.folder / "databases.env").stat().st_mode & 0o777 == 0o600
    finally:
        assert await stack.stop() == 0


async def test_kill_nine_while_cases_run_loses_and_doubles_nothing(tmp_path: Path) -> None:
    stack = await Stack("local", tmp_path / "data").start()
    try:
        async with Town.of(stack.address) as town:
            elders = [await town.person("dibao", "old_age_allowance", married=True) for _ in range(6)]
            forms = [await town.form(dead, await town.look(dead["spouse"])) for dead in elders]
            answers = await asyncio.gather(*(town.report(form) for form in forms))
            await stack.kill()
        numbers = [answer.json()["case_no"] for answer in answers]
        await stack.start()
        async with Town.of(stack.address) as town:
            await town.settle()
            for number in numbers:
                case = await town.case(number)
                assert {kind: states(case)[kind] for kind in ENDED} == ENDED
                assert ends(case) == dict.fromkeys(ENDED, 1)
    finally:
        await stack.stop()


def ends(case: dict[str, object]) -> dict[str, int]:
    """How often the timeline says that each of these procedures was done."""
    said = Counter(line["procedure"] for line in case["timeline"] if line["kind"] == "done")
    return {kind: said[procedure(case, kind)["id"]] for kind in ENDED}


async def test_a_start_that_was_killed_while_it_loaded_people_is_finished_by_the_next(tmp_path: Path) -> None:
    stack = Stack("local", tmp_path / "data", people=1500)
    starting = asyncio.create_task(stack.start())
    await eventually(lambda: stack.process is not None and "loading" in stack.log, within=60)
    await stack.kill()
    with pytest.raises(RuntimeError):
        await starting
    await stack.start()
    try:
        connection = await asyncpg.connect(stack.dsn("gateway"))
        people = await connection.fetchval("SELECT count(*) FROM people")
        await connection.close()
        assert people > 1500
        assert (stack.folder / "people.json").exists()
    finally:
        await stack.stop()


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = lianban("up", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "data"))
    assert said.returncode == 1
    assert "端口已被占用" in said.stderr
    assert "The port is in use" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "data" / "postgres").exists()


async def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    stack = await Stack("local", tmp_path / "data", people=2).start()
    try:
        said = await asyncio.to_thread(lianban, "up", "--port", "0", "--data", str(stack.folder))
        assert said.returncode == 1
        assert "数据目录正被另一个进程使用" in said.stderr
    finally:
        await stack.stop()


async def test_a_child_that_dies_is_started_again_and_all_end_together(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, tmp_path, say=said.append)
    stop = asyncio.Event()
    child = Child("departments", ("serve", "departments", "--port", "0", "--data", str(tmp_path)))
    running = asyncio.create_task(supervisor.run([child], stop))
    first = await eventually(lambda: supervisor.pids.get("departments"), within=20)
    os.kill(first, signal.SIGKILL)
    again = await eventually(lambda: _another(supervisor, first), within=20)
    assert psutil.pid_exists(again)
    assert "departments 已退出（-9）" in said[0]
    stop.set()
    await running
    assert not psutil.pid_exists(again)
    assert len(said) == 1


def _another(supervisor: Supervisor, first: int) -> int | None:
    pid = supervisor.pids.get("departments")
    return pid if pid != first else None


@pytest.mark.kafka
async def test_on_kafka_a_worker_that_is_killed_comes_back_and_cases_still_end(tmp_path: Path) -> None:
    stack = await Stack("kafka", tmp_path / "data", people=20).start()
    try:
        tree = psutil.Process(stack.pid).children(recursive=True)
        words = [" ".join(process.cmdline()) for process in tree]
        for process in (
            "serve gateway",
            "worker gateway",
            "serve assistance",
            "serve marriage",
            "serve departments",
        ):
            assert any(f"lianban {process}" in line for line in words), process
        worker = next(process for process in tree if "lianban worker gateway" in " ".join(process.cmdline()))
        worker.kill()
        async with Town.of(stack.address) as town:
            dead = await town.person("dibao", married=True)
            number = (await town.report(await town.form(dead, await town.look(dead["spouse"])))).json()[
                "case_no"
            ]

            async def ended() -> bool:
                return states(await town.case(number))["marriage.widowed"] == "done"

            await eventually(ended, within=90)
        assert "gateway-worker 已退出" in stack.log
    finally:
        assert await stack.stop() == 0
