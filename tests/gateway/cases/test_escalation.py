"""Late is pressed for, never decided: marks of owners' tasks and of the gateway's own, the county's queue, kind words
(life-events G7, design 5 "Clocks" and 9)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.outcomes import Outcome, OwnerState
from gateway.cases import ask_clock, asks, board, task_queries
from gateway.cases.planner.inputs import OutcomeArrived
from kernel.public_service.access import Role
from tests.gateway.cases.test_tasks import give_task, tasks
from tests.gateway.counting import counted
from tests.gateway.office import NOW, Office, row

ALERT = "assistance.dependant_alert"
UNKIND = ("逾期", "超时", "超期", "超过", "overdue", "late")


async def case_id(office: Office, case: dict[str, Any]) -> UUID:
    (stored,) = await office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
    key: UUID = stored.id
    return key


async def ask(office: Office, case: dict[str, Any], kind: str = "identity_doubt") -> dict[str, Any]:
    """One of the gateway's own questions about a case; gives its record."""
    async with office.desk.open() as tx:
        key = await case_id(office, case)
        standing = (await board.load(tx, [key], office.desk.plans))[key]
        record = asks.task_record(standing, kind, None, NOW, office.desk.calendar)
        await asks.open_tasks(tx, [record])
    return record


async def run_due(office: Office, *, limit: int = 500) -> int:
    async with office.desk.open() as tx:
        return await ask_clock.run_due(tx, moves=office.desk.moves, now=office.clock.now(), limit=limit)


async def run_all(office: Office) -> int:
    fired = 0
    while some := await run_due(office):
        fired += some
    return fired


async def past_the_limit(office: Office, case: dict[str, Any], role: str = "township_officer") -> Any:
    """As if the owner had told that the whole limit of its task is over."""
    task = await give_task(office, case, ALERT, role)
    outcome = Outcome(
        procedure=row(case, ALERT)["id"], type=ALERT, order=1, version=2, state=OwnerState.OPEN, at=NOW, task=task,
        due_at=NOW - timedelta(minutes=1), half_at=NOW - timedelta(hours=10), warn_at=NOW - timedelta(hours=4),
        escalation=3,
    )  # fmt: skip
    async with office.desk.open() as tx:
        moves = [(await case_id(office, case), [OutcomeArrived(outcome)])]
        await office.desk.moves.move(tx, moves, at=NOW, actor="system")
    return task


@pytest.mark.parametrize("kind", sorted(asks.NAMES))
async def test_a_question_of_the_gateways_own_climbs_as_an_owners_task_does(
    office: Office, kind: str
) -> None:
    case = await office.report()
    record = await ask(office, case, kind)
    seen = []
    for name in ("half_at", "warn_at", "due_at"):
        office.clock.advance(record[name] - office.clock.now() - timedelta(seconds=1))
        assert await run_due(office) == 0
        office.clock.advance(timedelta(seconds=1))
        assert await run_due(office) == 1
        seen += [item["escalation"] for item in await tasks(office, Role(record["role"]))]
    assert seen == ["half", "reminded", "county"]
    assert await run_due(office) == 0  # nothing more comes of silence
    assert [item["step"] for item in await tasks(office, Role.COUNTY_SUPERVISOR)] == [kind]


async def test_a_late_question_stands_on_the_timeline_in_kind_words_at_its_own_instant(
    office: Office,
) -> None:
    case = await office.report()
    record = await ask(office, case)
    office.clock.advance(timedelta(days=30))
    assert await run_all(office) == 3
    shown = await office.read(case["case_no"])
    (line,) = [one for one in shown["timeline"] if one["kind"] == "escalated"]
    assert line["at"] == record["due_at"].isoformat()
    assert not [word for word in UNKIND if word in line["text"] + line["text_en"]]
    assert shown["version"] == case["version"]  # progress never raises it


async def test_two_workers_climb_each_rung_once(office: Office) -> None:
    for _ in range(6):
        await ask(office, await office.report())
    office.clock.advance(timedelta(days=30))
    fired = await asyncio.gather(*(run_all(office) for _ in range(3)))
    assert sum(fired) == 18
    rungs = await office.rows("SELECT escalation FROM gateway_tasks")
    assert {one.escalation for one in rungs} == {3}
    lines = [
        note
        for one in await office.rows("SELECT notes FROM case_timeline WHERE actor = 'clock'")
        for note in one.notes
    ]
    assert len(lines) == 6


async def test_fifty_late_questions_take_as_many_statements_as_one(office: Office) -> None:
    counts = []
    for number in (1, 12):
        for _ in range(number):
            await ask(office, await office.report())
        office.clock.advance(timedelta(days=30))
        with counted(office.desk.service.engine) as statements:
            while await run_due(office):
                pass
        counts.append(len(statements))
        office.clock.instant = NOW
        await office.rows("UPDATE gateway_tasks SET closed_at = opened_at RETURNING 1")
    assert counts[0] == counts[1]


async def test_a_decision_that_came_first_ends_the_clock(office: Office) -> None:
    record = await ask(office, await office.report())
    await office.rows("UPDATE gateway_tasks SET closed_at = opened_at RETURNING 1")
    office.clock.advance(timedelta(days=30))
    assert await run_all(office) == 0
    assert record["due_at"] is not None


