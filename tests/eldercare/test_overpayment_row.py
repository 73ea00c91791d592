"""`eldercare.overpayment` (row 9d) at the desk: found, proposed, signed, and a letter after the quiet period."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from casework.deadlines import run_due
from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from tests.eldercare.test_payments import balance, grant, pay
from tests.owner_desk import Desk, Report

STOP, ROW = "eldercare.stop_benefits", "eldercare.overpayment"


async def overpaid(desk: Desk, died_at: datetime = datetime(2026, 10, 20, 8, tzinfo=TZ)) -> Report:
    """Paid from September through December; the row is open."""
    person = uuid4()
    await grant(desk, person, granted_on="2026-09-01", period_months=6)
    await pay(desk, "2026-09")
    report = Report(person, died_at, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    await desk.send(Verb.OPEN, ROW, report)
    return report


def said(desk: Desk, report: Report) -> Outcome:
    return desk.outcomes[report.procedures[ROW]]


async def decide(desk: Desk, report: Report, decision: str, **data: Any) -> Outcome:
    answer = await desk.decide(ROW, report, decision, reason="去世后两个月", data=data)
    assert answer.status_code == 200, answer.text
    return said(desk, report)


async def record(desk: Desk, report: Report) -> Any:
    (row,) = await desk.rows("SELECT * FROM overpayments WHERE person = :p", p=report.subject)
    return row


async def run_clock(desk: Desk) -> int:
    async with desk.service.transactions.begin() as tx:
        fired = await run_due(tx, office=desk.office, now=desk.clock.now())
    for each in fired.reports:
        desk.outcomes |= {outcome.procedure: outcome for outcome in each.outcomes}
    return fired.count


async def signed(desk: Desk, report: Report) -> Outcome:
    await decide(desk, report, "propose", way="instalments")
    return await decide(desk, report, "recover", instalments=4)


async def test_nothing_overpaid_the_row_does_not_apply(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, granted_on="2026-11-01")
    await pay(desk, "2026-11")
    report = Report(person, desk.clock.now(), confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.OPEN, ROW, report)
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "paid_after_death")


async def test_the_township_sees_holdings_months_and_fen_and_the_public_nothing(desk: Desk) -> None:
    report = await overpaid(desk)
    outcome = said(desk, report)
    assert outcome.task is not None
    assert (outcome.state, outcome.result, outcome.task.role) == (OwnerState.OPEN, {}, "township_officer")
    (line,) = outcome.task.facts["overpaid"]
    assert (line["months"], line["overpaid_fen"]) == (["2026-11", "2026-12"], 10_000)
    assert outcome.task.facts["no_letter_before"] == "2026-12-09"


async def test_a_signed_recovery_is_told_when_the_quiet_period_is_over_and_not_before(desk: Desk) -> None:
    report = await overpaid(desk)
    outcome = await signed(desk, report)
    assert (outcome.state, outcome.step, outcome.task, outcome.result) == (OwnerState.OPEN, "quiet", None, {})
    assert ((await record(desk, report)).state, (await record(desk, report)).instalments) == ("decided", 4)
    desk.pass_time(days=16)  # 8 December, the forty-ninth day
    assert await run_clock(desk) == 0
    desk.pass_time(days=1)
    assert await run_clock(desk) == 1
    outcome = said(desk, report)
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {
        "decision": "recover", "overpaid_fen": 10_000, "instalments": 4, "letter_from": "2026-12-09",
    }  # fmt: skip
    assert (await record(desk, report)).state == "notified"


async def test_signed_long_after_the_death_it_is_told_at_once(desk: Desk) -> None:
    report = await overpaid(desk, datetime(2026, 9, 20, 8, tzinfo=TZ))
    outcome = await signed(desk, report)
    assert (outcome.state, outcome.result["letter_from"]) == (OwnerState.DONE, "2026-11-22")
    assert (await record(desk, report)).state == "notified"


async def test_a_waiver_ends_it_at_the_funds_cost(desk: Desk) -> None:
    report = await overpaid(desk)
    await decide(desk, report, "propose", way="waive")
    outcome = await decide(desk, report, "waive")
    assert (outcome.state, outcome.result) == (OwnerState.DONE, {"decision": "waive"})
    assert (await record(desk, report)).state == "settled"
    assert await balance(desk, "allowance_recoverable") == 0


async def test_the_county_may_send_it_back(desk: Desk) -> None:
    report = await overpaid(desk)
    await decide(desk, report, "propose", way="whole")
    outcome = await decide(desk, report, "examine_again")
    assert (outcome.step, (await record(desk, report)).state) == ("examine", "found")


async def test_a_proposal_needs_a_reason_and_another_role_is_refused(desk: Desk) -> None:
    report = await overpaid(desk)
    answer = await desk.decide(ROW, report, "propose", data={"way": "whole"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "/reason")
    answer = await desk.decide(ROW, report, "propose", data={"way": "whole"}, reason="r", role="finance")
    assert answer.status_code == 403


async def test_while_the_row_runs_the_record_is_decided_nowhere_else(desk: Desk) -> None:
    report = await overpaid(desk)
    found = await record(desk, report)
    body = {
        "version": found.version, "acted_by": "t", "role": "township_officer", "region": "331022",
        "acted_at": desk.clock.now().isoformat(), "decision": "waive", "reason": "r",
    }  # fmt: skip
    async with desk.http() as client:
        answer = await client.post(f"/internal/v1/care/overpayments/{found.id}/propose", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "decided_at_the_desk")


@pytest.mark.parametrize("together", [True, False])
async def test_a_corrected_date_puts_it_to_people_again(desk: Desk, together: bool) -> None:
    report = await overpaid(desk)
    await signed(desk, report)
    report.died_at, report.version = datetime(2026, 11, 2, 8, tzinfo=TZ), 2
    if together:
        await desk.send_many([(Verb.CORRECT, STOP, report), (Verb.CORRECT, ROW, report)])
    else:
        for kind in (STOP, ROW):
            await desk.send(Verb.CORRECT, kind, report)
    outcome = said(desk, report)
    assert outcome.task is not None
    assert (outcome.state, outcome.step, outcome.task.facts["overpaid"][0]["months"]) == (
        OwnerState.OPEN, "examine", ["2026-12"],
    )  # fmt: skip
    found = await record(desk, report)
    assert (found.state, found.amount_fen, found.decided_by) == ("found", 5_000, None)


async def test_a_corrected_hour_keeps_the_decision_and_moves_the_quiet_period_only(desk: Desk) -> None:
    report = await overpaid(desk)
    await signed(desk, report)
    report.died_at, report.version = datetime(2026, 10, 25, 8, tzinfo=TZ), 2
    for kind in (STOP, ROW):
        await desk.send(Verb.CORRECT, kind, report)
    assert (said(desk, report).step, (await record(desk, report)).state) == ("quiet", "decided")
    assert (await record(desk, report)).letter_from == date(2026, 12, 14)
    desk.pass_time(days=21)
    assert await run_clock(desk) == 0
    desk.pass_time(days=1)
    assert await run_clock(desk) == 1


async def test_a_date_that_leaves_nothing_overpaid_makes_it_needless(desk: Desk) -> None:
    report = await overpaid(desk)
    await signed(desk, report)
    report.died_at, report.version = datetime(2026, 12, 1, 8, tzinfo=TZ), 2
    desk.pass_time(days=20)
    for kind in (STOP, ROW):
        await desk.send(Verb.CORRECT, kind, report)
    assert said(desk, report).state is OwnerState.UNDONE
    assert (await record(desk, report)).state == "cancelled"


async def test_who_lives_after_all_owes_nothing(desk: Desk) -> None:
    report = await overpaid(desk)
    await signed(desk, report)
    outcomes = await desk.send_many([(Verb.UNDO, STOP, report), (Verb.UNDO, ROW, report)])
    assert [outcome.state for outcome in outcomes] == ["undone", "undone"]
    assert (outcomes[1].undo_kind, outcomes[1].result) == (UndoKind.ANNOTATE, {})
    assert (await record(desk, report)).state == "cancelled"
    assert await balance(desk, "allowance_recoverable") == 0
    desk.pass_time(days=60)
    assert await run_clock(desk) == 0


async def test_it_is_not_withdrawn(desk: Desk) -> None:
    report = await overpaid(desk)
    outcome = await desk.send(Verb.WITHDRAW, ROW, report)
    assert (outcome.state, outcome.too_late_at) == (OwnerState.OPEN, desk.clock.now())


async def test_time_passes_over_a_record_that_was_repaid_in_full(desk: Desk) -> None:
    report = await overpaid(desk)
    await signed(desk, report)
    found = await record(desk, report)
    body = {
        "version": found.version, "acted_by": "f", "role": "finance", "region": "331022", "amount_fen": 10_000,
        "acted_at": desk.clock.now().isoformat(), "received_on": "2026-11-22", "reference": "B-1",
    }  # fmt: skip
    async with desk.http() as client:
        answer = await client.post(f"/internal/v1/care/overpayments/{found.id}/repayments", json=body)
    assert answer.json()["state"] == "settled"
    desk.pass_time(days=17)
    assert await run_clock(desk) == 1
    assert (said(desk, report).state, (await record(desk, report)).state) == ("done", "settled")
