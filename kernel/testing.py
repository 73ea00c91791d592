"""Waiting in tests: for a condition, with a bound, never for a length of time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")


async def eventually(
    condition: Callable[[], Value | Awaitable[Value]], within: float = 10.0, *, every: float = 0.02
) -> Value:
    """The first truthy answer of `condition` (a function, plain or async) within so many seconds.

    Raises AssertionError with the last answer when the time is over. What `condition` raises passes through, but for
    AssertionError, which counts as "not yet" and is quoted at the end.
    """
    end = time.monotonic() + within
    while True:
        last, failure = await _ask(condition)
        if failure is None and last:
            return last
        if time.monotonic() >= end:
            raise AssertionError(f"not within {within} s; last answer: {last!r}") from failure
        await asyncio.sleep(every)


async def _ask(
    condition: Callable[[], Value | Awaitable[Value]],
) -> tuple[Value | None, AssertionError | None]:
    try:
        answer = condition()
        return (await answer if inspect.isawaitable(answer) else answer), None
    except AssertionError as failure:
        return None, failure
