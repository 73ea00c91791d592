"""Allowances paid in advance, paid twice, granted late: every fen on the books, on a real database (R24, EC-012)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from kernel.public_service.clock import TZ
from services.eldercare.commands.payments import pay_month
from tests.owner_desk import NOW, Desk, Report

STOP, PAUSE = "eldercare.stop_benefits", "eldercare.pause_services"
REGION = "331022901000"


async def grant(desk: Desk, person: UUID, **more: Any) -> UUID:
    body = {
        "person": str(person), "kind": "old_age_allowance", "payee": str(more.pop("payee", uuid4())),
        "amount_fen": 5_000, "granted_on": "2025-01-01", "region": REGION, **more,
    }  # fmt: skip
    async with desk.http() as client:
        answer = await client.post("/internal/v1/care/allowances", json=body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def pay(desk: Desk, month: str) -> int:
    async with desk.http() as client:
        return int((await client.post("/internal/v1/care/payments", json={"month": month})).json()["paid"])


async def paid_months(desk: Desk, reason: str = "payment") -> list[tuple[str, int]]:
    """(month, fen) of what went out of the fund for this reason, as the books tell."""
    rows = await desk.rows(
        """SELECT to_char(e.effective_on, 'YYYY-MM') AS month, e.amount_fen FROM ledger_entries e
             JOIN ledger_accounts a ON a.id = e.account
            WHERE a.kind = 'allowance_paid' AND e.reason = :reason ORDER BY e.effective_on, e.seq""",
        reason=reason,
    )
    return [(row.month, row.amount_fen) for row in rows]


async def shown(desk: Desk, person: UUID) -> dict[str, Any]:
    async with desk.http() as client:
        (hold,) = (await client.get(f"/internal/v1/people/{person}")).json()["holds"]
    return dict(hold)


async def record(desk: Desk, holding: UUID, kind: str = "after_death") -> Any:
    rows = await desk.rows("SELECT * FROM overpayments WHERE holding = :h AND kind = :k", h=holding, k=kind)
    return rows[0] if rows else None


def died(person: UUID, at: datetime) -> Report:
    return Report(person, at, confirmed=True)


async def test_a_quarterly_allowance_is_paid_on_new_years_day_through_march(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, period_months=3, granted_on="2026-01-01")
    assert (await pay(desk, "2026-01"), await pay(desk, "2026-02"), await pay(desk, "2026-03")) == (1, 0, 0)
    assert await paid_months(desk) == [("2026-01", 5_000), ("2026-02", 5_000), ("2026-03", 5_000)]
    assert await pay(desk, "2026-04") == 1
    assert (await shown(desk, person))["paid_through"] == "2026-06-01"


async def test_a_quarter_cut_by_a_death_is_due_in_part_and_on_record_in_part(desk: Desk) -> None:
    person, payee = uuid4(), uuid4()
    holding = await grant(desk, person, payee=payee, period_months=3, granted_on="2026-01-01")
    await pay(desk, "2026-01")
    outcome = await desk.send(Verb.OPEN, STOP, died(person, datetime(2026, 1, 31, 23, 50, tzinfo=TZ)))
    assert [line["overpaid_fen"] for line in outcome.result["stopped"]] == [10_000]
    found = await record(desk, holding)
    assert (found.state, found.amount_fen, found.months) == ("found", 10_000, ["2026-02", "2026-03"])
    assert (found.person, found.payee, found.letter_from) == (person, payee, None)


async def test_a_late_report_finds_every_payment_made_since(desk: Desk) -> None:
    person = uuid4()
    holding = await grant(desk, person, granted_on="2026-01-01")
    for month in ("2026-01", "2026-02", "2026-03"):
        await pay(desk, month)
    report = died(person, datetime(2026, 2, 28, 23, 50, tzinfo=TZ))  # certificate of 2 March
    outcome = await desk.send(Verb.OPEN, STOP, report)
    line = outcome.result["stopped"][0]
    assert (line["last_payable_month"], line["overpaid_fen"]) == ("2026-02", 5_000)
    assert (await record(desk, holding)).months == ["2026-03"]


async def test_a_later_run_leaves_what_was_overpaid_as_it_is(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, granted_on="2026-09-01")
    await pay(desk, "2026-11")
    await desk.send(Verb.OPEN, STOP, died(person, datetime(2026, 10, 5, 8, tzinfo=TZ)))
    assert await pay(desk, "2026-12") == 0
    assert (await shown(desk, person))["paid_through"] == "2026-11-01"


async def test_a_half_year_undone_in_its_middle_owes_nothing_and_the_next_half_is_paid(desk: Desk) -> None:
    person = uuid4()
    holding = await grant(desk, person, period_months=6, granted_on="2026-07-01")
    await pay(desk, "2026-07")
    report = died(person, datetime(2026, 8, 31, 10, tzinfo=TZ))
    await desk.send(Verb.OPEN, STOP, report)
    assert (await record(desk, holding)).amount_fen == 4 * 5_000
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert (outcome.result["arrears_fen"], (await record(desk, holding)).state) == (0, "cancelled")
    assert (await pay(desk, "2026-12"), await pay(desk, "2027-01")) == (0, 1)


async def test_arrears_are_booked_month_by_month_and_told_so(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, granted_on="2026-01-01")
    for month in range(1, 10):
        await pay(desk, f"2026-{month:02d}")
    report = died(person, datetime(2026, 9, 5, 8, tzinfo=TZ))
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.UNDO, STOP, report)  # on 22 November
    assert [(line["month"], line["amount_fen"]) for line in outcome.result["arrears"]] == [
        ("2026-10", 5_000), ("2026-11", 5_000),
    ]  # fmt: skip
    assert await paid_months(desk, "arrears") == [("2026-10", 5_000), ("2026-11", 5_000)]
    assert await pay(desk, "2026-11") == 0


async def test_a_payment_by_hand_told_late_is_paid_twice_and_on_record(desk: Desk) -> None:
    person = uuid4()
    holding = await grant(desk, person, granted_on="2026-09-01")
    await pay(desk, "2026-10")
    body = {"from_month": "2026-10", "through_month": "2026-11"}
    async with desk.http() as client:
        path = f"/internal/v1/care/allowances/{holding}/payments"
        told = await client.post(path, json=body)
        again = await client.post(path, json={**body, "through_month": "2026-10"})
        gap = await client.post(path, json={"from_month": "2027-01", "through_month": "2027-01"})
        unknown = await client.post(f"/internal/v1/care/allowances/{uuid4()}/payments", json=body)
    assert told.json() == {"new": ["2026-11"], "twice": ["2026-10"]}
    assert (again.json()["code"], gap.json()["code"]) == ("payment_known", "payment_leaves_gap")
    assert unknown.status_code == 404
    found = await record(desk, holding, "paid_twice")
    assert (found.state, found.amount_fen, found.months) == ("found", 5_000, ["2026-10"])
    assert await paid_months(desk, "payment_by_hand") == [("2026-10", 5_000), ("2026-11", 5_000)]
    assert await balance(desk, "allowance_recoverable") == -5_000
    assert await pay(desk, "2026-11") == 0


async def balance(desk: Desk, kind: str) -> int:
    rows = await desk.rows(
        """SELECT coalesce(sum(b.balance_fen), 0) AS fen FROM ledger_balances b
             JOIN ledger_accounts a ON a.id = b.account WHERE a.kind = :kind""",
        kind=kind,
    )
    return int(rows[0].fen)


async def test_a_payment_by_hand_after_the_death_joins_the_record(desk: Desk) -> None:
    person = uuid4()
    holding = await grant(desk, person, granted_on="2026-09-01")
    await pay(desk, "2026-10")
    await desk.send(Verb.OPEN, STOP, died(person, datetime(2026, 9, 20, 8, tzinfo=TZ)))
    async with desk.http() as client:
        await client.post(
            f"/internal/v1/care/allowances/{holding}/payments",
            json={"from_month": "2026-11", "through_month": "2026-11"},
        )
    found = await record(desk, holding)
    assert (found.months, found.letter_from) == (["2026-10", "2026-11"], None)
    assert await balance(desk, "allowance_recoverable") == -10_000


async def test_who_turns_eighty_on_the_day_of_death_has_that_month(desk: Desk) -> None:
    person = uuid4()
    holding = await grant(desk, person, granted_on="2026-11-22")
    await desk.send(Verb.OPEN, STOP, died(person, NOW))
    assert await pay(desk, "2026-12") == 1
    assert await paid_months(desk) == [("2026-11", 5_000)]
    assert await record(desk, holding) is None


async def test_a_birthday_in_the_middle_of_a_month_is_paid_with_that_month(desk: Desk) -> None:
    await grant(desk, uuid4(), granted_on="2026-11-22")
    assert await pay(desk, "2026-11") == 1


async def sign(desk: Desk, holding: UUID, decision: str, role: str = "county_supervisor") -> Any:
    body = {
        "decision": decision, "acted_by": "s-1", "role": role, "region": "331022", "acted_at": NOW.isoformat(),
    }  # fmt: skip
    async with desk.http() as client:
        return await client.post(f"/internal/v1/care/allowances/{holding}/check", json=body)


@pytest.mark.parametrize(("decision", "paid"), [("pay", [("2026-11", 5_000)]), ("refuse", [])])
async def test_a_grant_after_the_death_for_a_month_before_it_waits_for_the_county(
    desk: Desk, decision: str, paid: list[tuple[str, int]]
) -> None:
    person = uuid4()
    await grant(desk, person, kind="elder_service_subsidy", granted_on="2026-01-01")
    await desk.send(Verb.OPEN, STOP, died(person, NOW))
    before = await paid_months(desk)
    late = await grant(desk, person, granted_on="2026-11-01")
    await pay(desk, "2026-12")
    assert (
        len(await paid_months(desk)) == len(before) + 11
    )  # the subsidy's own months, none of the late grant
    assert (await sign(desk, late, decision, role="township_officer")).status_code == 403
    assert (await sign(desk, late, decision)).status_code == 200
    assert (await sign(desk, late, decision)).json()["code"] == "grant_not_in_check"
    rows = await paid_months(desk)
    await pay(desk, "2026-12")
    assert (await paid_months(desk))[len(rows) :] == [] if not paid else True
    own = await desk.rows("SELECT paid_through, state FROM allowances WHERE id = :id", id=late)
    assert (own[0].paid_through, own[0].state) == (
        (date(2026, 11, 1), "active") if paid else (None, "refused")
    )


async def test_a_late_grant_runs_like_any_other_once_the_person_lives(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, kind="elder_service_subsidy", granted_on="2026-11-01")
    report = died(person, NOW)
    await desk.send(Verb.OPEN, STOP, report)
    late = await grant(desk, person, granted_on="2026-11-01")
    await desk.send(Verb.UNDO, STOP, report)
    (row,) = await desk.rows("SELECT state, ended_by, ends_after FROM allowances WHERE id = :id", id=late)
    assert tuple(row) == ("active", None, None)


async def test_nobody_known_to_be_dead_is_paid_even_before_the_stop(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, granted_on="2026-09-01")
    await desk.write("INSERT INTO person_locks (person, dead_from) VALUES (:p, '2026-11-01') "
                     "ON CONFLICT (person) DO UPDATE SET dead_from = excluded.dead_from", p=person)  # fmt: skip
    assert await pay(desk, "2026-12") == 1
    assert await paid_months(desk) == [("2026-09", 5_000), ("2026-10", 5_000)]


async def test_every_line_names_fund_beneficiary_and_payee(desk: Desk) -> None:
    person, payee = uuid4(), uuid4()
    await grant(desk, person, payee=payee, granted_on="2026-10-01", period_months=3)
    await pay(desk, "2026-10")
    await desk.send(Verb.OPEN, STOP, died(person, datetime(2026, 11, 5, 8, tzinfo=TZ)))
    rows = await desk.rows(
        """SELECT a.kind, a.beneficiary, e.payee, e.funding_source FROM ledger_entries e
             JOIN ledger_accounts a ON a.id = e.account"""
    )
    assert {row.payee for row in rows} == {payee}
    assert {row.funding_source for row in rows} == {"elder_welfare_331022"}
    assert {row.beneficiary for row in rows if row.kind != "elder_welfare_fund"} == {person}
    assert {row.kind for row in rows} == {"elder_welfare_fund", "allowance_paid", "allowance_recoverable"}


async def test_a_run_in_bounded_steps_pays_everybody_once(desk: Desk) -> None:
    for period in (1, 3, 6, 1):
        await grant(desk, uuid4(), granted_on="2026-10-01", period_months=period)
    counts = []
    for _ in range(3):
        async with desk.service.transactions.begin() as tx:
            counts.append(await pay_month(tx, date(2026, 10, 1), at=NOW, limit=3))
    assert counts == [3, 1, 0]
    assert await balance(desk, "allowance_paid") == (1 + 3 + 3 + 1) * 5_000


async def test_a_suspension_lifted_after_a_quarter_began_is_paid_with_the_quarter(desk: Desk) -> None:
    person = uuid4()
    await grant(desk, person, granted_on="2026-07-01", period_months=3)
    await pay(desk, "2026-07")
    report = Report(person, NOW - timedelta(days=40))
    await desk.send(Verb.OPEN, PAUSE, report)
    assert await pay(desk, "2026-10") == 0
    await desk.send(Verb.WITHDRAW, PAUSE, report)
    assert await pay(desk, "2026-11") == 1
    assert (await shown(desk, person))["paid_through"] == "2026-12-01"
