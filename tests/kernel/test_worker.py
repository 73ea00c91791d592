"""A loop that fails is started again, and its failure can be seen."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text

from kernel.idempotency import KEPT_DAYS, forget_answers
from kernel.retention import Retention
from kernel.service import Service
from kernel.testing import eventually
from kernel.worker import Worker


class Flaky:
    """Fails so many times, then runs until told to stop."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.left = failures
        self.error = error
        self.starts = 0
        self.ended = False

    async def run(self, stop: asyncio.Event) -> None:
        self.starts += 1
        if self.left:
            self.left -= 1
            if self.error is not None:
                raise self.error
            return
        await stop.wait()
        self.ended = True


async def run_until(worker: Worker, condition: Callable[[], bool]) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        await eventually(condition)
    finally:
        stop.set()
        await asyncio.wait_for(running, 30)


async def test_a_loop_that_raises_is_started_again_and_told_to_stop_at_the_end() -> None:
    worker, loop = Worker("w"), Flaky(2, ZeroDivisionError("x"))
    worker.add("flaky", lambda: loop)
    await run_until(worker, lambda: loop.starts == 3)
    assert loop.ended


async def test_a_loop_that_returns_too_early_counts_as_failed() -> None:
    worker, loop = Worker("w"), Flaky(1)
    worker.add("short", lambda: loop)
    await run_until(worker, lambda: loop.starts == 2 and worker.states["short"].failures == 1)
    assert loop.ended


async def test_one_failing_loop_does_not_stop_another() -> None:
    worker, bad, good = Worker("w"), Flaky(10**6, ZeroDivisionError("x")), Flaky(0)
    worker.add("bad", lambda: bad)
    worker.add("good", lambda: good)
    await run_until(worker, lambda: bad.starts >= 3)
    assert (good.starts, good.ended) == (1, True)


def test_two_loops_of_one_name_are_refused() -> None:
    worker = Worker("w")
    worker.add("a", lambda: Flaky(0))
    with pytest.raises(ValueError, match="loop a already"):
        worker.add("a", lambda: Flaky(0))


async def test_a_failing_loop_is_shown_by_readyz_without_values(
    service: Service, client: httpx.AsyncClient
) -> None:
    loop = Flaky(10**6, ZeroDivisionError("number 331003195001010011"))
    worker = Worker("sample")
    worker.add("bad", lambda: loop)
    service.worker = worker
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))

    async def not_ready() -> httpx.Response | None:
        answer = await client.get("/readyz")
        return answer if answer.status_code == 503 else None

    answer = await eventually(not_ready)
    stop.set()
    await running
    assert answer is not None
    assert "ZeroDivisionError" in answer.json()["checks"]["bad"]
    assert "331003195001010011" not in answer.text
    assert 'lianban_loop_failures_total{loop="bad",service="sample"}' in (await client.get("/metrics")).text


async def test_a_worker_without_a_bus_says_what_is_missing(service: Service) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(service.worker.run(stop))
    failing = await eventually(lambda: [state for state in service.worker.failing if state.name == "relay"])
    stop.set()
    await running
    assert "set service.bus" in failing[0].failure


async def test_resources_are_opened_once_and_closed_last(service: Service) -> None:
    seen: list[str] = []

    class Resource:
        async def __aenter__(self) -> None:
            seen.append("open")

        async def __aexit__(self, *error: object) -> None:
            seen.append("close")

    other = Service("other", service.settings, title="其他", title_en="Other", engine=service.engine)
    other.add_resource(Resource)
    async with other.running(), other.running():
        assert seen == ["open"]
    assert seen == ["open", "close"]
    async with other.running():
        assert seen == ["open", "close", "open"]


async def test_answers_older_than_a_month_are_forgotten_and_younger_ones_kept(service: Service) -> None:
    add = text(
        "INSERT INTO idempotency_keys (actor, key, request_hash, created_at)"
        " SELECT 'u', 'days-' || days, '', now() - make_interval(days => days) FROM unnest(ARRAY[29, 32, 400]) days"
    )

    async def kept() -> list[str]:
        async with service.transactions.begin() as tx:
            return list((await tx.execute(text("SELECT key FROM idempotency_keys"))).scalars())

    async with service.transactions.begin() as tx:
        await tx.execute(add)
    stop = asyncio.Event()
    running = asyncio.create_task(
        Retention(service.transactions, forget_answers, kept_days=KEPT_DAYS).run(stop)
    )

    async def only_the_young() -> bool:
        return await kept() == ["days-29"]

    assert await eventually(only_the_young)
    stop.set()
    await asyncio.wait_for(running, 10)
