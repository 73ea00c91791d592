"""Getting an overpayment back, over the service's own routes: people decide, the family is left in peace (R24, R95)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from kernel.public_service.clock import TZ
from tests.eldercare.test_payments import balance, grant, pay
from tests.owner_desk import Desk, Report

STOP = "eldercare.stop_benefits"
DIED_AT = datetime(2026, 9, 5, 8, tzinfo=TZ)
SUPERVISOR, TOWNSHIP, FINANCE = "county_supervisor", "township_officer", "finance"


async def overpaid(desk: Desk) -> tuple[Report, dict[str, Any]]:
    """Two months paid after a death in September; the record as the list shows it."""
    person = uuid4()
    await grant(desk, person, granted_on="2026-09-01")
    await pay(desk, "2026-11")
    report = Report(person, DIED_AT, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    (record,) = await listed(desk)
    return report, record


async def listed(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    async with desk.http() as client:
        answer = await client.get("/internal/v1/care/overpayments", params={"region": "331022", **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def act(desk: Desk, record: dict[str, Any], action: str, role: str, **more: Any) -> Any:
    body = {
        "version": record["version"], "acted_by": more.pop("by", role), "role": role, "region": "331022",
        "acted_at": desk.clock.now().isoformat(), **more,
    }  # fmt: skip
    async with desk.http() as client:
        return await client.post(f"/internal/v1/care/overpayments/{record['id']}/{action}", json=body)


async def taken(desk: Desk, record: dict[str, Any], action: str, role: str, **more: Any) -> dict[str, Any]:
    answer = await act(desk, record, action, role, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def tell(
    desk: Desk, record: dict[str, Any], amount_fen: int, key: str | None = None, **more: Any
) -> Any:
    """Finance tells that money came back."""
    body = {
        "version": record["version"], "acted_by": "f", "role": FINANCE, "region": "331022", "amount_fen": amount_fen,
        "acted_at": desk.clock.now().isoformat(), "received_on": desk.clock.now().date().isoformat(),
        "reference": uuid4().hex, **more,
    }  # fmt: skip
    headers = {"Idempotency-Key": key} if key else {}
    async with desk.http() as client:
        path = f"/internal/v1/care/overpayments/{record['id']}/repayments"
        return await client.post(path, json=body, headers=headers)


async def repaid(desk: Desk, record: dict[str, Any], amount_fen: int, **more: Any) -> dict[str, Any]:
    answer = await tell(desk, record, amount_fen, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def signed(desk: Desk, record: dict[str, Any], decision: str = "recover") -> dict[str, Any]:
    record = await taken(
        desk, record, "propose", TOWNSHIP, decision=decision, instalments=4, reason="多发两个月"
    )
    return await taken(desk, record, "decide", SUPERVISOR, decision="sign")


async def test_from_found_to_settled(desk: Desk) -> None:
    _, record = await overpaid(desk)
    assert (record["state"], record["amount_fen"], record["months"]) == (
        "found", 10_000, ["2026-10", "2026-11"],
    )  # fmt: skip
    record = await signed(desk, record)
    assert (record["state"], record["decision"], record["instalments"]) == ("decided", "recover", 4)
    record = await taken(desk, record, "notify", SUPERVISOR)
    for amount in (2_500, 7_500):
        record = await repaid(desk, record, amount)
    assert (record["state"], record["repaid_fen"]) == ("settled", 10_000)
    assert await balance(desk, "allowance_recoverable") == 0
    assert await balance(desk, "allowance_repaid") == -10_000
    assert await listed(desk) == []
    assert [each["id"] for each in await listed(desk, state="settled")] == [record["id"]]


@pytest.mark.parametrize("action", ["decide", "notify"])
async def test_nothing_happens_before_somebody_proposes(desk: Desk, action: str) -> None:
    _, record = await overpaid(desk)
    answer = await act(desk, record, action, SUPERVISOR, decision="sign")
    assert (answer.status_code, answer.json()["code"]) == (409, "overpayment_not_there")
    answer = await tell(desk, record, 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "overpayment_not_there")


async def test_a_letter_needs_a_signature_and_the_end_of_the_quiet_period(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, granted_on="2026-09-01", period_months=6)
    await pay(desk, "2026-09")
    await desk.send(Verb.OPEN, STOP, Report(person, desk.clock.now() - timedelta(days=10), confirmed=True))
    (record,) = await listed(desk)
    record = await taken(desk, record, "propose", TOWNSHIP, decision="recover", reason="r")
    assert (await act(desk, record, "notify", SUPERVISOR)).json()["code"] == "overpayment_not_there"
    record = await taken(desk, record, "decide", SUPERVISOR, decision="sign")
    refused = await act(desk, record, "notify", SUPERVISOR)
    assert (refused.status_code, refused.json()["code"]) == (409, "quiet_period")
    assert refused.json()["letter_from"] == record["letter_from"] == "2027-01-01"
    desk.pass_time(days=39)
    assert (await act(desk, record, "notify", SUPERVISOR)).json()["code"] == "quiet_period"
    desk.pass_time(days=1)
    assert (await taken(desk, record, "notify", SUPERVISOR))["state"] == "notified"


async def test_who_proposed_does_not_sign_and_nobody_acts_for_another_role_or_place(desk: Desk) -> None:
    _, record = await overpaid(desk)
    more = {"decision": "recover", "reason": "r"}
    assert (await act(desk, record, "propose", FINANCE, **more)).json()["code"] == "not_this_role"
    assert (await act(desk, record, "propose", TOWNSHIP, **more | {"region": "430121"})).status_code == 403
    record = await taken(desk, record, "propose", SUPERVISOR, by="s-1", **more)
    own = await act(desk, record, "decide", SUPERVISOR, by="s-1", decision="sign")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    assert (await taken(desk, record, "decide", SUPERVISOR, by="s-2", decision="sign"))["state"] == "decided"


async def test_what_is_missing_is_named(desk: Desk) -> None:
    _, record = await overpaid(desk)
    for more, field in (({"decision": "sign"}, "/decision"), ({"decision": "waive"}, "/reason")):
        answer = await act(desk, record, "propose", TOWNSHIP, **more)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    record = await signed(desk, record)
    answer = await tell(desk, record, 10_001)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "/amount_fen")


async def test_an_older_version_is_refused(desk: Desk) -> None:
    _, record = await overpaid(desk)
    await taken(desk, record, "propose", TOWNSHIP, decision="waive", reason="r")
    answer = await act(desk, record, "propose", TOWNSHIP, decision="recover", reason="r")
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
    unknown = await act(desk, {**record, "id": str(uuid4())}, "propose", TOWNSHIP, decision="waive")
    assert unknown.status_code == 404


async def test_a_waiver_is_borne_by_the_fund(desk: Desk) -> None:
    _, record = await overpaid(desk)
    record = await signed(desk, record, "waive")
    assert (record["state"], record["waived_fen"]) == ("settled", 10_000)
    assert await balance(desk, "allowance_recoverable") == 0
    assert await balance(desk, "elder_welfare_fund") == -15_000


async def test_a_corrected_date_takes_the_decision_with_it(desk: Desk) -> None:
    report, record = await overpaid(desk)
    await signed(desk, record)
    report.died_at, report.version = DIED_AT + timedelta(days=40), 2
    await desk.send(Verb.CORRECT, STOP, report)
    (after,) = await listed(desk)
    assert (after["state"], after["amount_fen"], after["decided_at"]) == ("found", 5_000, None)
    assert await balance(desk, "allowance_recoverable") == -5_000


async def test_a_corrected_hour_leaves_the_decision_standing(desk: Desk) -> None:
    report, record = await overpaid(desk)
    await signed(desk, record)
    report.died_at, report.version = DIED_AT + timedelta(hours=3), 2
    await desk.send(Verb.CORRECT, STOP, report)
    assert [each["state"] for each in await listed(desk)] == ["decided"]


async def test_who_lives_after_all_has_everything_back_that_was_repaid(desk: Desk) -> None:
    report, record = await overpaid(desk)
    record = await signed(desk, record)
    await repaid(desk, record, 6_000)
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert outcome.result["arrears_fen"] == 0
    assert await listed(desk) == []
    for kind in ("allowance_recoverable", "allowance_repaid"):
        assert await balance(desk, kind) == 0
    assert await balance(desk, "allowance_paid") == 15_000
    rows = await desk.rows("SELECT amount_fen FROM ledger_entries WHERE reason = 'repayment_returned'")
    assert {row.amount_fen for row in rows} == {6_000}


@pytest.mark.parametrize("key", ["k", None])
async def test_a_repayment_told_twice_is_one(desk: Desk, key: str | None) -> None:
    """By the request's key, or by the bank's reference alone."""
    _, record = await overpaid(desk)
    record = await signed(desk, record)
    answers = [await tell(desk, record, 1_000, reference="B-7", key=key) for _ in range(2)]
    assert [answer.json()["repaid_fen"] for answer in answers] == [1_000, 1_000]
    assert await balance(desk, "allowance_repaid") == -1_000


async def test_one_reference_is_one_repayment(desk: Desk) -> None:
    _, record = await overpaid(desk)
    record = await signed(desk, record)
    record = await repaid(desk, record, 1_000, reference="B-7")
    for amount, day in ((2_000, "2026-11-22"), (1_000, "2026-11-20")):
        answer = await tell(desk, record, amount, reference="B-7", received_on=day)
        assert (answer.status_code, answer.json()["code"]) == (409, "reference_used")


async def test_only_finance_of_the_region_tells_what_came_back_and_no_day_that_has_not_come(
    desk: Desk,
) -> None:
    _, record = await overpaid(desk)
    record = await signed(desk, record)
    for more in ({"role": SUPERVISOR}, {"region": "430121"}):
        answer = await tell(desk, record, 1_000, **more)
        assert (answer.status_code, answer.json()["code"]) == (403, "repayment_not_yours")
    tomorrow = (desk.clock.now() + timedelta(days=1)).date().isoformat()
    answer = await tell(desk, record, 1_000, received_on=tomorrow)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "/received_on")
    assert (await tell(desk, {**record, "version": 1}, 1_000)).json()["code"] == "stale_version"


async def test_a_death_since_the_signature_quiets_the_letter_about_a_month_paid_twice(desk: Desk) -> None:
    person = uuid4()
    holding = await grant(desk, person, granted_on="2026-10-01")
    await pay(desk, "2026-10")
    async with desk.http() as client:
        month = {"from_month": "2026-10", "through_month": "2026-10"}
        await client.post(f"/internal/v1/care/allowances/{holding}/payments", json=month)
    (record,) = await listed(desk)
    record = await signed(desk, record)
    assert (record["found"], record["letter_from"]) == ("paid_twice", "2026-11-22")
    await desk.send(Verb.OPEN, STOP, Report(person, desk.clock.now() - timedelta(days=2), confirmed=True))
    refused = await act(desk, record, "notify", SUPERVISOR)
    assert (refused.json()["code"], refused.json()["letter_from"]) == ("quiet_period", "2027-01-09")


async def test_the_stop_itself_ends_at_once(desk: Desk) -> None:
    report, _ = await overpaid(desk)
    assert desk.outcomes[report.procedures[STOP]].state == "done"
    assert UUID(str(report.procedures[STOP]))
