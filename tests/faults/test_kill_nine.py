"""`kill -9` at the two worst points of the relay, on both buses: every accepted case ends exactly once (design 6)."""

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from kernel.testing import eventually
from tests.faults.deaths import ended_once, forms
from tests.journeys.town import Town
from tests.stack import Stack

CASES = 6
CRASH = Path(__file__).with_name("crash")


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
def profile(request):
    return request.param


@pytest.mark.parametrize("point", ["before_publish", "before_delete"])
async def test_every_accepted_case_ends_exactly_once(profile, point, tmp_path, monkeypatch):
    armed = tmp_path / "armed"
    monkeypatch.setenv("LIANBAN_TEST_CRASH", f"{point}:{armed}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(CRASH), os.environ.get("PYTHONPATH", "")]))
    stack = await Stack(profile, tmp_path / "data").start()
    try:
        async with Town.of(stack.address) as town:
            reports = await forms(town, CASES)
        armed.touch()
        stack, numbers = await report_and_start_again(stack, armed, reports)
        assert not armed.exists(), "the process never reached the point"
        async with Town.of(stack.address) as town:
            await town.settle()
            for number in numbers:
                await ended_once(town, number)
    finally:
        await stack.stop()


async def report_and_start_again(stack, armed, reports):
    """Report with a key each and say it again until it is accepted; start the system again if it died.

    On the local bus the one process dies, and a moment passes before it is known to be dead: until then it only looks
    alive. On Kafka a supervisor starts the worker again.
    """
    keys = [str(uuid4()) for _ in reports]
    first = stack
    numbers: dict[str, str] = {}

    async def say_all():
        nonlocal stack
        if stack.process.returncode is not None:
            stack = await Stack(stack.profile, stack.folder).start()
        try:
            async with Town.of(stack.address) as town:
                answers = await asyncio.gather(
                    *(town.report(form, key=key) for form, key in zip(reports, keys, strict=True))
                )
        except httpx.TransportError:
            return False
        for key, answer in zip(keys, answers, strict=True):
            if answer.status_code == 201:
                numbers[key] = answer.json()["case_no"]
        reached = not armed.exists() and (stack.profile == "kafka" or stack is not first)
        return len(numbers) == len(keys) and reached and stack.process.returncode is None

    await eventually(say_all, within=180, every=0.2)
    return stack, list(numbers.values())
