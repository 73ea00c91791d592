"""Kafka, PostgreSQL or one service killed while cases run: all come back by themselves, every case ends once."""

import asyncio
from uuid import uuid4

import psutil
import pytest

from kernel.testing import eventually
from tests.faults.deaths import ended_once, forms, report_until_accepted
from tests.journeys.town import Town, procedure, states
from tests.stack import Stack

pytestmark = pytest.mark.kafka
CASES = 6


@pytest.fixture(scope="module")
async def stack(tmp_path_factory):
    """Every service as a process of its own, on real Kafka."""
    running = await Stack("kafka", tmp_path_factory.mktemp("servers") / "data").start()
    yield running
    await running.stop()


@pytest.fixture
async def town(stack):
    async with Town.of(stack.address) as found:
        yield found


def find(stack, *words):
    """The process of the system that has these words in its command line, closest to the supervisor."""
    for process in psutil.Process(stack.pid).children(recursive=True):
        if " ".join(words) in " ".join(process.cmdline()):
            return process
    raise AssertionError(f"no process {words}")


async def kill(process):
    process.kill()
    await asyncio.to_thread(process.wait, 20)


@pytest.mark.parametrize(("command", "server"), [("kafka.Kafka", "kafka"), ("postgres -D", "postgresql")])
async def test_a_server_killed_while_cases_run_comes_back_and_every_case_ends_once(
    stack, town, command, server
):
    reports = await forms(town, CASES)
    numbers = await report_until_accepted(town, reports[: CASES // 2])
    rest = asyncio.create_task(report_until_accepted(town, reports[CASES // 2 :]))
    await kill(find(stack, command))
    numbers += await rest
    assert len(set(numbers)) == CASES

    async def settled():
        answer = await town.http.post("/demo/settle", json={"timeout_seconds": 20})
        return answer.status_code == 200 and answer.json()["settled"]

    await eventually(settled, within=120, every=0.2)
    for number in numbers:
        await ended_once(town, number)
    assert stack.log.count(f"{server} 意外退出") == 1


async def test_a_decision_while_the_owner_is_away_is_refused_and_not_queued(stack, town):
    (form,) = await forms(town, 1)
    case = await town.settled((await town.report(form)).json()["case_no"])
    officer = await town.as_user("township_officer", region=town.county)
    row = procedure(case, "assistance.household_recheck")
    task = (await officer.get(f"/api/v1/tasks/{row['tasks'][0]['id']}")).json()
    body = {"decision": "keep", "reason": "家庭收入没有变化", "data": {}, "version": task["version"]}
    headers = {"Idempotency-Key": str(uuid4())}

    async def decide():
        return await officer.post(f"/api/v1/tasks/{task['id']}/decision", json=body, headers=headers)

    await kill(find(stack, "serve assistance"))
    away = await decide()
    assert (away.status_code, away.json()["code"]) == (503, "owner_away")
    assert int(away.headers["Retry-After"]) >= 1

    await town.settle()
    assert states(await town.case(case["case_no"]))["assistance.household_recheck"] == "open"
    assert (await decide()).status_code == 200
    assert states(await town.settled(case["case_no"]))["assistance.household_recheck"] == "done"
