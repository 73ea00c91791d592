"""Cremation on a real database: slots, the point of no return, holds, and every verb."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from casework.procedure import Act
from casework.tasks import act_on, decide
from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import HoldKind, UndoKind
from kernel.testing import eventually
from services.funeral.commands import NewHold, concerned, place_hold
from tests.owner_desk import COUNTY, NOW, Desk, Report

KIND = "funeral.cremation"
OPERATORS = {"operators": ["A-01", "B-02"], "identity_matches": True}


def death(**fields: Any) -> Report:
    return Report(uuid4(), NOW - timedelta(days=1), fields=fields)


async def opened(desk: Desk, **fields: Any) -> Report:
    report = death(**fields)
    outcome = await desk.send(Verb.OPEN, KIND, report)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "book")
    return report


async def booked(desk: Desk, **fields: Any) -> Report:
    report = await opened(desk, **fields)
    assert (await desk.decide(KIND, report, "booked")).status_code == 200
    return report


async def started(desk: Desk) -> Report:
    report = await booked(desk)
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200
    return report


def standing(desk: Desk, report: Report) -> Outcome:
    return desk.outcomes[report.procedures[KIND]]


async def taken(desk: Desk) -> int:
    return len(await desk.rows("SELECT 1 FROM bookings WHERE released_at IS NULL"))


async def hold(desk: Desk, kind: str = "police", **target: Any) -> tuple[str, dict[str, Any]]:
    """A hold handed over; its id and the answer."""
    body = {"id": str(uuid4()), "kind": kind, "source_no": "P-1", "placed_at": NOW.isoformat(), **target}
    async with desk.http() as client:
        answer = await client.post("/internal/v1/holds", json=body)
    assert answer.status_code == 200, answer.text
    return body["id"], answer.json()


async def release(desk: Desk, hold_id: str, *, version: int = 2) -> dict[str, Any]:
    async with desk.http() as client:
        answer = await client.post(
            f"/internal/v1/holds/{hold_id}/release", json={"release_no": "R-1", "version": version}
        )
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def refresh(desk: Desk, report: Report) -> Outcome:
    """The procedure as the owner has it now."""
    async with desk.http() as client:
        body = (await client.get(f"/internal/v1/procedures/{report.procedures[KIND]}")).json()
    outcome = Outcome.model_validate(body["outcome"])
    desk.outcomes[outcome.procedure] = outcome
    return outcome


async def test_the_earliest_slot_is_booked_unless_one_is_named(desk: Desk) -> None:
    report = await booked(desk)
    assert standing(desk, report).step == "identify"
    assert standing(desk, report).result["slot"] == f"{COUNTY}-1@2026-11-22T09:00"
    other = await opened(desk)
    await desk.decide(KIND, other, "booked", data={"slot": f"{COUNTY}-2@2026-11-25T11:00"})
    assert standing(desk, other).result["starts_at"] == "2026-11-25T11:00:00+08:00"


async def test_not_before_is_heeded(desk: Desk) -> None:
    report = await opened(desk)
    await desk.decide(KIND, report, "booked", data={"not_before": "2026-11-24T13:30:00+08:00"})
    assert standing(desk, report).result["starts_at"] == "2026-11-24T14:00:00+08:00"


async def test_a_taken_slot_is_refused_and_nothing_changes(desk: Desk) -> None:
    first, second = await booked(desk), await opened(desk)
    answer = await desk.decide(KIND, second, "booked", data={"slot": standing(desk, first).result["slot"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert (await refresh(desk, second)).step == "book"
    assert await taken(desk) == 1


@pytest.mark.parametrize("slot", ["nonsense", f"{COUNTY}-1@2026-11-22T08:00", f"{COUNTY}-9@2026-11-23T08:00"])
async def test_a_slot_that_is_none_or_over_is_refused(desk: Desk, slot: str) -> None:
    report = await opened(desk)
    answer = await desk.decide(KIND, report, "booked", data={"slot": slot})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "/data/slot"


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


async def test_a_cremation_is_booked_started_and_finished(desk: Desk) -> None:
    report = await started(desk)
    assert standing(desk, report).step == "start"
    desk.pass_time(hours=1)
    await desk.decide(KIND, report, "finish")
    outcome = standing(desk, report)
    assert outcome.state is OwnerState.DONE
    assert outcome.result["cremated_at"] == "2026-11-22T10:00:00+08:00"
    (record,) = await desk.rows("SELECT * FROM cremation_records")
    assert (record.first_operator, record.second_operator, record.case_id) == ("A-01", "B-02", report.case)
    assert await taken(desk) == 0


@pytest.mark.parametrize(
    "operators", [["A-01"], ["A-01", "A-01"], ["A-01", "A-01 "], ["A-01", " "], ["A", "B", "C"]]
)
async def test_it_does_not_start_without_two_operators(desk: Desk, operators: list[str]) -> None:
    report = await booked(desk)
    answer = await desk.decide(KIND, report, "start", data={**OPERATORS, "operators": operators})
    assert answer.status_code == 422
    assert (await refresh(desk, report)).step == "identify"


async def test_it_does_not_start_when_the_identity_is_not_confirmed(desk: Desk) -> None:
    report = await booked(desk)
    answer = await desk.decide(KIND, report, "start", data={**OPERATORS, "identity_matches": False})
    assert answer.status_code == 422


async def test_a_reported_pacemaker_comes_out_first(desk: Desk) -> None:
    report = await booked(desk, **{"/deceased/pacemaker": True})
    task = standing(desk, report).task
    assert task is not None and task.facts["pacemaker"] is True
    refused = await desk.decide(KIND, report, "start", data=OPERATORS)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "/data/pacemaker_removed"
    allowed = await desk.decide(KIND, report, "start", data={**OPERATORS, "pacemaker_removed": True})
    assert allowed.status_code == 200


@pytest.mark.parametrize("target", ["case", "person"])
async def test_a_hold_pauses_and_forbids_the_start_until_it_is_released(desk: Desk, target: str) -> None:
    report = await booked(desk)
    where = {"case_id": str(report.case)} if target == "case" else {"person": str(report.subject)}
    hold_id, answer = await hold(desk, **where)
    assert answer["procedures"] == [str(report.procedures[KIND])] and answer["too_late"] == []
    held = await refresh(desk, report)
    assert (held.state, held.reason) == (OwnerState.PAUSED, "hold")
    refused = await desk.decide(KIND, report, "start", data=OPERATORS)
    assert (refused.status_code, refused.json()["code"]) == (409, "hold_stands")
    await release(desk, hold_id)
    free = await refresh(desk, report)
    assert (free.state, free.reason, free.step) == (OwnerState.OPEN, None, "identify")
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200


async def test_two_holds_have_to_be_released_both(desk: Desk) -> None:
    report = await booked(desk)
    first, _ = await hold(desk, case_id=str(report.case))
    second, _ = await hold(desk, "court", person=str(report.subject))
    await release(desk, first)
    assert (await refresh(desk, report)).state is OwnerState.PAUSED
    await release(desk, second)
    assert (await refresh(desk, report)).state is OwnerState.OPEN


async def test_a_hold_that_came_before_the_order_is_heeded(desk: Desk) -> None:
    report = death()
    await hold(desk, person=str(report.subject))
    outcome = await desk.send(Verb.OPEN, KIND, report)
    assert (outcome.state, outcome.reason) == (OwnerState.PAUSED, "hold")
    await desk.decide(KIND, report, "booked")
    assert (standing(desk, report).state, standing(desk, report).step) == (OwnerState.PAUSED, "identify")


async def test_an_infection_does_not_delay_a_cremation(desk: Desk) -> None:
    report = await booked(desk)
    await hold(desk, "infection", case_id=str(report.case))
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200


async def test_another_case_is_not_held(desk: Desk) -> None:
    report = await booked(desk)
    await hold(desk, case_id=str(uuid4()))
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200


async def test_a_hold_after_the_start_says_that_it_is_too_late(desk: Desk) -> None:
    report = await started(desk)
    _, answer = await hold(desk, case_id=str(report.case))
    assert answer["too_late"] == [str(report.procedures[KIND])]
    await refresh(desk, report)
    assert (await desk.decide(KIND, report, "finish")).status_code == 200


async def test_the_same_hold_and_release_twice_are_one(desk: Desk) -> None:
    report = await booked(desk)
    body = {
        "id": str(uuid4()), "kind": "police", "source_no": "P-1", "placed_at": NOW.isoformat(),
        "case_id": str(report.case),
    }  # fmt: skip
    async with desk.http() as client:
        for _ in range(2):
            assert (await client.post("/internal/v1/holds", json=body)).status_code == 200
        other = await client.post("/internal/v1/holds", json={**body, "kind": "court"})
    assert (other.status_code, other.json()["code"]) == (409, "hold_differs")
    for _ in range(2):
        assert (await release(desk, body["id"]))["standing"] is False
    assert (await refresh(desk, report)).state is OwnerState.OPEN


async def test_a_release_of_nothing_is_not_found(desk: Desk) -> None:
    async with desk.http() as client:
        answer = await client.post(
            f"/internal/v1/holds/{uuid4()}/release", json={"release_no": "R-1", "version": 2}
        )
    assert (answer.status_code, answer.json()["code"]) == (404, "hold_unknown")


async def test_a_withdrawal_before_the_start_frees_the_slot(desk: Desk) -> None:
    report = await booked(desk)
    slot = standing(desk, report).result["slot"]
    outcome = await desk.send(Verb.WITHDRAW, KIND, report)
    assert outcome.state is OwnerState.WITHDRAWN
    other = await opened(desk)
    assert (await desk.decide(KIND, other, "booked", data={"slot": slot})).status_code == 200


async def test_a_withdrawal_after_the_start_is_too_late(desk: Desk) -> None:
    report = await started(desk)
    outcome = await desk.send(Verb.WITHDRAW, KIND, report)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "start")
    assert outcome.too_late_at == NOW


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


async def test_rebooking_gives_the_old_slot_back(desk: Desk) -> None:
    report = await booked(desk)
    await desk.decide(KIND, report, "rebook")
    assert (standing(desk, report).step, await taken(desk)) == ("book", 0)
    await desk.decide(KIND, report, "booked", data={"slot": f"{COUNTY}-1@2026-11-24T08:00"})
    assert await taken(desk) == 1


async def test_a_correction_keeps_the_slot_and_tells_the_desk(desk: Desk) -> None:
    report = await booked(desk)
    slot = standing(desk, report).result["slot"]
    report.fields, report.version = {"/deceased/pacemaker": True}, 2
    outcome = await desk.send(Verb.CORRECT, KIND, report)
    assert (outcome.step, outcome.result["slot"]) == ("identify", slot)
    assert outcome.task is not None and outcome.task.facts["pacemaker"] is True


async def test_a_refused_cremation_is_reopened_by_a_correction(desk: Desk) -> None:
    report = await opened(desk)
    await desk.decide(KIND, report, "impossible", reason="没有条件")
    assert standing(desk, report).state is OwnerState.REFUSED
    report.version = 2
    assert (await desk.send(Verb.CORRECT, KIND, report)).step == "book"


async def test_an_undo_before_the_start_frees_the_slot(desk: Desk) -> None:
    report = await booked(desk)
    outcome = await desk.send(Verb.UNDO, KIND, report)
    assert (outcome.state, await taken(desk)) == (OwnerState.UNDONE, 0)


async def test_an_undo_during_the_cremation_waits_for_its_end(desk: Desk) -> None:
    report = await started(desk)
    waiting = await desk.send(Verb.UNDO, KIND, report)
    assert (waiting.state, waiting.step) == (OwnerState.UNDOING, "start")
    await desk.decide(KIND, report, "finish")
    outcome = standing(desk, report)
    assert (outcome.state, outcome.undo_kind, outcome.reason) == (
        OwnerState.DONE, UndoKind.NONE, "irreversible",
    )  # fmt: skip
    assert len(await desk.rows("SELECT 1 FROM cremation_records")) == 1


async def test_an_undo_after_the_cremation_leaves_a_note(desk: Desk) -> None:
    report = await started(desk)
    await desk.decide(KIND, report, "finish")
    outcome = await desk.send(Verb.UNDO, KIND, report)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.DONE, UndoKind.NONE)
    assert "cremated_at" in outcome.result


async def test_a_county_without_a_home_has_no_slot_to_book(desk: Desk) -> None:
    await desk.write("UPDATE cremators SET state = 'out_of_service'")
    report = await opened(desk)
    answer = await desk.decide(KIND, report, "booked")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_slot_free")


async def test_free_slots_are_listed_without_the_taken(desk: Desk) -> None:
    report = await booked(desk)
    async with desk.http() as client:
        items = (await client.get(f"/internal/v1/slots?region={COUNTY}&limit=5")).json()["items"]
    assert len(items) == 5
    assert standing(desk, report).result["slot"] not in [item["slot"] for item in items]
