"""Cremation on a real database: slots, the point of no return, and every verb."""

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from tests.funeral.cremations import (
    KIND,
    OPERATORS,
    booked,
    opened,
    refresh,
    standing,
    started,
    taken,
)
from tests.owner_desk import COUNTY, NOW, Desk


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


@pytest.mark.parametrize("wish", ["2026-11-24T23:59:60Z", "9999-12-31T10:00:00+08:00"])
async def test_an_instant_that_no_home_can_plan_is_refused(desk: Desk, wish: str) -> None:
    report = await opened(desk)
    answer = await desk.decide(KIND, report, "booked", data={"not_before": wish})
    assert answer.status_code == 422


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
