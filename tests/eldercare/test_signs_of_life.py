"""Who was met when: a sign of life is an instant, told before or after the report (design 4, EC-012)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import Outcome
from kernel.public_service.clock import TZ
from tests.owner_desk import NOW, Desk, Report

PAUSE, STOP = "eldercare.pause_services", "eldercare.stop_benefits"
DIED_AT = datetime(2026, 11, 20, 14, 30, tzinfo=TZ)
KINDS = ("visit", "meal", "decision", "assessment")


async def meet(desk: Desk, person: UUID, kind: str, at: datetime) -> int:
    """Report a meeting; gives how many reports of a death were told."""
    async with desk.http() as client:
        if kind == "assessment":
            body = {"person": str(person), "region": "331022901000", "asked_on": "2026-11-01"}
            made = await client.post("/internal/v1/care/assessments", json=body)
            path, more = f"assessments/{made.json()['id']}/result", {"level": "moderate"}
        else:
            path, more = "meetings", {"person": str(person), "kind": kind}
        answer = await client.post(f"/internal/v1/care/{path}", json={**more, "at": at.isoformat()})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["told"])


async def standing(desk: Desk, report: Report) -> Outcome:
    async with desk.http() as client:
        found = (await client.get(f"/internal/v1/procedures/{report.procedures[PAUSE]}")).json()
    return Outcome.model_validate(found["outcome"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("minutes", "signal"), [(-1, None), (0, None), (1, "sign_of_life")], ids=["before", "at", "after"]
)
async def test_a_meeting_before_the_report_arrives_counts_by_its_instant(
    desk: Desk, kind: str, minutes: int, signal: str | None
) -> None:
    person = uuid4()
    assert await meet(desk, person, kind, DIED_AT + timedelta(minutes=minutes)) == 0
    outcome = await desk.send(Verb.OPEN, PAUSE, Report(person, DIED_AT))
    assert outcome.signal == signal


@pytest.mark.parametrize("kind", ["visit", "meal", "decision"])
@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_meeting_after_the_report_reaches_the_planner(desk: Desk, kind: str, confirmed: bool) -> None:
    report = Report(uuid4(), DIED_AT, confirmed=confirmed)
    await desk.send(Verb.OPEN, PAUSE, report)
    if confirmed:
        await desk.send(Verb.OPEN, STOP, report)
    assert await meet(desk, report.subject, kind, NOW) == 1
    said = await standing(desk, report)
    assert (said.signal, said.result["last_sign_of_life"]) == ("sign_of_life", NOW.isoformat())


async def test_a_meal_that_the_kitchen_writes_down_late_is_no_sign_after_the_death(desk: Desk) -> None:
    report = Report(uuid4(), DIED_AT)
    await desk.send(Verb.OPEN, PAUSE, report)
    eaten = DIED_AT - timedelta(hours=20)  # the day before; told two days after the death
    assert await meet(desk, report.subject, "meal", eaten) == 1
    said = await standing(desk, report)
    assert (said.signal, said.result["last_sign_of_life"]) == (None, eaten.isoformat())
    (row,) = await desk.rows("SELECT taken_at, recorded_at FROM meals")
    assert (row.taken_at, row.recorded_at) == (eaten, NOW)


async def test_a_corrected_date_weighs_the_same_meetings_again(desk: Desk) -> None:
    report = Report(uuid4(), DIED_AT)
    await meet(desk, report.subject, "visit", DIED_AT - timedelta(hours=2))
    assert (await desk.send(Verb.OPEN, PAUSE, report)).signal is None
    report.died_at, report.version = DIED_AT - timedelta(hours=3), 2
    assert (await desk.send(Verb.CORRECT, PAUSE, report)).signal == "sign_of_life"
    report.died_at, report.version = DIED_AT, 3
    assert (await desk.send(Verb.CORRECT, PAUSE, report)).signal is None


async def test_a_visit_late_at_night_moves_the_next_one_by_the_local_day(desk: Desk) -> None:
    person = uuid4()
    await desk.write(
        """INSERT INTO visit_plans (id, person, every_days, next_on, region, state)
           VALUES (:id, :p, 30, '2026-11-01', '331022901000', 'active')""",
        id=uuid4(), p=person,
    )  # fmt: skip
    await meet(desk, person, "visit", datetime.fromisoformat("2026-11-20T16:30:00+00:00"))
    (row,) = await desk.rows("SELECT next_on FROM visit_plans")
    assert row.next_on.isoformat() == "2026-12-21"


async def waits(desk: Desk, person: UUID) -> list[tuple[Any, Any]]:
    async with desk.http() as client:
        found = (await client.get(f"/internal/v1/people/{person}")).json()["waits"]
    return [(wait["kind"], wait["state"]) for wait in found]


async def test_an_assessment_that_is_waited_for_is_shown_and_ends_with_a_death(desk: Desk) -> None:
    person = uuid4()
    body = {"person": str(person), "region": "331022901000", "asked_on": "2026-11-10"}
    async with desk.http() as client:
        asked = (await client.post("/internal/v1/care/assessments", json=body)).json()["id"]
        assert await waits(desk, person) == [("ability_assessment", "requested")]
        report = Report(person, DIED_AT, confirmed=True)
        outcome = await desk.send(Verb.OPEN, STOP, report)
        assert (outcome.state, outcome.result) == ("done", {"stopped": []})
        result = {"level": "severe", "at": NOW.isoformat()}
        late = await client.post(f"/internal/v1/care/assessments/{asked}/result", json=result)
        assert (late.status_code, late.json()["code"]) == (409, "assessment_not_open")
        await desk.send(Verb.UNDO, STOP, report)
        assert await waits(desk, person) == [("ability_assessment", "requested")]
        done = await client.post(f"/internal/v1/care/assessments/{asked}/result", json=result)
    assert done.status_code == 200
    assert await waits(desk, person) == []
