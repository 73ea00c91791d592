"""The internal API of an owner, and an order's whole way over the local bus (assistance stands for all)."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest

from casework.deadline_loop import DeadlineLoop
from contracts.orders import Verb
from contracts.outcomes import OutcomesReported
from deploy.local.people.model import SyntheticHousehold
from kernel.messaging.bus.local import LocalBus
from kernel.messaging.event import decode, encode
from kernel.messaging.message import Message
from kernel.messaging.outbox import insert
from kernel.testing import eventually
from services.assistance.main import make_service
from services.assistance.people_import import load_people
from services.assistance.settings import AssistanceSettings
from tests.owner_desk import COUNTY, NOW, Desk, Report, desk_of, households_of

STOP, ALERT = "assistance.stop_benefits", "assistance.dependant_alert"


desk = desk_of(AssistanceSettings, make_service)
households = households_of(load_people)


@pytest.fixture
def household(households: Mapping[str, SyntheticHousehold]) -> SyntheticHousehold:
    """Parents with two minors on dibao."""
    return households["dibao_with_minors"]


async def alert(desk: Desk, household: SyntheticHousehold) -> Report:
    report = Report(household.persons[0].person, NOW - timedelta(days=1))
    await desk.send(Verb.OPEN, ALERT, report)
    return report


async def test_without_the_service_key_nothing_is_answered(desk: Desk) -> None:
    async with desk.http() as client:
        answer = await client.get("/internal/v1/checks/next", headers={"X-Service-Key": "wrong"})
    assert answer.status_code in (401, 403)


async def test_the_same_decision_twice_is_one(desk: Desk, household: SyntheticHousehold) -> None:
    report = await alert(desk, household)
    outcome = desk.outcomes[report.procedures[ALERT]]
    assert outcome.task is not None
    body = {
        "decision": "needs_care", "version": outcome.version, "acted_by": "u1", "role": outcome.task.role,
        "region": COUNTY, "acted_at": NOW.isoformat(),
    }  # fmt: skip
    async with desk.http() as client:
        answers = [
            await client.post(
                f"/internal/v1/tasks/{outcome.task.id}/decision", json=body, headers={"Idempotency-Key": "k"}
            )
            for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await desk.rows("SELECT id FROM outbox WHERE topic = 'outcomes'")) == 1


async def test_faults_of_a_decision_are_told_as_problems(desk: Desk, household: SyntheticHousehold) -> None:
    report = await alert(desk, household)
    stale = await desk.decide(ALERT, report, "needs_care", version=99)
    assert (stale.status_code, stale.json()["code"], stale.json()["current_version"]) == (
        409,
        "stale_version",
        1,
    )
    wrong = await desk.decide(ALERT, report, "nonsense")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unknown_decision")
    opened = desk.outcomes[report.procedures[ALERT]]
    await desk.decide(ALERT, report, "cared_for")
    desk.outcomes[report.procedures[ALERT]] = opened
    ended = await desk.decide(ALERT, report, "cared_for")
    assert (ended.status_code, ended.json()["code"]) == (409, "procedure_ended")


async def test_a_decision_on_no_task_is_not_found(desk: Desk) -> None:
    act = {
        "decision": "x",
        "version": 1,
        "acted_by": "u",
        "role": "r",
        "region": COUNTY,
        "acted_at": NOW.isoformat(),
    }
    async with desk.http() as client:
        answer = await client.post(f"/internal/v1/tasks/{uuid4()}/decision", json=act)
    assert (answer.status_code, answer.json()["code"]) == (404, "task_unknown")


async def last_report(desk: Desk) -> OutcomesReported:
    """What left last."""
    row = (await desk.rows("SELECT id, topic, key, headers, payload FROM outbox ORDER BY seq DESC LIMIT 1"))[
        0
    ]
    event = decode(Message(row.id, row.topic, row.key, row.headers, row.payload))
    assert isinstance(event, OutcomesReported)
    return event


async def test_checks_are_told_and_run_up_to_the_clock_only(
    desk: Desk, household: SyntheticHousehold
) -> None:
    await alert(desk, household)
    async with desk.http() as client:
        following = (await client.get("/internal/v1/checks/next")).json()["next_check_at"]
        assert following == (NOW + timedelta(hours=12)).isoformat()
        ahead = await client.post("/internal/v1/checks/run", json={"now": following})
        assert (ahead.status_code, ahead.json()["code"]) == (409, "check_ahead_of_clock")
        await client.post("/internal/v1/clock", json={"now": following})
        fired = await client.post("/internal/v1/checks/run", json={"now": following})
        assert fired.json() == {"fired": 1}
    told = (await last_report(desk)).outcomes[0]
    assert (told.escalation, told.at) == (1, NOW + timedelta(hours=12))


async def test_the_clock_does_not_go_back(desk: Desk) -> None:
    async with desk.http() as client:
        answer = await client.post("/internal/v1/clock", json={"now": (NOW - timedelta(days=1)).isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "clock_goes_forward_only")


async def test_the_loop_runs_what_is_due(desk: Desk, household: SyntheticHousehold) -> None:
    await alert(desk, household)
    loop = DeadlineLoop(desk.service.transactions, desk.office, desk.clock)
    assert await loop.once() == 0
    desk.pass_time(hours=20)
    assert [await loop.once(), await loop.once(), await loop.once()] == [1, 1, 0]


async def test_what_people_hold_is_answered_in_the_order_asked(
    desk: Desk, household: SyntheticHousehold
) -> None:
    nobody, father = str(uuid4()), str(household.persons[0].person)
    async with desk.http() as client:
        answer = await client.post("/internal/v1/people/holds", json={"persons": [nobody, father]})
    people = answer.json()["people"]
    assert [person["person"] for person in people] == [nobody, father]
    assert [[hold["kind"] for hold in person["holds"]] for person in people] == [[], ["dibao"]]


async def test_a_procedure_can_be_explained(desk: Desk, household: SyntheticHousehold) -> None:
    report = await alert(desk, household)
    async with desk.http() as client:
        known = await client.get(f"/internal/v1/procedures/{report.procedures[ALERT]}")
        unknown = await client.get(f"/internal/v1/procedures/{uuid4()}")
    assert (known.json()["outcome"]["step"], known.json()["case"]) == ("call", str(report.case))
    assert unknown.status_code == 404


async def test_an_order_comes_over_the_bus_and_its_outcome_leaves(
    desk: Desk, household: SyntheticHousehold
) -> None:
    service = desk.service
    routes = {
        topic: [(each.name, service.transactions)] for each in service.subscriptions for topic in each.topics
    }
    service.bus = LocalBus({**routes, "outcomes": [("planner", service.transactions)]})
    stop = asyncio.Event()
    worker = asyncio.create_task(service.worker.run(stop))
    report = Report(household.persons[0].person, NOW - timedelta(days=1), confirmed=True)
    issued = desk._issued(Verb.OPEN, STOP, report, None)
    try:
        async with service.transactions.begin() as tx:
            await insert(tx.connection, [encode(issued, source="/lianban/gateway")])

        async def answered() -> list[object]:
            return await desk.rows("SELECT payload FROM mail WHERE topic = 'outcomes'")

        mail = await eventually(answered)
        async with desk.http() as client:
            moving = (await client.get("/internal/v1/settle")).json()
    finally:
        stop.set()
        await worker
    assert b'"state":"done"' in mail[0].payload
    assert moving["parked"] == 0
