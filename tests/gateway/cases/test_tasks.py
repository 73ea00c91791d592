"""The queue and decisions: who sees which task, and what a decision does."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.outcomes import Outcome, OwnerState, Task
from contracts.terms import StepDecision
from gateway.cases import asks, board
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.cases.planner.model import RowState
from kernel.public_service.access import Role
from kernel.testing import eventually
from tests.gateway.office import NOW, Office, row

RECHECK = "assistance.household_recheck"


async def tasks(office: Office, role: Role = Role.WINDOW_CLERK, **query: Any) -> list[dict[str, Any]]:
    async with office.client(role, region=query.pop("of", "331022"), owner=query.pop("owner", None)) as http:
        answer = await http.get("/api/v1/tasks", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def give_task(office: Office, case: dict[str, Any], kind: str, role: str, version: int = 1) -> Task:
    """As if the owner had opened a task on that row."""
    (stored,) = await office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
    task = Task(
        id=uuid4(), step="call", name="联系家庭", role=role, region="331022", opened_at=NOW,
        decisions=(StepDecision(id="ok", name="已联系", ends="done"),), facts={"members": 2},
    )  # fmt: skip
    outcome = Outcome(
        procedure=row(case, kind)["id"], type=kind, order=1, version=version, state=OwnerState.OPEN, at=NOW, task=task,
        due_at=NOW + timedelta(hours=20), half_at=NOW + timedelta(hours=10), warn_at=NOW + timedelta(hours=16),
    )  # fmt: skip
    async with office.desk.open() as tx:
        await office.desk.moves.move(tx, [(stored.id, [OutcomeArrived(outcome)])], at=NOW, actor="system")
    return task


async def test_a_task_stands_in_the_queue_of_its_role_and_place(office: Office) -> None:
    case = await office.report()
    task = await give_task(office, case, "assistance.dependant_alert", "township_officer")
    assert [item["id"] for item in await tasks(office, Role.TOWNSHIP_OFFICER)] == [str(task.id)]
    assert await tasks(office, Role.WINDOW_CLERK) == []
    assert await tasks(office, Role.TOWNSHIP_OFFICER, of="430121") == []
    assert [item["id"] for item in await tasks(office, Role.COUNTY_SUPERVISOR)] == [str(task.id)]


@pytest.mark.parametrize("kind", ["content_conflict", "identity_doubt"])
async def test_the_gateways_own_tasks_colour_like_those_of_the_owners(office: Office, kind: str) -> None:
    """Three working days and one: half over, nearly over, over, each at an instant of its own."""
    case = await office.report()
    (stored,) = await office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
    async with office.desk.open() as tx:
        standing = (await board.load(tx, [stored.id], office.desk.plans))[stored.id]
        record = asks.task_record(standing, kind, None, NOW, office.desk.calendar)
        await asks.open_tasks(tx, [record])
    marks = [record[name] for name in ("half_at", "warn_at", "due_at")]
    seen = []
    for instant in (NOW, *marks):
        office.clock.advance(instant - office.clock.now())
        seen += [item["colour"] for item in await tasks(office)]
    assert seen == ["none", "blue", "yellow", "red"]


@pytest.mark.parametrize(("hours", "colour"), [(1, "none"), (10, "blue"), (17, "yellow"), (20, "red")])
async def test_the_colour_follows_the_clock_when_it_is_read(office: Office, hours: int, colour: str) -> None:
    case = await office.report()
    await give_task(office, case, "assistance.dependant_alert", "township_officer")
    office.clock.advance(timedelta(hours=hours))
    assert [item["colour"] for item in await tasks(office, Role.TOWNSHIP_OFFICER)] == [colour]


async def test_the_queue_is_read_page_by_page_without_a_gap(office: Office) -> None:
    for _ in range(3):
        await give_task(office, await office.report(), "assistance.dependant_alert", "township_officer")
    async with office.client(Role.TOWNSHIP_OFFICER) as http:
        seen, after = [], None
        while True:
            page = (
                await http.get("/api/v1/tasks", params={"limit": 1, **({"after": after} if after else {})})
            ).json()
            seen += [item["id"] for item in page["items"]]
            if (after := page["next"]) is None:
                break
    assert len(seen) == len(set(seen)) == 3


async def test_a_task_shows_the_answers_of_its_row_with_numbers_masked(office: Office) -> None:
    dead, spouse = office.couple()
    case = (await office.post_report(office.form(dead, spouse))).json()
    kind = "health.death_certificate"
    task = await give_task(office, case, kind, "township_officer", version=9)
    async with office.client(Role.TOWNSHIP_OFFICER) as http:
        shown = (await http.get(f"/api/v1/tasks/{task.id}")).json()
        revealed = (await http.get(f"/api/v1/tasks/{task.id}", params={"purpose": "入户核对"})).json()
    fields = {one["pointer"]: one["value"] for one in shown["fields"]}
    assert set(fields) <= set(office.desk.catalogue.life_events["death"].row(kind).fields)
    assert fields["/deceased/id_number"].startswith(dead.id_number[:6] + "****")
    assert {one["pointer"]: one["value"] for one in revealed["fields"]}[
        "/deceased/id_number"
    ] == dead.id_number
    (line,) = await office.rows("SELECT actor, purpose FROM audit_log WHERE action = 'reveal_task'")
    assert line.purpose == "入户核对"


async def test_another_role_does_not_decide(office: Office) -> None:
    task = await give_task(office, await office.report(), "assistance.dependant_alert", "township_officer")
    async with office.supervisor as http:
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json={"decision": "ok", "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_task")


async def test_an_owner_that_is_away_is_503_and_nothing_is_queued(office: Office) -> None:
    case = await office.report()
    task = await give_task(office, case, "assistance.dependant_alert", "township_officer")
    office.desk.owners._clients.pop("assistance")
    async with office.client(Role.TOWNSHIP_OFFICER) as http:
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json={"decision": "ok", "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (503, "owner_away")
    assert int(answer.headers["retry-after"]) > 0
    assert row(await office.read(case["case_no"]), "assistance.dependant_alert")["state"] == "open"
    assert await office.rows("SELECT 1 FROM outbox WHERE topic NOT LIKE 'orders.%'") == []


async def test_a_decision_on_an_ended_procedure_is_told_so(office: Office) -> None:
    case = await office.report()
    task = await give_task(office, case, "assistance.dependant_alert", "township_officer")
    (stored,) = await office.rows("SELECT id FROM cases")
    done = Outcome(
        procedure=row(case, "assistance.dependant_alert")["id"], type="assistance.dependant_alert", order=1, version=2,
        state=OwnerState.DONE, at=NOW,
    )  # fmt: skip
    async with office.desk.open() as tx:
        await office.desk.moves.move(tx, [(stored.id, [OutcomeArrived(done)])], at=NOW, actor="system")
    async with office.client(Role.TOWNSHIP_OFFICER) as http:
        answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json={"decision": "ok", "version": 1})
        unknown = await http.post(f"/api/v1/tasks/{uuid4()}/decision", json={"decision": "ok", "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "procedure_ended")
    assert unknown.status_code == 404


async def test_a_doubted_identity_asks_the_window_and_a_human_clears_it(office: Office) -> None:
    case = await office.report()
    (stored,) = await office.rows("SELECT id FROM cases")
    kind = "health.death_certificate"
    stuck = Outcome(
        procedure=row(case, kind)["id"], type=kind, order=1, version=9, state=OwnerState.STUCK, reason="wrong_person",
        at=NOW,
    )  # fmt: skip
    async with office.desk.open() as tx:
        await office.desk.moves.move(tx, [(stored.id, [OutcomeArrived(stuck)])], at=NOW, actor="system")
    (task,) = await tasks(office)
    assert (task["step"], task["type"]) == ("identity_doubt", kind)
    async with office.clerk as http:
        url = f"/api/v1/tasks/{task['id']}/decision"
        stale = await http.post(url, json={"decision": "same_person", "version": task["version"] + 1})
        wrong = await http.post(url, json={"decision": "perhaps", "version": task["version"]})
        decided = await http.post(url, json={"decision": "same_person", "version": task["version"]})
    assert (stale.status_code, wrong.status_code) == (409, 422)
    assert (decided.status_code, decided.json()["state"]) == (200, RowState.DONE.value), decided.text
    assert await tasks(office) == []


async def test_a_clerks_decision_reaches_the_owner_and_is_read_back_at_once(working: Office) -> None:
    dead, spouse = working.couple()
    other = working.couple()[0]
    await working.health_reports(dead)
    form = working.form(dead, spouse, asset_query=True)
    form["applicant"] |= {"name": other.name, "id_number": other.id_number, "relation": "child"}
    case = (await working.post_report(form)).json()
    (task,) = await eventually(lambda: tasks(working))
    assert (task["type"], task["facts"]) == (
        "gateway.proof_of_relation", {"claimed": "child", "register": "unknown"},
    )  # fmt: skip
    async with working.clerk as http:
        decided = await http.post(
            f"/api/v1/tasks/{task['id']}/decision",
            json={"decision": "proven", "data": {"method": "notary"}, "version": task["version"]},
        )
    assert (decided.status_code, decided.json()["state"]) == (200, "done"), decided.text
    assert row(await working.read(case["case_no"]), "gateway.proof_of_relation")["state"] == "done"


async def test_an_officers_decision_is_carried_out_by_the_service(working: Office) -> None:
    dead, spouse = working.couple()
    form = working.form(dead, spouse)
    form["dependants"] = [{"name": "周小宝", "kind": "minor"}]
    case = (await working.post_report(form)).json()

    async def open_task() -> list[dict[str, Any]]:
        found = await tasks(working, Role.TOWNSHIP_OFFICER, of=dead.region)
        return [one for one in found if one["type"] == "assistance.dependant_alert"]

    (task,) = await eventually(open_task)
    choice = task["decisions"][0]
    key = str(uuid4())
    async with working.client(Role.TOWNSHIP_OFFICER, region=dead.region) as http:
        body = {"decision": choice["id"], "reason": "已联系", "version": task["version"], "data": {}}
        decided = await http.post(
            f"/api/v1/tasks/{task['id']}/decision", json=body, headers={"Idempotency-Key": key}
        )
        again = await http.post(
            f"/api/v1/tasks/{task['id']}/decision", json=body, headers={"Idempotency-Key": key}
        )
    assert decided.status_code == 200, decided.text
    assert decided.json()["version"] > task["version"]
    assert again.json() == decided.json()
    shown = row(await working.read(case["case_no"]), "assistance.dependant_alert")
    assert shown["version"] >= decided.json()["version"]
