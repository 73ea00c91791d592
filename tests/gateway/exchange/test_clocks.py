"""Departments' clocks: reminders at 50 and 80 %, then the county; time given back for papers and holds (G7, G10)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.cases.planner.inputs import WithdrawalAsked
from gateway.exchange import checks
from gateway.exchange.exchange import pusher
from gateway.exchange.limits import Limits
from gateway.exchange.new_calendar import DeliveriesStage
from kernel.public_service.calendar import WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ
from tests.gateway.counting import counted
from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, NOON, House
from tests.gateway.exchange.test_answers import answer, pulled
from tests.gateway.exchange.test_cancelling import confirmed, decide, of_type
from tests.gateway.exchange.test_holds import PAYMENT, case_no, place, with_payment_asked


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def run_due(house: House, now: datetime, *, limit: int = 500) -> int:
    """All checks due by then."""
    fired = 0
    while True:
        async with house.desk.open() as tx:
            some = await checks.run_due(
                tx, moves=house.desk.moves, limits=house.exchange.limits, now=now, limit=limit
            )
        if not some:
            return fired
        fired += some


async def current(house: House, case: UUID, kind: str) -> Mapping[str, Any]:
    return (await house.deliveries(case, kind))[-1]


async def at(house: House, instant: datetime) -> None:
    """Time passes, and what is due by then has run."""
    house.clock.advance(instant - house.clock.now())
    await run_due(house, instant)


async def test_the_department_is_reminded_twice_and_then_the_county_asks(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    assert item["reminder"] is None
    request = await current(house, filed.case, CERTIFICATE)
    for name, word in (("half_at", "half"), ("warn_at", "nearly")):
        await at(house, request[name])
        (again,) = await pulled(house, "health")
        assert (again["id"], again["reminder"]) == (item["id"], word)
        assert (await house.row(filed.case, CERTIFICATE))["task_id"] is None
    await at(house, request["due_at"])
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["escalation"], row["task"]["step"]) == ("open", 3, "silent")
    assert await run_due(house, house.clock.now() + timedelta(days=300)) == 0  # silence decides nothing


async def test_silence_where_no_law_sets_a_limit_is_pressed_for_the_same_way(
    house: House, number: str
) -> None:
    case = await with_payment_asked(house, number)
    asked = await current(house, case, PAYMENT)
    assert asked["due_at"] is None
    marks = house.exchange.limits.silence("human_resources", asked["asked_at"])
    await at(house, marks.half_at)
    assert of_type(await pulled(house, "human_resources"), PAYMENT)["reminder"] == "half"
    row = await house.row(case, PAYMENT)
    assert (row["escalation"], row["due_at"]) == (0, None)  # no limit never colours
    await at(house, marks.warn_at)
    assert of_type(await pulled(house, "human_resources"), PAYMENT)["reminder"] == "nearly"
    await at(house, marks.due_at)
    row = await house.row(case, PAYMENT)
    assert (row["state"], row["escalation"], row["task"]["step"]) == ("open", 3, "silent")


async def test_a_reminder_is_pushed_under_the_same_request_id(house: House, number: str) -> None:
    filed = await house.report(number)
    request = await current(house, filed.case, CERTIFICATE)
    async with pusher(house.exchange) as ready:
        await ready.push_once()
    await at(house, request["half_at"])
    again = await current(house, filed.case, CERTIFICATE)
    assert (again["id"], again["state"], again["leased_until"]) == (request["id"], "pending", None)


async def test_a_departments_limit_begins_with_its_own_acceptance(house: House, number: str) -> None:
    """The household register waits for the certificate: its month is not used up by then."""
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    house.clock.advance(timedelta(days=10))
    await answer(house, "health", {"id": item["id"], "outcome": "done"})
    request = await current(house, filed.case, CANCELLATION)
    assert request["limit_at"] == NOON + timedelta(days=10)
    assert request["due_at"].astimezone(TZ).date() == date(2026, 4, 13)  # 12 April is a Sunday


async def test_time_that_a_department_waits_for_papers_is_given_back(house: House, number: str) -> None:
    case = await confirmed(house, number)
    item = of_type(await pulled(house, "police"), CANCELLATION)
    before = await current(house, case, CANCELLATION)
    await at(house, before["half_at"] + timedelta(hours=10))
    await answer(house, "police", {"id": item["id"], "outcome": "need_more", "reason": "缺少户口簿"})
    row = await house.row(case, CANCELLATION)
    assert (row["state"], row["paused_at"]) == ("paused", house.clock.now())
    assert await run_due(house, before["due_at"] + timedelta(days=9)) == 0
    house.clock.advance(timedelta(days=8))
    await decide(house, row, "ask_again", "已补齐")
    after = await current(house, case, CANCELLATION)
    assert (after["half_at"], after["escalation"]) == (before["half_at"], 1)
    for name in ("warn_at", "due_at"):
        assert timedelta(days=8) <= after[name] - before[name] <= timedelta(days=10)
    assert after["next_check_at"] == after["warn_at"]
    assert [one["reason"] for one in after["pauses"]] == ["papers"]
    assert (await house.row(case, CANCELLATION))["paused_at"] is None


async def test_what_a_hold_keeps_back_is_no_departments_silence(house: House, number: str) -> None:
    case = await with_payment_asked(house, number)
    placed = await place(house, await case_no(house, case))
    held = await current(house, case, PAYMENT)
    assert (held["pause_reason"], held["next_check_at"]) == ("hold", None)
    await run_due(house, NOON + timedelta(days=90))
    assert (await house.row(case, PAYMENT))["task_id"] is None
    house.clock.advance(timedelta(days=90))
    async with house.service.running(), house.as_department("court") as http:
        path = f"/exchange/v1/holds/{placed.json()['id']}/release"
        released = await http.post(path, json={"release_no": "R-1", "version": placed.json()["version"]})
    assert released.status_code in (200, 201), released.text
    free = await current(house, case, PAYMENT)
    assert free["pause_reason"] is None
    assert free["next_check_at"] > house.clock.now()  # ninety days of a hold are nobody's silence
    assert [one["reason"] for one in free["pauses"]] == ["hold"]


async def test_a_silent_cancellation_is_asked_for_again_before_the_county_asks(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    await pulled(house, "health")
    await house.move(filed.case, WithdrawalAsked())
    marks = house.exchange.limits.silence("health", house.clock.now())
    await at(house, marks.half_at)
    (item,) = await pulled(house, "health")
    assert item["kind"] == "cancellation"
    assert (await house.row(filed.case, CERTIFICATE))["task_id"] is None
    await at(house, marks.due_at)
    assert (await house.row(filed.case, CERTIFICATE))["task"]["step"] == "silent"


async def test_a_dozen_due_requests_take_as_many_statements_as_one(house: House) -> None:
    people = iter(house.people)
    counts = []
    for count in (1, 12):
        for _ in range(count):
            await house.report(next(people))
        (first,) = {
            row["half_at"] for row in await house.all("SELECT half_at FROM deliveries WHERE escalation = 0")
        }
        with counted(house.desk.service.engine) as statements:
            assert await run_due(house, first) == count
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_requests_due_in_a_new_year_move_with_its_notice(house: House, number: str) -> None:
    house.clock.advance(datetime(2026, 12, 29, 12, tzinfo=TZ) - NOON)
    filed = await house.report(number, died_at="2026-12-28T08:00:00+08:00")
    before = await house.row(filed.case, CERTIFICATE)
    assert before["provisional"] and before["due_at"].year == 2027
    festival = frozenset(date(2027, 1, day) for day in range(4, 9))
    announced = WorkingCalendar({2027: YearNotice(rest=festival)})
    limits = Limits(announced, house.exchange.limits.departments)
    stage = DeliveriesStage(replace(house.desk.moves, calendar=announced), limits)
    since = datetime(2027, 1, 1, tzinfo=TZ)
    moved = []
    for _ in range(2):
        async with house.desk.open() as tx:
            page = await stage(tx, since=since, after=UUID(int=0), limit=9, at=house.clock.now())
        moved.append(page.moved)
    assert moved[0] >= 1 and moved[1] == 0
    after = await house.row(filed.case, CERTIFICATE)
    assert after["due_at"] - before["due_at"] == timedelta(days=7)
    assert not after["provisional"]
