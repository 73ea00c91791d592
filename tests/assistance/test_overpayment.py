"""Money paid for months after a death: found, proposed, signed, told after the quiet period, given back (R24, R95)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from casework.deadlines import next_check, run_due
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.assistance.commands.releases import release
from tests.assistance.sight import OVERPAYMENT, STOP, Households, booked, died
from tests.owner_desk import NOW, Desk, Report

LONG_AGO, LATELY = 70, 35  # 13 September: October and November were paid; 18 October: November was


async def found(desk: Desk, households: Households, *, days_ago: int) -> Report:
    """A death that became known late, its benefits stopped, the overpayment open at the township."""
    report = died(households["tekun_alone"].persons[0], days_ago=days_ago, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    await desk.send(Verb.OPEN, OVERPAYMENT, report)
    return report


async def signed(desk: Desk, report: Report, decision: str, **more: Any) -> httpx.Response:
    proposed = await desk.decide(
        OVERPAYMENT, report, "propose", data={"way": "instalments"}, reason="家属已领取"
    )
    assert proposed.status_code == 200, proposed.text
    answer = await desk.decide(OVERPAYMENT, report, decision, reason="依法处理", **more)
    assert answer.status_code == 200, answer.text
    return answer


async def record(desk: Desk, person: UUID) -> dict[str, Any]:
    """The one record about a person, as the internal API shows it."""
    async with desk.http() as client:
        answer = await client.get(f"/internal/v1/money/people/{person}/overpayments")
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["items"]
    return one


async def move(desk: Desk, overpayment: str, amount_fen: int, *, id: UUID | None = None) -> httpx.Response:
    body = {"id": str(id or uuid4()), "amount_fen": amount_fen, "moved_on": "2026-11-22"}
    async with desk.http() as client:
        return await client.post(f"/internal/v1/money/overpayments/{overpayment}/movements", json=body)


async def test_the_stop_leaves_a_record_with_months_amount_and_legal_basis(
    desk: Desk, households: Households
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    one, amount = await record(desk, report.subject), households["tekun_alone"].holdings[0].amount_fen
    assert (one["state"], one["amount_fen"], one["letter_from"]) == ("found", 2 * amount, None)
    assert one["months"] == ["2026-10", "2026-11"]
    assert "民法典" in one["legal_basis"]


async def test_nothing_is_public_while_people_still_decide(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LATELY)
    opened = desk.outcomes[report.procedures[OVERPAYMENT]]
    assert (opened.state, opened.result) == (OwnerState.OPEN, {})
    assert opened.task is not None
    assert opened.task.role == "township_officer"
    assert opened.task.facts["overpaid"][0]["months"] == ["2026-11"]
    await desk.decide(OVERPAYMENT, report, "propose", data={"way": "whole"}, reason="已核对")
    proposed = desk.outcomes[report.procedures[OVERPAYMENT]]
    assert proposed.task is not None
    assert (proposed.result, proposed.task.role) == ({}, "county_supervisor")
    assert (await record(desk, report.subject))["state"] == "proposed"


async def test_a_signature_within_the_quiet_period_is_told_when_it_is_over(
    desk: Desk, households: Households
) -> None:
    report = await found(desk, households, days_ago=LATELY)
    await signed(desk, report, "recover", data={"instalments": 3})
    waiting = desk.outcomes[report.procedures[OVERPAYMENT]]
    assert (waiting.state, waiting.step, waiting.result, waiting.reason) == (
        OwnerState.OPEN,
        "quiet",
        {},
        None,
    )
    over = datetime(2026, 12, 7, tzinfo=TZ)  # 49 whole days after 18 October
    async with desk.service.transactions.begin() as tx:
        assert await next_check(tx) == over
        fired = await run_due(tx, office=desk.office, now=over)
    ended = fired.reports[0].outcomes[0]
    amount = households["tekun_alone"].holdings[0].amount_fen
    assert (ended.state, ended.at, ended.reason) == (OwnerState.DONE, over, "依法处理")
    assert ended.result == {
        "decision": "recover", "overpaid_fen": amount, "instalments": 3, "letter_from": "2026-12-07",
    }  # fmt: skip
    assert (await record(desk, report.subject))["state"] == "decided"


async def test_a_signature_after_the_quiet_period_is_told_at_once(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    answer = await signed(desk, report, "recover", data={"instalments": 1})
    outcome = answer.json()["outcome"]
    assert (outcome["state"], outcome["result"]["letter_from"]) == ("done", "2026-11-22")


async def test_nothing_overpaid_asks_nobody(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.OPEN, OVERPAYMENT, report)
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "paid_after_death")
    assert await desk.rows("SELECT 1 FROM overpayments") == []


async def test_the_county_may_send_it_back(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    await signed(desk, report, "examine_again")
    again = desk.outcomes[report.procedures[OVERPAYMENT]]
    assert (again.state, again.step) == (OwnerState.OPEN, "examine")
    assert (await record(desk, report.subject))["state"] == "found"


async def test_no_money_is_taken_in_before_the_signature_nor_more_than_claimed(
    desk: Desk, households: Households
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    one = await record(desk, report.subject)
    refusal = await move(desk, one["id"], 100)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "nothing_claimed")
    await signed(desk, report, "recover", data={"instalments": 2})
    refusal = await move(desk, one["id"], one["amount_fen"] + 1)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "more_than_claimed")
    assert (await record(desk, report.subject))["repaid_fen"] == 0
    assert await booked(desk, "received") == 0


async def told(desk: Desk, one: dict[str, Any], amount_fen: int, **more: Any) -> httpx.Response:
    """Finance tells that money came back."""
    body = {
        "version": one["version"], "acted_by": "f", "role": "finance", "region": "331022", "amount_fen": amount_fen,
        "acted_at": NOW.isoformat(), "received_on": "2026-11-22", "reference": "B-7", **more,
    }  # fmt: skip
    async with desk.http() as client:
        return await client.post(f"/internal/v1/money/overpayments/{one['id']}/repayments", json=body)


async def test_finance_books_what_came_back_once_for_each_reference(
    desk: Desk, households: Households
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    await signed(desk, report, "recover", data={"instalments": 2})
    one = await record(desk, report.subject)
    for _ in range(2):
        answer = await told(desk, one, 5_000)
        assert (answer.status_code, answer.json()["repaid_fen"]) == (200, 5_000)
    assert await booked(desk, "received") == -5_000
    (moved,) = await desk.rows("SELECT reference, recorded_by FROM overpayment_movements")
    assert (moved.reference, moved.recorded_by) == ("B-7", "f")
    assert (await told(desk, one, 6_000)).json()["code"] == "reference_used"
    assert (await told(desk, one, 6_000, reference="B-8")).json()["code"] == "stale_version"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"role": "county_supervisor"}, 403, "repayment_not_yours"),
        ({"region": "430121"}, 403, "repayment_not_yours"),
        ({"received_on": "2026-11-23"}, 422, "content_invalid"),
        ({"version": 99}, 409, "stale_version"),
        ({}, 409, "nothing_claimed"),
    ],
)  # fmt: skip
async def test_nobody_else_books_and_nothing_unsigned_is_taken_in(
    desk: Desk, households: Households, more: dict[str, Any], status: int, code: str
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    answer = await told(desk, await record(desk, report.subject), 5_000, **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await booked(desk, "received") == 0


async def test_records_are_listed_by_region_and_state(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    one = await record(desk, report.subject)
    expected = {("331022", None): [one["id"]], ("331022", "decided"): [], ("430121", None): []}
    async with desk.http() as client:
        for (region, state), ids in expected.items():
            query = {"region": region} | ({"state": state} if state else {})
            page = (await client.get("/internal/v1/money/overpayments", params=query)).json()
            assert [each["id"] for each in page["items"]] == ids
        assert (await client.get(f"/internal/v1/money/overpayments/{one['id']}")).json() == one


async def test_a_corrected_day_moves_the_letter_with_the_wait(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LATELY)
    await signed(desk, report, "recover", data={"instalments": 3})
    report.died_at, report.version = report.died_at + timedelta(days=7), 2
    for kind in (STOP, OVERPAYMENT):
        await desk.send(Verb.CORRECT, kind, report)
    one = await record(desk, report.subject)
    assert (one["state"], one["letter_from"]) == ("decided", "2026-12-14")
    over = datetime(2026, 12, 14, tzinfo=TZ)
    async with desk.service.transactions.begin() as tx:
        fired = await run_due(tx, office=desk.office, now=over)
    assert fired.reports[0].outcomes[0].result["letter_from"] == "2026-12-14"


async def test_instalments_come_back_once_each_and_end_the_claim(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    await signed(desk, report, "recover", data={"instalments": 2})
    one, half, told = await record(desk, report.subject), None, uuid4()
    half = one["amount_fen"] // 2
    for _ in range(2):  # the treasury repeats itself
        assert (await move(desk, one["id"], half, id=told)).status_code == 200
    assert (await record(desk, report.subject))["repaid_fen"] == half
    assert await booked(desk, "recoverable") == -half
    await move(desk, one["id"], one["amount_fen"] - half)
    assert (await record(desk, report.subject))["state"] == "settled"
    assert (await booked(desk, "recoverable"), await booked(desk, "received")) == (0, -one["amount_fen"])


async def test_a_waiver_ends_the_claim_without_a_letter(desk: Desk, households: Households) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    answer = await signed(desk, report, "waive")
    assert answer.json()["outcome"]["result"] == {"decision": "waive"}
    one = await record(desk, report.subject)
    assert (one["state"], one["letter_from"]) == ("settled", None)
    assert await booked(desk, "recoverable") == 0


@pytest.mark.parametrize("decision", ["recover", "waive"])
async def test_a_corrected_date_puts_the_new_amount_to_people_again(
    desk: Desk, households: Households, decision: str
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    await signed(desk, report, decision, **({"data": {"instalments": 1}} if decision == "recover" else {}))
    report.died_at, report.version = datetime(2026, 10, 18, tzinfo=TZ), 2
    _, outcome = await desk.send_many([(Verb.CORRECT, STOP, report), (Verb.CORRECT, OVERPAYMENT, report)])
    amount = households["tekun_alone"].holdings[0].amount_fen
    assert (outcome.state, outcome.step, outcome.result) == (OwnerState.OPEN, "examine", {})
    one = await record(desk, report.subject)
    assert (one["state"], one["amount_fen"], one["waived_fen"]) == ("found", amount, 0)
    assert await booked(desk, "recoverable") == -amount


async def test_a_correction_that_finds_an_overpayment_at_last_opens_it(
    desk: Desk, households: Households
) -> None:
    report = died(households["tekun_alone"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    await desk.send(Verb.OPEN, OVERPAYMENT, report)
    report.died_at, report.version = datetime(2026, 9, 13, tzinfo=TZ), 2
    report.procedures.pop(OVERPAYMENT)  # a new round
    _, outcome = await desk.send_many([(Verb.CORRECT, STOP, report), (Verb.OPEN, OVERPAYMENT, report)])
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "examine")
    assert (await record(desk, report.subject))["months"] == ["2026-10", "2026-11"]


@pytest.mark.parametrize("first", [STOP, OVERPAYMENT])
async def test_who_lives_owes_nothing_and_gets_back_what_was_given_back(
    desk: Desk, households: Households, first: str
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    await signed(desk, report, "recover", data={"instalments": 2})
    one = await record(desk, report.subject)
    await move(desk, one["id"], 5_000)
    for kind in (first, *({STOP, OVERPAYMENT} - {first})):
        await desk.send(Verb.UNDO, kind, report)
    taken_back = desk.outcomes[report.procedures[OVERPAYMENT]]
    assert (taken_back.state, taken_back.undo_kind) == (OwnerState.UNDONE, UndoKind.ANNOTATE)
    assert taken_back.result == {}
    one = await record(desk, report.subject)
    assert (one["state"], one["amount_fen"], one["repaid_fen"]) == ("cancelled", 0, 5_000)
    assert (await move(desk, one["id"], 1)).status_code == 409
    assert (await move(desk, one["id"], -5_000)).status_code == 200
    assert (await booked(desk, "recoverable"), await booked(desk, "received")) == (0, 0)


async def test_a_claim_is_never_set_off_against_what_others_receive(
    desk: Desk, households: Households
) -> None:
    report = await found(desk, households, days_ago=LONG_AGO)
    others = "SELECT sum(amount_fen) FROM payments p WHERE p.state = 'unreleased' AND p.month <= '2026-12-01'"
    due = (await desk.rows(others))[0].sum
    await signed(desk, report, "recover", data={"instalments": 1})
    async with desk.service.transactions.begin() as tx:
        assert await release(tx, month=date(2026, 12, 1), at=NOW) == due
