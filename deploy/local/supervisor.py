"""Child processes under supervision: one that dies is started again after a growing wait, all end with us."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.guardian import Guardian
from deploy.local.server_process import open_log

FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 0.5, 15.0
STEADY_SECONDS = 30.0
GRACE_SECONDS = 25.0


@dataclass(frozen=True)
class Child:
    """What to run: arguments of `lianban`, added to the environment of all."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def lianban() -> tuple[str, ...]:
    """The command that runs this very code."""
    script = Path(sys.executable).with_name("lianban")
    return (str(script),) if script.exists() else (sys.executable, "-m", "deploy.command_line")


class Supervisor:
    """Starts children, restarts those that die, stops them all. `folder`: a working directory for each, and logs."""

    def __init__(self, folder: Path, logs: Path, *, say: Callable[[str], Any] = print) -> None:
        self._folder = folder
        self._logs = logs
        self._say = say
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the children that run, by name."""
        return {name: process.pid for name, process in self._processes.items() if process.returncode is None}

    async def run(self, children: Sequence[Child], stop: asyncio.Event) -> None:
        """Until `stop` is set; then every child is asked to end, and killed if it does not within 25 s."""
        self._tasks = [asyncio.create_task(self._keep(child, stop), name=child.name) for child in children]
        try:
            await stop.wait()
        finally:
            await self._end()
            for task in self._tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, child: Child, stop: asyncio.Event) -> None:
        wait_seconds = FIRST_WAIT_SECONDS
        while not stop.is_set():
            began = time.monotonic()
            code = await self._run_once(child)
            if stop.is_set():
                return
            if time.monotonic() - began > STEADY_SECONDS:
                wait_seconds = FIRST_WAIT_SECONDS
            self._say(
                f"  {child.name} 已退出（{code}），{wait_seconds:g} 秒后重启 · ended, started again; "
                f"{self._logs / child.name}.log"
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_seconds)
            wait_seconds = min(wait_seconds * 2, MOST_WAIT_SECONDS)

    async def _run_once(self, child: Child) -> int:
        folder = self._folder / child.name
        folder.mkdir(parents=True, exist_ok=True)
        with open_log(self._logs / f"{child.name}.log") as log:
            process = await asyncio.create_subprocess_exec(
                *lianban(), *child.arguments, cwd=folder, env={**os.environ, **child.environment},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        guardian = Guardian(process.pid, folder, signal.SIGTERM)
        self._processes[child.name] = process
        try:
            return await process.wait()
        finally:
            guardian.dismiss()

    async def _end(self) -> None:
        """SIGTERM to all at once, SIGKILL to those that have not ended in time."""
        running = [process for process in self._processes.values() if process.returncode is None]
        for process in running:
            with suppress(ProcessLookupError):
                process.terminate()
        if running:
            waits = [asyncio.create_task(process.wait()) for process in running]
            _, late = await asyncio.wait(waits, timeout=GRACE_SECONDS)
            for process in running if late else ():
                with suppress(ProcessLookupError):
                    process.kill()
            await asyncio.gather(*waits)
