"""Row 3: collected, tagged, kept, released; what a hold and a withdrawal do to it."""

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from tests.funeral.cremations import KIND, OPERATORS, death, hold, release
from tests.funeral.rows import TRANSPORT, done, fault, newest, now, open_row, refusal
from tests.owner_desk import COUNTY, Desk, Report

TAG = f"{COUNTY}-T2026-00001"


async def kept(desk: Desk, report: Report | None = None) -> Report:
    report = await open_row(desk, TRANSPORT, report)
    await done(desk, TRANSPORT, report, "collected")
    return report


async def test_a_body_is_collected_kept_and_released_and_every_day_is_counted(desk: Desk) -> None:
    report = await kept(desk)
    assert now(desk, TRANSPORT, report).result["body_tag"] == TAG
    task = now(desk, TRANSPORT, report).task
    assert task is not None and task.facts["body_tag"] == TAG
    desk.pass_time(days=5)
    await done(desk, TRANSPORT, report, "release")
    outcome = await done(desk, TRANSPORT, report, "released", data={"to": "family"})
    assert outcome.state is OwnerState.DONE
    wanted = {
        "kept_days": 5,
        "held_days": 0,
        "charged_days": 5,
        "keeping_fen": 40000,
        "released_to": "family",
    }
    assert wanted.items() <= outcome.result.items()


async def test_days_under_a_hold_are_kept_and_not_charged(desk: Desk) -> None:
    report = await kept(desk)
    desk.pass_time(days=2)
    async with desk.http() as client:
        placed = {"id": str(report.case), "kind": "court", "source_no": "C-1",
                  "placed_at": desk.clock.now().isoformat(), "case_id": str(report.case)}  # fmt: skip
        assert (await client.post("/internal/v1/holds", json=placed)).status_code == 200
    await newest(desk, TRANSPORT, report)
    assert now(desk, TRANSPORT, report).state is OwnerState.PAUSED
    desk.pass_time(days=2)
    await release(desk, str(report.case))
    await newest(desk, TRANSPORT, report)
    desk.pass_time(days=1)
    await done(desk, TRANSPORT, report, "release")
    outcome = await done(desk, TRANSPORT, report, "released", data={"to": "cremation"})
    assert (outcome.result["kept_days"], outcome.result["held_days"]) == (5, 3)
    assert outcome.result["keeping_fen"] == 2 * 8000


async def test_a_hold_forbids_the_release_to_another_home(desk: Desk) -> None:
    report = await kept(desk)
    await done(desk, TRANSPORT, report, "release")
    await hold(desk, "police", case_id=str(report.case))
    await newest(desk, TRANSPORT, report)
    answer = await desk.decide(TRANSPORT, report, "released", data={"to": "other_home"})
    assert refusal(answer) == (409, "hold_stands")
    assert answer.json()["errors"][0]["code"] == "hold_police"


async def test_two_bodies_never_have_one_tag(desk: Desk) -> None:
    first, second = await kept(desk), await kept(desk)
    tags = [now(desk, TRANSPORT, report).result["body_tag"] for report in (first, second)]
    assert tags == [TAG, f"{COUNTY}-T2026-00002"]
    third = await open_row(desk, TRANSPORT)
    answer = await desk.decide(TRANSPORT, third, "collected", data={"body_tag": TAG})
    assert refusal(answer) == (409, "tag_taken")
    own = await done(desk, TRANSPORT, third, "collected", data={"body_tag": "B-77"})
    assert own.result["body_tag"] == "B-77"


async def test_before_the_collection_it_is_withdrawn(desk: Desk) -> None:
    report = await open_row(desk, TRANSPORT)
    assert (await desk.send(Verb.WITHDRAW, TRANSPORT, report)).state is OwnerState.WITHDRAWN


