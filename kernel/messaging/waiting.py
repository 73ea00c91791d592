"""Waiting that ends when the worker is told to stop, and grows when trouble lasts."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def wait_until(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event at most so long; tells whether it is set."""
    if event.is_set() or seconds <= 0:
        return event.is_set()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def first_of(*events: asyncio.Event, seconds: float) -> None:
    """Return as soon as one of the events is set, or the seconds have passed."""
    if any(event.is_set() for event in events):
        return
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def unless_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event, *, grace_seconds: float) -> T:
    """Run `work`; once `stop` is set it may go on for the grace, then it is cancelled.

    Raises asyncio.CancelledError in the caller's place only when the caller itself is cancelled;
    work cut off by `stop` raises StoppedWaiting.
    """
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait({task}, timeout=grace_seconds)
        if task.done():
            return task.result()
        raise StoppedWaiting("told to stop while the work was still waiting for an answer")
    finally:
        stopping.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


PACE_SECONDS = 0.03
"""What consumers and pushes keep; decision 0007."""


class Pace:
    """At most one round in so many seconds (monotonic): what comes meanwhile goes together into the next.

    The first round after a rest waits for nobody. A round has fixed costs (a transaction, a request); under load they
    are shared by what has gathered, at the price of half the seconds of delay on average.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun = float("-inf")

    async def next_round(self, stop: asyncio.Event) -> None:
        """Wait until a round may begin again; at once when told to stop."""
        await wait_until(stop, self._begun + self._seconds - time.monotonic())

    def begun(self) -> None:
        """A round has found work."""
        self._begun = time.monotonic()


class StoppedWaiting(Exception):
    """停机时仍在等待，未完成的工作留待下次启动。

    Told to stop while still waiting; what is unfinished is done at the next start.
    """


class Backoff:
    """Seconds to wait after the n-th failure in a row: doubled each time up to a bound, for ever."""

    def __init__(self, *, first_seconds: float = 0.1, most_seconds: float = 5.0) -> None:
        self._first = first_seconds
        self._most = most_seconds
        self.failures = 0

    def next_seconds(self) -> float:
        """The next wait; counts one failure."""
        self.failures += 1
        return min(self._most, self._first * 2 ** min(self.failures - 1, 16))

    def reset(self) -> None:
        """Something worked again."""
        self.failures = 0
