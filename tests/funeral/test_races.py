"""Two and more at once: one slot, one winner, whoever comes first."""

import asyncio
from uuid import uuid4

import pytest

from casework.procedure import Act
from casework.tasks import act_on, decide
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import HoldKind
from kernel.testing import eventually
from services.funeral.commands.holds import NewHold, concerned, place_hold
from tests.funeral.cremations import KIND, OPERATORS, booked, opened, refresh, standing, taken
from tests.owner_desk import COUNTY, NOW, Desk


async def test_twenty_bookings_at_once_get_twenty_slots(desk: Desk) -> None:
    reports = [await opened(desk) for _ in range(20)]
    answers = await asyncio.gather(*(desk.decide(KIND, report, "booked") for report in reports))
    assert [answer.status_code for answer in answers] == [200] * 20
    slots = [standing(desk, report).result["slot"] for report in reports]
    assert len(set(slots)) == 20
    assert max(slot.partition("@")[2] for slot in slots) == "2026-11-23T10:00"


async def test_of_twenty_who_want_one_slot_one_gets_it(desk: Desk) -> None:
    reports = [await opened(desk) for _ in range(20)]
    wish = {"slot": f"{COUNTY}-1@2026-11-23T10:00"}
    answers = await asyncio.gather(*(desk.decide(KIND, report, "booked", data=wish) for report in reports))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert await taken(desk) == 1


async def test_the_database_itself_lets_no_second_booking_in(desk: Desk) -> None:
    await booked(desk)
    with pytest.raises(Exception, match="uq_bookings_slot"):
        await desk.write(
            """INSERT INTO bookings (id, procedure, cremator, starts_at, booked_at)
               SELECT gen_random_uuid(), gen_random_uuid(), cremator, starts_at, booked_at FROM bookings"""
        )


async def test_withdrawal_and_start_at_once_have_one_winner(desk: Desk) -> None:
    for _ in range(6):
        report = await booked(desk)
        order, answer = await asyncio.gather(
            desk.send(Verb.WITHDRAW, KIND, report), desk.decide(KIND, report, "start", data=OPERATORS)
        )
        began = await desk.rows(
            "SELECT 1 FROM bookings WHERE procedure = :p AND started_at IS NOT NULL",
            p=report.procedures[KIND],
        )
        if answer.status_code == 200:
            assert order.too_late_at is not None and len(began) == 1
        else:
            assert order.state is OwnerState.WITHDRAWN and began == []


async def waited_for(desk: Desk) -> bool:
    """Whether somebody waits for a lock of another's."""
    return bool(await desk.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_a_start_that_comes_second_finds_the_case_withdrawn(desk: Desk) -> None:
    report = await booked(desk)
    act = desk.act(KIND, report, "start", data=OPERATORS)
    async with desk.service.transactions.begin() as tx:
        await desk.send(Verb.WITHDRAW, KIND, report, tx=tx)
        start = asyncio.create_task(desk.pass_on(*act))
        await eventually(lambda: waited_for(desk))
    answer = await start
    assert (answer.status_code, answer.json()["code"]) == (409, "procedure_ended")
    assert await desk.rows("SELECT 1 FROM bookings WHERE released_at IS NULL OR started_at IS NOT NULL") == []


async def test_a_withdrawal_that_comes_second_is_too_late(desk: Desk) -> None:
    report = await booked(desk)
    task, act = desk.act(KIND, report, "start", data=OPERATORS)
    async with desk.service.transactions.begin() as tx:
        await decide(task, act, tx=tx, office=desk.office, at=NOW)
        order = asyncio.create_task(desk.send(Verb.WITHDRAW, KIND, report))
        await eventually(lambda: waited_for(desk))
    outcome = await order
    assert (outcome.state, outcome.step, outcome.too_late_at) == (OwnerState.OPEN, "start", NOW)
    assert (
        len(await desk.rows("SELECT 1 FROM bookings WHERE started_at IS NOT NULL AND released_at IS NULL"))
        == 1
    )


async def test_a_hold_that_comes_first_stops_the_start_that_waited(desk: Desk) -> None:
    report = await booked(desk)
    act = desk.act(KIND, report, "start", data=OPERATORS)
    new = NewHold(uuid4(), HoldKind.POLICE, "P-1", NOW, case_id=report.case)
    async with desk.service.transactions.begin() as tx:
        await place_hold(tx, new)
        procedures = await concerned(tx, new)
        await act_on({each: Act("answer", "hold") for each in procedures}, tx=tx, office=desk.office, at=NOW)
        start = asyncio.create_task(desk.pass_on(*act))
        await eventually(lambda: waited_for(desk))
    assert (await start).status_code == 409
    assert (await refresh(desk, report)).state is OwnerState.PAUSED
