"""Row 7: stored, buried, returned to nature, handed over; holds, unclaimed ashes, and what an undo can still do."""

import asyncio
from typing import Any

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from tests.funeral.cremations import death, hold, release
from tests.funeral.rows import ASHES, TRANSPORT, cremated, done, fault, newest, now, open_row, refusal
from tests.owner_desk import Desk, Report

CHECKED = {"identity_checked": True}


async def arranged(desk: Desk, kind: str = "store", report: Report | None = None, **data: Any) -> Report:
    report = await open_row(desk, ASHES, report)
    await done(desk, ASHES, report, "arranged", data={"kind": kind, **data})
    return report


async def standing(desk: Desk) -> int:
    return len(await desk.rows("SELECT 1 FROM placements WHERE released_at IS NULL AND place IS NOT NULL"))


@pytest.mark.parametrize(
    ("data", "result"),
    [
        ({"kind": "store"}, {"place": "示范骨灰楼 331022-store-0001"}),
        ({"kind": "cemetery", "place": "示范公墓"}, {"place": "示范公墓 331022-cemetery-0001"}),
        (
            {"kind": "eco_burial", "eco_kind": "tree"},
            {"eco_kind": "tree", "place": "示范生态园 331022-tree-0001"},
        ),
        ({"kind": "eco_burial", "eco_kind": "sea"}, {"eco_kind": "sea"}),
        ({"kind": "family"}, {}),
    ],
)
async def test_each_way_ends_with_the_ashes_where_they_shall_rest(
    desk: Desk, data: dict[str, str], result: dict[str, str]
) -> None:
    report = await open_row(desk, ASHES, await cremated(desk))
    await done(desk, ASHES, report, "arranged", data=data)
    outcome = await done(desk, ASHES, report, "handed_over", data=CHECKED)
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {"kind": data["kind"], "handed_over_on": "2026-11-22", **result}


async def test_the_kind_of_eco_burial_may_stand_in_the_wish(desk: Desk) -> None:
    report = await open_row(desk, ASHES, **{"/wishes/eco_kind": "flower"})
    assert (await done(desk, ASHES, report, "arranged", data={"kind": "eco_burial"})).result[
        "eco_kind"
    ] == "flower"
    nothing_said = await open_row(desk, ASHES)
    answer = await desk.decide(ASHES, nothing_said, "arranged", data={"kind": "eco_burial"})
    assert fault(answer) == (422, "required", "/data/eco_kind")


async def test_of_ten_who_want_one_niche_one_gets_it(desk: Desk) -> None:
    reports = [await open_row(desk, ASHES) for _ in range(10)]
    wish = {"kind": "store", "place": "331022-store-0001"}
    answers = await asyncio.gather(*(desk.decide(ASHES, report, "arranged", data=wish) for report in reports))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert await standing(desk) == 1


async def test_ten_at_once_get_ten_niches(desk: Desk) -> None:
    reports = [await open_row(desk, ASHES) for _ in range(10)]
    await asyncio.gather(*(desk.decide(ASHES, each, "arranged", data={"kind": "store"}) for each in reports))
    assert len({now(desk, ASHES, report).result["place"] for report in reports}) == 10


async def test_the_database_itself_gives_no_place_twice(desk: Desk) -> None:
    await arranged(desk)
    with pytest.raises(Exception, match="uq_placements_place"):
        await desk.write(
            """INSERT INTO placements (id, procedure, case_id, kind, place, arranged_at)
               SELECT gen_random_uuid(), gen_random_uuid(), case_id, kind, place, arranged_at FROM placements"""
        )


async def test_when_nothing_is_free_it_says_so(desk: Desk) -> None:
    await desk.write("UPDATE places SET state = 'out_of_use' WHERE kind = 'store'")
    report = await open_row(desk, ASHES)
    assert refusal(await desk.decide(ASHES, report, "arranged", data={"kind": "store"})) == (
        409,
        "place_taken",
    )


async def test_a_place_that_is_no_lawful_site_is_refused(desk: Desk) -> None:
    report = await open_row(desk, ASHES)
    answer = await desk.decide(ASHES, report, "arranged", data={"kind": "cemetery", "place": "后山"})
    assert fault(answer) == (422, "place_unknown", "/data/place")


async def test_no_plot_is_given_without_a_proof_of_death(desk: Desk) -> None:
    report = await open_row(desk, ASHES, death(evidence=()))
    answer = await desk.decide(ASHES, report, "arranged", data={"kind": "cemetery"})
    assert refusal(answer) == (409, "no_proof_for_burial")


async def test_where_it_is_lawful_a_body_is_buried_and_leaves_the_home(desk: Desk) -> None:
    report = await open_row(desk, TRANSPORT)
    await done(desk, TRANSPORT, report, "collected")
    await open_row(desk, ASHES, report)
    answer = await desk.decide(ASHES, report, "arranged", data={"kind": "burial"})
    assert fault(answer) == (422, "required", "/data/lawful_ground")
    data = {"kind": "burial", "lawful_ground": "burial_area"}
    await done(desk, ASHES, report, "arranged", data=data)
    outcome = await done(desk, ASHES, report, "handed_over", data=CHECKED)
    assert outcome.result["place"] == "示范依法土葬区 331022-burial-0001"
    (body,) = await desk.rows("SELECT left_to, left_at FROM bodies")
    assert body.left_to == "burial" and body.left_at is not None


