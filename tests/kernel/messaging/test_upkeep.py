import asyncio

from prometheus_client import REGISTRY
from sqlalchemy import text

from kernel.messaging.upkeep import Upkeep
from kernel.testing import eventually
from kernel.worker import Worker
from tests.kernel.messaging.house import LISTENER, Choosy, House, lines
from tests.kernel.messaging.said import Said


def gauge(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"lianban_{name}", labels)


async def test_the_age_of_what_waits_in_the_outbox_is_shown(local_house: House) -> None:
    await local_house.say(*lines("a", 1, 3))
    await Upkeep(local_house.speaking, service="speaking").measure()
    assert gauge("outbox_rows", service="speaking") == 3
    assert (gauge("outbox_oldest_seconds", service="speaking") or 0) > 0


async def test_parked_keys_and_lag_are_shown_and_fall_back_to_nothing(local_house: House) -> None:
    consumer = local_house.consumer(Choosy(("a", 1)))
    upkeep = Upkeep(local_house.listening, [consumer], service="listening")
    local_house.start(local_house.relay())
    await local_house.say(Said(speaker="a", line=1))

    async def shown() -> tuple[float | None, float | None]:
        await upkeep.measure()
        labels = {"service": "listening", "consumer": LISTENER}
        return gauge("consumer_lag_messages", **labels), gauge("parked_keys", **labels)

    async def show(lag: int, parked: int) -> bool:
        assert await shown() == (lag, parked)
        return True

    await eventually(lambda: show(lag=1, parked=0))
    local_house.start(consumer)
    await eventually(lambda: show(lag=0, parked=1))


async def test_upkeep_makes_the_inbox_partitions_and_ends_when_told(local_house: House) -> None:
    stop = asyncio.Event()
    upkeep = Upkeep(local_house.listening, service="listening")
    task = asyncio.ensure_future(upkeep.run(stop))

    async def made() -> bool:
        return await local_house.count("pg_inherits WHERE inhparent = 'inbox'::regclass") == 10

    assert await eventually(made)
    stop.set()
    await asyncio.wait_for(task, 5)


async def test_upkeep_that_fails_is_shown_by_the_worker_until_it_works_again(local_house: House) -> None:
    worker, stop = Worker("listening"), asyncio.Event()
    worker.add("upkeep", lambda: Upkeep(local_house.listening, service="listening", gauge_seconds=0.05))

    async def rename(old: str, new: str) -> None:
        async with local_house.listening.begin() as tx:
            await tx.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("parked_keys", "lost_keys")
    running = asyncio.ensure_future(worker.run(stop))
    assert await eventually(lambda: [state for state in worker.failing if "UndefinedTable" in state.failure])
    await rename("lost_keys", "parked_keys")
    assert await eventually(lambda: worker.states["upkeep"].running and not worker.failing, within=30)
    stop.set()
    await asyncio.wait_for(running, 5)