async def test_a_family_that_withdraws_while_the_body_is_kept_takes_it_elsewhere(desk: Desk) -> None:
    report = await kept(desk)
    outcome = await desk.send(Verb.WITHDRAW, TRANSPORT, report)
    assert (outcome.state, outcome.step, outcome.reason) == (OwnerState.OPEN, "release", "withdrawn")
    ended = await done(desk, TRANSPORT, report, "released", data={"to": "other_home"})
    assert ended.state is OwnerState.DONE


async def test_an_undo_while_the_body_is_kept_waits_until_a_person_has_released_it(desk: Desk) -> None:
    report = await kept(desk)
    assert (await desk.send(Verb.UNDO, TRANSPORT, report)).state is OwnerState.UNDOING
    outcome = await done(desk, TRANSPORT, report, "released", data={"to": "other_home"})
    assert (outcome.state, outcome.undo_kind) == (OwnerState.DONE, UndoKind.NONE)


async def test_a_body_that_left_is_not_cremated_here(desk: Desk) -> None:
    report = await kept(desk)
    await open_row(desk, KIND, report)
    await done(desk, KIND, report, "booked")
    await done(desk, TRANSPORT, report, "release")
    await done(desk, TRANSPORT, report, "released", data={"to": "other_home"})
    answer = await desk.decide(KIND, report, "start", data=OPERATORS)
    assert refusal(answer) == (409, "not_cleared")
    assert answer.json()["missing"] == ["body_gone"]


async def test_the_tag_of_the_collection_is_the_one_of_the_cremation(desk: Desk) -> None:
    report = await kept(desk)
    await open_row(desk, KIND, report)
    assert (await done(desk, KIND, report, "booked")).result["body_tag"] == TAG


async def test_a_body_kept_in_one_home_is_cremated_in_that_home(desk_of_two_homes: Desk) -> None:
    desk = desk_of_two_homes
    report = await open_row(desk, TRANSPORT)
    await done(desk, TRANSPORT, report, "collected", data={"home": f"{COUNTY}-2"})
    await open_row(desk, KIND, report)
    elsewhere = await desk.decide(KIND, report, "booked", data={"slot": f"{COUNTY}-1@2026-11-23T10:00"})
    assert refusal(elsewhere) == (409, "slot_elsewhere")
    booked = await done(desk, KIND, report, "booked")
    assert booked.result["slot"].startswith(f"{COUNTY}-2-1@")


async def test_a_body_collected_into_another_home_than_the_booked_one_is_not_cleared(
    desk_of_two_homes: Desk,
) -> None:
    desk = desk_of_two_homes
    report = await open_row(desk, KIND)
    await done(desk, KIND, report, "booked", data={"slot": f"{COUNTY}-1@2026-11-23T10:00"})
    await open_row(desk, TRANSPORT, report)
    await done(desk, TRANSPORT, report, "collected", data={"home": f"{COUNTY}-2"})
    answer = await desk.decide(KIND, report, "start", data=OPERATORS)
    assert answer.json()["missing"] == ["body_elsewhere"]
    await done(desk, KIND, report, "rebook")
    await done(desk, KIND, report, "booked")
    assert (await done(desk, KIND, report, "start", data=OPERATORS)).step == "start"


async def test_a_home_that_the_county_does_not_have_is_refused(desk: Desk) -> None:
    report = await open_row(desk, TRANSPORT)
    answer = await desk.decide(TRANSPORT, report, "collected", data={"home": "邻县"})
    assert fault(answer) == (422, "home_unknown", "/data/home")


async def test_without_a_home_no_tag_is_given(desk_without_homes: Desk) -> None:
    report = await open_row(desk_without_homes, TRANSPORT)
    answer = await desk_without_homes.decide(TRANSPORT, report, "collected")
    assert refusal(answer) == (409, "no_home")


@pytest.mark.parametrize("evidence", [(), None])
async def test_a_body_may_be_collected_before_the_paper(desk: Desk, evidence: tuple[()] | None) -> None:
    report = death(confirmed=False, evidence=()) if evidence == () else death()
    await open_row(desk, TRANSPORT, report)
    assert (await done(desk, TRANSPORT, report, "collected")).step == "keep"
