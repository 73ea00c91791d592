"""The worker of a service: relay, consumers and clocks, each restarted when it fails, never silently."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from kernel.messaging.failures import describe
from kernel.messaging.waiting import Backoff, wait_until
from kernel.telemetry import LOOP_FAILURES, LOOP_RUNNING

log = structlog.get_logger(__name__)

_STEADY_SECONDS = 30.0  # a loop that ran so long has recovered: the next failure waits briefly again
_GRACE_SECONDS = 20.0


class Loop(Protocol):
    """Something that runs until `stop` is set. A loop that returns earlier counts as failed."""

    async def run(self, stop: asyncio.Event) -> None: ...


class LoopEnded(Exception):
    """循环在未要求停止时自行结束。
    A loop ended by itself without being told to stop."""


@dataclass(slots=True)
class LoopState:
    """`failure` is empty while all is well; else what went wrong last, without values."""

    name: str
    running: bool = False
    failures: int = 0
    failure: str = ""


class Worker:
    """The loops of one service. `run(stop)` returns when `stop` is set and every loop has ended."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._loops: list[tuple[str, Callable[[], Loop]]] = []
        self.states: dict[str, LoopState] = {}

    def add(self, name: str, make: Callable[[], Loop]) -> None:
        """A loop under a name; `make` is called at each (re)start."""
        if name in dict(self._loops):
            raise ValueError(f"{self._service} has a loop {name} already")
        self._loops.append((name, make))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self._loops]

    @property
    def failing(self) -> list[LoopState]:
        """Loops that are down now: /readyz shows them."""
        return [state for state in self.states.values() if state.failure]

    async def run(self, stop: asyncio.Event) -> None:
        """Run all loops until `stop` is set; a loop that does not heed it is cancelled after 20 s."""
        tasks = {
            asyncio.create_task(self._supervise(name, make, stop), name=f"{self._service}:{name}")
            for name, make in self._loops
        }
        try:
            await stop.wait()
            if tasks:
                await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.states.clear()

    async def _supervise(self, name: str, make: Callable[[], Loop], stop: asyncio.Event) -> None:
        state = self.states[name] = LoopState(name)
        backoff = Backoff(first_seconds=0.2, most_seconds=15.0)
        while not stop.is_set():
            began = time.monotonic()
            try:
                await self._run_once(name, make(), stop, state)
            except Exception as error:  # noqa: BLE001 - shown in /readyz and metrics, then started again
                if time.monotonic() - began > _STEADY_SECONDS:
                    backoff.reset()
                self._failed(state, error)
                await wait_until(stop, backoff.next_seconds())

    async def _run_once(self, name: str, loop: Loop, stop: asyncio.Event, state: LoopState) -> None:
        steady = asyncio.get_running_loop().call_later(1.0, self._steady, state)
        gauge = LOOP_RUNNING.labels(self._service, name)
        state.running = True
        gauge.set(1)
        try:
            await loop.run(stop)
        finally:
            steady.cancel()
            state.running = False
            gauge.set(0)
        if not stop.is_set():
            raise LoopEnded(name)

    def _steady(self, state: LoopState) -> None:
        state.failure = ""

    def _failed(self, state: LoopState, error: Exception) -> None:
        state.failures += 1
        state.failure = describe(error)
        LOOP_FAILURES.labels(self._service, state.name).inc()
        log.error(
            "loop_failed",
            service=self._service,
            loop=state.name,
            failures=state.failures,
            reason=state.failure,
        )