async def test_past_the_limit_the_county_may_decide_what_the_township_has_not(office: Office) -> None:
    task = await past_the_limit(office, await office.report())
    (item,) = await tasks(office, Role.COUNTY_SUPERVISOR, escalation="county")
    assert (item["id"], item["may_decide"], item["colour"]) == (str(task.id), True, "red")
    (own,) = await tasks(office, Role.TOWNSHIP_OFFICER)
    assert own["may_decide"]
    office.desk.owners._clients.pop("assistance")
    async with office.supervisor as http:
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json={"decision": "ok", "version": 2})
    assert answer.json()["code"] == "owner_away"  # let through to the owner, whose word it is


@pytest.mark.parametrize("role", ["funeral_home", "finance", "registrar"])
async def test_what_is_done_with_hands_or_money_the_county_only_sees(office: Office, role: str) -> None:
    task = await past_the_limit(office, await office.report(), role)
    (item,) = await tasks(office, Role.COUNTY_SUPERVISOR, escalation="county")
    assert not item["may_decide"]
    async with office.supervisor as http:
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json={"decision": "ok", "version": 2})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_task")


async def test_another_county_neither_sees_nor_decides_it(office: Office) -> None:
    task = await past_the_limit(office, await office.report())
    assert await tasks(office, Role.COUNTY_SUPERVISOR, of="430121", escalation="county") == []
    async with office.client(Role.COUNTY_SUPERVISOR, region="430121") as http:
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json={"decision": "ok", "version": 2})
    assert answer.status_code == 404


async def test_the_board_bears_the_countys_mark_until_the_row_ends(office: Office) -> None:
    case = await office.report()
    await past_the_limit(office, case)
    shown = await office.read(case["case_no"])
    alert = row(shown, ALERT)
    assert (alert["escalation"], alert["overdue"], alert["state"]) == ("county", True, "open")
    assert [one["kind"] for one in shown["timeline"]].count("escalated") == 1
    done = Outcome(procedure=alert["id"], type=ALERT, order=1, version=3, state=OwnerState.DONE, at=NOW)
    async with office.desk.open() as tx:
        moves = [(await case_id(office, case), [OutcomeArrived(done)])]
        await office.desk.moves.move(tx, moves, at=NOW, actor="system")
    assert row(await office.read(case["case_no"]), ALERT)["escalation"] == "none"


async def test_the_same_mark_told_twice_is_one_line(office: Office) -> None:
    case = await office.report()
    task = await past_the_limit(office, case)
    again = Outcome(
        procedure=row(case, ALERT)["id"], type=ALERT, order=1, version=9, state=OwnerState.OPEN, at=NOW, task=task,
        due_at=NOW, escalation=3,
    )  # fmt: skip
    async with office.desk.open() as tx:
        moves = [(await case_id(office, case), [OutcomeArrived(again)])]
        await office.desk.moves.move(tx, moves, at=NOW, actor="system")
    shown = await office.read(case["case_no"])
    assert [one["kind"] for one in shown["timeline"]].count("escalated") == 1


async def test_a_limit_that_stands_still_is_not_late_and_keeps_its_colour(office: Office) -> None:
    case = await office.report()
    task = await give_task(office, case, ALERT, "township_officer")
    paused = Outcome(
        procedure=row(case, ALERT)["id"], type=ALERT, order=1, version=2, state=OwnerState.PAUSED, at=NOW, task=task,
        due_at=NOW + timedelta(hours=20), half_at=NOW + timedelta(hours=10), warn_at=NOW + timedelta(hours=16),
        paused_at=NOW + timedelta(hours=11),
    )  # fmt: skip
    async with office.desk.open() as tx:
        moves = [(await case_id(office, case), [OutcomeArrived(paused)])]
        await office.desk.moves.move(tx, moves, at=NOW, actor="system")
    office.clock.advance(timedelta(days=9))
    alert = row(await office.read(case["case_no"]), ALERT)
    assert (alert["paused"], alert["overdue"]) == (True, False)
    assert [item["colour"] for item in await tasks(office, Role.TOWNSHIP_OFFICER)] == ["blue"]


async def test_the_queue_can_be_asked_for_what_is_pressed(office: Office) -> None:
    await past_the_limit(office, await office.report())
    other = await office.report()
    await give_task(office, other, ALERT, "township_officer")
    assert len(await tasks(office, Role.COUNTY_SUPERVISOR)) == 2
    assert len(await tasks(office, Role.COUNTY_SUPERVISOR, escalation="reminded")) == 1
    async with office.supervisor as http:
        assert (await http.get("/api/v1/tasks", params={"escalation": "loudly"})).status_code == 422


async def test_questions_due_in_a_new_year_move_with_its_notice(office: Office) -> None:
    record = await ask(office, await office.report(), "content_conflict")
    await office.rows("UPDATE gateway_tasks SET due_at = '2027-03-01T00:00:00+08:00' RETURNING 1")
    async with office.desk.open() as tx:
        stage = ask_clock.QuestionsStage(office.desk.calendar)
        page = {"since": NOW, "after": UUID(int=0), "limit": 9, "at": NOW}
        assert [(await stage(tx, **page)).moved for _ in range(2)] == [1, 0]
    (moved,) = await office.rows("SELECT due_at, next_check_at FROM gateway_tasks")
    assert (moved.due_at, moved.next_check_at) == (record["due_at"], record["half_at"])


def test_the_county_stands_in_for_offices_only() -> None:
    assert task_queries.COUNTY_STANDS_IN_FOR.isdisjoint({"funeral_home", "finance", "registrar", "provider"})
