"""What the start of a cremation asks of the database, and what it answers when something lacks."""

import pytest

from contracts.orders import Evidence, Verb
from tests.funeral.cremations import CERTIFICATE, KIND, OPERATORS, death, hold, refresh, release
from tests.funeral.rows import done, fault, open_row, refusal
from tests.owner_desk import COUNTY, Desk, Report

ABNORMAL = Evidence(type="police.abnormal_death_proof", version=1)


async def booked(desk: Desk, report: Report) -> Report:
    await open_row(desk, KIND, report)
    await done(desk, KIND, report, "booked")
    return report


async def start(desk: Desk, report: Report, **data: object) -> object:
    return await desk.decide(KIND, report, "start", data={**OPERATORS, **data})


async def test_the_record_keeps_what_the_start_was_cleared_on(desk: Desk) -> None:
    report = await booked(desk, death())
    await start(desk, report)
    await done(desk, KIND, report, "finish")
    (record,) = await desk.rows("SELECT body_tag, proof FROM cremation_records")
    assert (record.body_tag, record.proof) == (f"{COUNTY}-T2026-00001", "health.death_certificate 1")


@pytest.mark.parametrize(
    ("report", "missing"),
    [
        (death(evidence=()), ["no_proof"]),
        (death(confirmed=False), ["not_confirmed"]),
        (death(evidence=(ABNORMAL.model_copy(update={"released": False}),)), ["police_not_released"]),
    ],
    ids=["no proof", "not confirmed", "the police keep the body"],
)
async def test_without_it_nothing_starts_and_the_answer_says_what_to_do(
    desk: Desk, report: Report, missing: list[str]
) -> None:
    await booked(desk, report)
    answer = await start(desk, report)
    assert (refusal(answer), answer.json()["missing"]) == ((409, "not_cleared"), missing)
    assert [error["code"] for error in answer.json()["errors"]] == missing
    assert all(error["how"] for error in answer.json()["errors"])
    assert await desk.rows("SELECT 1 FROM bookings WHERE started_at IS NOT NULL") == []


async def test_the_police_release_of_an_abnormal_death_is_enough(desk: Desk) -> None:
    report = await booked(desk, death(evidence=(ABNORMAL,)))
    assert (await start(desk, report)).status_code == 200


async def test_a_hold_that_the_police_release_sets_the_body_free(desk: Desk) -> None:
    report = await booked(desk, death(evidence=(ABNORMAL.model_copy(update={"released": False}),)))
    held, _ = await hold(desk, case_id=str(report.case))
    await refresh(desk, report)
    answer = await start(desk, report)
    assert refusal(answer) == (409, "hold_stands")
    assert [error["code"] for error in answer.json()["errors"]] == ["hold_police", "police_not_released"]
    await release(desk, held)
    await refresh(desk, report)
    assert (await start(desk, report)).status_code == 200


async def test_a_proof_that_is_gone_takes_the_clearance_with_it(desk: Desk) -> None:
    report = await booked(desk, death())
    report.evidence = ()
    outcome = await desk.send(Verb.CORRECT, KIND, report)
    assert outcome.task is not None and outcome.task.facts["proof"] == ""
    assert (await start(desk, report)).json()["missing"] == ["no_proof"]


async def test_a_newer_proof_that_the_desk_has_not_seen_stops_the_start(desk: Desk) -> None:
    report = await booked(desk, death())
    report.evidence = (CERTIFICATE.model_copy(update={"version": 2}),)
    # Another row's order brings it; this row's own correction is still on its way.
    await desk.send(Verb.OPEN, "funeral.farewell", report)
    assert (await start(desk, report)).json()["missing"] == ["proof_newer"]
    await desk.send(Verb.CORRECT, KIND, report)
    assert (await start(desk, report)).status_code == 200


async def test_the_tag_on_the_body_must_be_the_one_of_the_case(desk: Desk) -> None:
    report = await booked(desk, death())
    wrong = await start(desk, report, body_tag="331022-T2026-09999")
    assert fault(wrong) == (422, "body_tag_differs", "/data/body_tag")
    assert (await start(desk, report, body_tag=f"{COUNTY}-T2026-00001")).status_code == 200


async def test_a_tag_of_another_person_stops_the_start(desk: Desk) -> None:
    report = await booked(desk, death())
    await desk.write("UPDATE bodies SET subject = gen_random_uuid()")
    assert (await start(desk, report)).json()["missing"] == ["other_person"]


async def test_a_withdrawn_cremation_expects_no_body_any_more(desk: Desk) -> None:
    report = await booked(desk, death())
    await desk.send(Verb.WITHDRAW, KIND, report)
    (body,) = await desk.rows("SELECT left_to FROM bodies")
    assert body.left_to == "not_brought"


async def test_holds_enter_and_stop_the_start_though_no_message_arrives(desk: Desk) -> None:
    report = await booked(desk, death())
    await hold(desk, "relatives_dispute", person=str(report.subject))
    await refresh(desk, report)
    answer = await start(desk, report)
    assert answer.json()["errors"][0]["code"] == "hold_relatives_dispute"
    assert await desk.rows("SELECT 1 FROM mail") == []
