"""The whole system as a user starts it: `lianban up` in a data folder of its own."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from deploy.local.people.generate import DEFAULT_HOUSEHOLDS
from deploy.local.server_process import free_port
from kernel.testing import eventually


@dataclass
class Stack:
    """`lianban up` on one profile; `start` waits until it answers, `stop` ends it as Ctrl-C does."""

    profile: str
    folder: Path
    people: int = DEFAULT_HOUSEHOLDS
    bench_people: int = 0
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None
    _said_before: int = 0

    @property
    def address(self) -> str:
        """Where the gateway listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The supervisor's process id; all measured processes descend from it."""
        if self.process is None:
            raise RuntimeError("not started")
        return self.process.pid

    @property
    def log(self) -> str:
        """The end of what the system printed."""
        return (self.folder / "up.log").read_text(errors="replace")[-4000:]

    def dsn(self, service: str) -> str:
        """Where a service keeps its data, for asyncpg (written by `lianban up`)."""
        lines = (self.folder / "databases.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line)[service].replace("+asyncpg", "")

    async def start(self, within_seconds: float = 300) -> "Stack":
        """Start and wait until it says so and answers; an end before that raises with the log's end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        words = ["up", "--profile", self.profile, "--port", str(self.port), "--data", str(self.folder)]
        words += ["--people", str(self.people), "--bench-people", str(self.bench_people)]
        with (self.folder / "up.log").open("ab") as log:
            self._said_before = log.tell()
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "deploy.command_line", *words, stdout=log, stderr=log,
                env={**os.environ, "LIANBAN_LOG_LEVEL": "warning"}, start_new_session=True,
            )  # fmt: skip
        async with httpx.AsyncClient(base_url=self.address) as http:
            await eventually(lambda: self._ready(http), within=within_seconds)
        return self

    async def _ready(self, http: httpx.AsyncClient) -> bool:
        if self.process is None or self.process.returncode is not None:
            raise RuntimeError(self.log)
        if b"Lianban is up" not in (self.folder / "up.log").read_bytes()[self._said_before :]:
            return False
        try:
            return (await http.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self) -> int:
        """SIGINT, and wait for the end; the exit code."""
        if self.process is None:
            raise RuntimeError("not started")
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), 90)

    async def kill(self) -> None:
        """`kill -9` of every process of the system but PostgreSQL and Kafka, which lose their parent."""
        servers = ("postgres", "java")
        tree = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        for process in tree:
            if process.name() not in servers:
                process.kill()
        if self.process is not None:
            await self.process.wait()