async def test_a_custom_that_the_law_respects_is_ground_enough(desk: Desk) -> None:
    report = await open_row(desk, ASHES, **{"/deceased/ethnic_custom": "回族"})
    assert (await done(desk, ASHES, report, "arranged", data={"kind": "burial"})).step == "handover"


async def test_whoever_was_cremated_is_not_buried_as_a_body(desk: Desk) -> None:
    report = await open_row(desk, ASHES, await cremated(desk))
    data = {"kind": "burial", "lawful_ground": "burial_area"}
    assert fault(await desk.decide(ASHES, report, "arranged", data=data))[1] == "cremated"


async def test_ashes_go_to_the_named_collector_or_with_his_authority(desk: Desk) -> None:
    report = await arranged(desk, "family")
    stranger = {**CHECKED, "collected_by": "other"}
    assert refusal(await desk.decide(ASHES, report, "handed_over", data=stranger)) == (
        409, "collector_not_entitled",
    )  # fmt: skip
    agent = {**stranger, "authorised": True}
    assert (await done(desk, ASHES, report, "handed_over", data=agent)).state is OwnerState.DONE


async def test_an_unchecked_identity_hands_nothing_over(desk: Desk) -> None:
    report = await arranged(desk, "family")
    answer = await desk.decide(ASHES, report, "handed_over", data={"identity_checked": False})
    assert answer.status_code == 422


async def test_ashes_in_dispute_are_not_handed_over_until_it_is_released(desk: Desk) -> None:
    report = await arranged(desk, "family")
    held, _ = await hold(desk, "relatives_dispute", case_id=str(report.case))
    assert (await newest(desk, ASHES, report)).state is OwnerState.PAUSED
    assert refusal(await desk.decide(ASHES, report, "handed_over", data=CHECKED)) == (409, "hold_stands")
    await release(desk, held)
    assert (await newest(desk, ASHES, report)).state is OwnerState.OPEN
    assert (await done(desk, ASHES, report, "handed_over", data=CHECKED)).state is OwnerState.DONE


async def test_in_dispute_the_point_of_no_return_is_not_entered(desk: Desk) -> None:
    report = await open_row(desk, ASHES)
    await hold(desk, "court", person=str(report.subject))
    await newest(desk, ASHES, report)
    assert (await desk.decide(ASHES, report, "arranged", data={"kind": "store"})).status_code == 409
    assert await standing(desk) == 0


async def test_a_hold_the_row_does_not_name_changes_nothing(desk: Desk) -> None:
    report = await open_row(desk, ASHES)
    _, answer = await hold(desk, "police", case_id=str(report.case))
    assert answer["procedures"] == []
    assert (await desk.decide(ASHES, report, "arranged", data={"kind": "store"})).status_code == 200


async def test_ashes_that_nobody_comes_for_are_announced_and_then_stored(desk: Desk) -> None:
    report = await arranged(desk, "family")
    desk.pass_time(days=1)
    notice = await done(desk, ASHES, report, "unclaimed", reason="三次联系无人来领")
    assert (notice.step, notice.result) == ("notice", {"noticed_on": "2026-11-23"})
    assert notice.task is not None and notice.task.due_at is not None
    desk.pass_time(days=61)
    kept = await done(desk, ASHES, report, "stored_unclaimed", reason="公告期满")
    assert (kept.state, kept.result["unclaimed"], kept.result["kind"]) == (OwnerState.DONE, True, "store")
    assert await standing(desk) == 1


async def test_a_family_that_comes_after_the_notice_arranges_anew(desk: Desk) -> None:
    report = await open_row(desk, ASHES)
    await done(desk, ASHES, report, "unclaimed", reason="联系不上")
    assert (await done(desk, ASHES, report, "claimed")).step == "arrange"


async def test_before_it_is_arranged_it_may_be_withdrawn_and_afterwards_not(desk: Desk) -> None:
    report = await open_row(desk, ASHES)
    assert (await desk.send(Verb.WITHDRAW, ASHES, report)).state is OwnerState.WITHDRAWN
    other = await arranged(desk)
    assert (await desk.send(Verb.WITHDRAW, ASHES, other)).too_late_at is not None
    assert await standing(desk) == 1


async def test_an_undo_of_stored_ashes_frees_the_niche(desk: Desk) -> None:
    report = await arranged(desk)
    await done(desk, ASHES, report, "handed_over", data=CHECKED)
    outcome = await desk.send(Verb.UNDO, ASHES, report)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert await standing(desk) == 0


@pytest.mark.parametrize(
    ("word", "state", "kind"),
    [("fetched", OwnerState.UNDONE, UndoKind.RESTORE), ("impossible", OwnerState.DONE, UndoKind.NONE)],
)
async def test_ashes_out_of_our_hands_are_fetched_back_by_a_person(
    desk: Desk, word: str, state: OwnerState, kind: UndoKind
) -> None:
    report = await arranged(desk, "family")
    await done(desk, ASHES, report, "handed_over", data=CHECKED)
    waiting = await desk.send(Verb.UNDO, ASHES, report)
    assert (waiting.state, waiting.step) == (OwnerState.UNDOING, "fetch_back")
    outcome = await done(desk, ASHES, report, word, reason="已与家属联系")
    assert (outcome.state, outcome.undo_kind) == (state, kind)
