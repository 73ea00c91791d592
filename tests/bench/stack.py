"""The running system that is measured: started as a user starts it, in a data folder of its own."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from deploy.local.server_process import free_port


@dataclass
class Stack:
    """`lianban up` on one profile; `start` waits until it answers, `stop` ends it as Ctrl-C does."""

    profile: str
    folder: Path
    bench_people: int
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

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

    async def start(self, within_seconds: float = 600) -> None:
        """Start and wait; raises RuntimeError with the end of the log when it does not come up."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "bench-up.log").open("wb")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deploy.command_line",
            "up",
            "--profile",
            self.profile,
            "--port",
            str(self.port),
            "--data",
            str(self.folder),
            "--bench-people",
            str(self.bench_people),
            stdout=log,
            stderr=log,
            env={**os.environ, "LIANBAN_LOG_LEVEL": "warning"},
        )
        async with aiohttp.ClientSession() as http, asyncio.timeout(within_seconds):
            while not await self._ready(http):
                if self.process.returncode is not None:
                    raise RuntimeError((self.folder / "bench-up.log").read_text()[-3000:])
                await asyncio.sleep(0.25)

    async def _ready(self, http: aiohttp.ClientSession) -> bool:
        try:
            async with http.get(f"{self.address}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self) -> None:
        """SIGINT, and wait for a clean end."""
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
            await asyncio.wait_for(self.process.wait(), 60)
