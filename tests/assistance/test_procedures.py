"""The procedures of assistance on a real database: every verb, the money, and what others see."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from casework.persons import DeadFromThen
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from deploy.local.people.model import SyntheticHousehold, SyntheticPerson
from kernel.public_service.clock import TZ
from services.assistance.commands.grants import Grant, grant
from services.assistance.commands.releases import release
from services.assistance.people_import import load_people
from tests.owner_desk import COUNTY, NOW, Desk, Report

HOLD, STOP = "assistance.hold_payments", "assistance.stop_benefits"
RECHECK, PAYEE = "assistance.household_recheck", "assistance.change_payee"
ALERT, ESTATE = "assistance.dependant_alert", "assistance.estate_manager"
Households = Mapping[str, SyntheticHousehold]


def died(person: SyntheticPerson, *, days_ago: float = 2, **more: Any) -> Report:
    return Report(person.person, NOW - timedelta(days=days_ago), **more)


async def everything(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """All that is held, owed and booked by anybody, with its marks (booked: net, for entries are never deleted)."""
    tables = {
        "holdings": "SELECT * FROM holdings ORDER BY id",
        "payments": "SELECT * FROM payments ORDER BY id",
        "members": "SELECT * FROM household_members ORDER BY household, person",
        "dead": "SELECT * FROM person_locks WHERE dead_from IS NOT NULL ORDER BY person",
        "booked": "SELECT * FROM ledger_balances WHERE balance_fen <> 0 ORDER BY account",
    }
    return {name: [tuple(row) for row in await desk.rows(sql)] for name, sql in tables.items()}


async def booked(desk: Desk, kind: str) -> int:
    """Credits minus debits of all accounts of that kind, in fen."""
    rows = await desk.rows(
        """SELECT coalesce(sum(b.balance_fen), 0) AS fen FROM ledger_balances b
             JOIN ledger_accounts a ON a.id = b.account WHERE a.kind = :kind""",
        kind=kind,
    )
    return int(rows[0].fen)


async def holds(desk: Desk, person: UUID) -> dict[str, str]:
    """Kind → state, as the internal API answers."""
    async with desk.http() as client:
        answer = await client.get(f"/internal/v1/people/{person}")
    assert answer.status_code == 200, answer.text
    return {hold["kind"]: hold["state"] for hold in answer.json()["holds"]}


# -- hold_payments


async def test_a_declared_death_suspends_the_persons_own_payments(desk: Desk, households: Households) -> None:
    elder = households["tekun_alone"].persons[0]
    outcome = await desk.send(Verb.OPEN, HOLD, died(elder))
    assert outcome.state is OwnerState.DONE
    assert [line["kind"] for line in outcome.result["suspended"]] == ["tekun"]
    assert await holds(desk, elder.person) == {"tekun": "suspended"}
    assert [row.state for row in await desk.rows(
        "SELECT p.state FROM payments p JOIN holdings h ON h.id = p.holding WHERE h.person = :p", p=elder.person
    )] == ["suspended"]  # fmt: skip


async def test_the_dibao_of_those_who_are_left_is_not_suspended(desk: Desk, households: Households) -> None:
    husband, wife = households["dibao_couple"].persons
    outcome = await desk.send(Verb.OPEN, HOLD, died(husband))
    assert outcome.result["suspended"] == []
    assert await holds(desk, wife.person) == {"dibao": "active"}


async def test_the_dibao_of_somebody_who_lived_alone_is_suspended(desk: Desk, households: Households) -> None:
    elder = households["dibao_single"].persons[0]
    outcome = await desk.send(Verb.OPEN, HOLD, died(elder))
    assert [line["kind"] for line in outcome.result["suspended"]] == ["dibao"]


@pytest.mark.parametrize(("verb", "state"), [(Verb.WITHDRAW, "withdrawn"), (Verb.UNDO, "undone")])
async def test_taking_a_suspension_back_leaves_what_was(
    desk: Desk, households: Households, verb: Verb, state: str
) -> None:
    before = await everything(desk)
    report = died(households["tekun_alone"].persons[0])
    await desk.send(Verb.OPEN, HOLD, report)
    assert await everything(desk) != before
    outcome = await desk.send(verb, HOLD, report)
    assert outcome.state == state
    assert await everything(desk) == before


async def test_a_suspension_is_not_withdrawn_after_confirmation(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0])
    await desk.send(Verb.OPEN, HOLD, report)
    report.confirmed, report.version = True, 2
    outcome = await desk.send(Verb.WITHDRAW, HOLD, report)
    assert outcome.state is OwnerState.DONE
    assert outcome.too_late_at is not None


async def test_the_last_meeting_is_told_with_its_offset(desk: Desk, households: Households) -> None:
    elder = households["tekun_alone"].persons[0]
    granted = households["tekun_alone"].holdings[0].granted_on
    outcome = await desk.send(Verb.OPEN, HOLD, died(elder))
    assert outcome.result["last_sign_of_life"] == f"{granted.isoformat()}T12:00:00+08:00"
    assert outcome.signal is None


async def test_a_home_visit_after_the_report_reaches_the_planner(desk: Desk, households: Households) -> None:
    elder = households["tekun_alone"].persons[0]
    report = died(elder)
    await desk.send(Verb.OPEN, HOLD, report)
    body = {"id": str(uuid4()), "person": str(elder.person), "seen_at": NOW.isoformat(), "kind": "home_visit"}
    async with desk.http() as client:
        answer = await client.post("/internal/v1/signs-of-life", json=body)
    assert answer.json() == {"procedures": 1}
    told = await desk.rows(
        "SELECT convert_from(payload, 'UTF8') AS text FROM outbox WHERE topic = 'outcomes'"
    )
    assert '"signal":"sign_of_life"' in told[-1].text
    assert f'"last_sign_of_life":"{NOW.isoformat()}"' in told[-1].text


# -- stop_benefits


async def test_a_confirmed_death_ends_own_holdings_with_the_month_of_death(
    desk: Desk, households: Households
) -> None:
    elder = households["tekun_alone"].persons[0]
    outcome = await desk.send(Verb.OPEN, STOP, died(elder, confirmed=True))
    hold = households["tekun_alone"].holdings[0]
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {
        "stopped": [
            {"hold": str(hold.id), "kind": "tekun", "last_payable_month": "2026-11", "overpaid_fen": 0}
        ]
    }
    assert await holds(desk, elder.person) == {"tekun": "ended"}


async def test_months_paid_after_the_death_are_overpaid_and_booked(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    report = died(elder, days_ago=70, confirmed=True)  # 13 September; October and November were paid
    outcome = await desk.send(Verb.OPEN, STOP, report)
    line = outcome.result["stopped"][0]
    assert (line["last_payable_month"], line["overpaid_fen"]) == ("2026-09", 2 * hold.amount_fen)
    assert await booked(desk, "recoverable") == -2 * hold.amount_fen


async def test_the_payment_of_the_month_of_death_is_freed_and_later_ones_cancelled(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    desk.pass_time(days=12)  # 4 December; the payment for December waits
    report = Report(elder.person, datetime(2026, 12, 2, tzinfo=TZ))
    await desk.send(Verb.OPEN, HOLD, report)
    report.confirmed = True
    await desk.send(Verb.OPEN, STOP, report)
    payments = await desk.rows("SELECT month, state FROM payments WHERE holding = :h", h=hold.id)
    assert [tuple(row) for row in payments] == [(date(2026, 12, 1), "unreleased")]
    report.died_at, report.version = datetime(2026, 11, 30, tzinfo=TZ), 2
    await desk.send(Verb.CORRECT, STOP, report)
    payments = await desk.rows("SELECT month, state FROM payments WHERE holding = :h", h=hold.id)
    assert [tuple(row) for row in payments] == [(date(2026, 12, 1), "cancelled")]


async def test_the_household_keeps_its_dibao_while_somebody_is_left(
    desk: Desk, households: Households
) -> None:
    husband, wife = households["dibao_couple"].persons
    outcome = await desk.send(Verb.OPEN, STOP, died(husband, confirmed=True))
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {"stopped": []}
    assert await holds(desk, wife.person) == {"dibao": "active"}
    assert await holds(desk, husband.person) == {}


async def test_the_dibao_ends_with_the_last_of_the_household(desk: Desk, households: Households) -> None:
    husband, wife = households["dibao_couple"].persons
    await desk.send(Verb.OPEN, STOP, died(husband, confirmed=True))
    outcome = await desk.send(Verb.OPEN, STOP, died(wife, confirmed=True, days_ago=1))
    assert [line["kind"] for line in outcome.result["stopped"]] == ["dibao"]


async def test_nothing_held_is_not_applicable_but_later_grants_are_refused(
    desk: Desk, households: Households
) -> None:
    adult = households["single_adult"].persons[0]
    outcome = await desk.send(Verb.OPEN, STOP, died(adult, confirmed=True))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "holds_nothing")
    with pytest.raises(DeadFromThen):
        await _grant(desk, adult.person, granted_on=date(2026, 11, 20))
    await _grant(desk, adult.person, granted_on=date(2026, 10, 20))  # for November, the month of death


async def _grant(desk: Desk, person: UUID, *, granted_on: date) -> None:
    async with desk.service.transactions.begin() as tx:
        decision = Grant(
            holding=uuid4(), kind="temporary", applicant=person, payee=person, amount_fen=50_000, region=COUNTY,
            granted_on=granted_on, funding_source="county",
        )  # fmt: skip
        await grant(tx, decision, at=desk.clock.now())


async def test_a_corrected_date_recomputes_and_books_only_the_difference(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    report = died(elder, days_ago=70, confirmed=True)
    first = await desk.send(Verb.OPEN, STOP, report)
    report.died_at, report.version = NOW - timedelta(days=35), 2  # 18 October: only November is overpaid
    outcome = await desk.send(Verb.CORRECT, STOP, report)
    assert outcome.version > first.version
    assert outcome.result["stopped"][0]["overpaid_fen"] == hold.amount_fen
    assert await booked(desk, "recoverable") == -hold.amount_fen
    assert (await desk.rows("SELECT dead_from FROM person_locks WHERE person = :p", p=elder.person))[
        0
    ].dead_from == date(2026, 11, 1)


async def test_a_wrong_match_restores_everything(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    report = died(households["tekun_alone"].persons[0], days_ago=70)
    await desk.send(Verb.OPEN, HOLD, report)
    report.confirmed = True
    await desk.send(Verb.OPEN, STOP, report)
    for kind in (STOP, HOLD):
        outcome = await desk.send(Verb.UNDO, kind, report)
        assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert await everything(desk) == before


async def test_months_missed_until_the_undo_are_owed_as_arrears(desk: Desk, households: Households) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    report = died(elder, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    desk.pass_time(days=75)  # 5 February: December was cancelled, January and February never made out
    await desk.send(Verb.UNDO, STOP, report)
    owed = await desk.rows(
        "SELECT month, amount_fen, arrears, state FROM payments WHERE holding = :h ORDER BY month", h=hold.id
    )
    months = [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    assert [tuple(row) for row in owed] == [(month, hold.amount_fen, True, "unreleased") for month in months]
    assert await booked(desk, "payable") == 3 * hold.amount_fen
    async with desk.service.transactions.begin() as tx:
        await release(tx, month=date(2027, 2, 1), at=desk.clock.now())
    assert await booked(desk, "payable") == 0
    assert await holds(desk, elder.person) == {"tekun": "active"}


async def test_a_second_undo_and_an_old_order_change_nothing(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    first = await desk.send(Verb.UNDO, STOP, report)
    after = await everything(desk)
    second = await desk.send(Verb.UNDO, STOP, report)
    assert (second.state, second.undo_kind) == (first.state, None)
    report.numbers[STOP] = 0
    await desk.send_many([(Verb.WITHDRAW, STOP, report)])
    assert await everything(desk) == after


async def test_many_deaths_in_one_batch_are_as_each_alone(desk: Desk, households: Households) -> None:
    people = [households[shape].persons[0] for shape in ("tekun_alone", "dibao_single", "dibao_couple")]
    reports = [died(person, days_ago=40, confirmed=True) for person in people]
    together = await desk.send_many([(Verb.OPEN, STOP, report) for report in reports])
    await desk.send_many([(Verb.UNDO, STOP, report) for report in reports])
    again = [died(person, days_ago=40, confirmed=True) for person in people]
    alone = [await desk.send(Verb.OPEN, STOP, report) for report in again]
    assert [outcome.result for outcome in together] == [outcome.result for outcome in alone]


async def test_the_benefits_fact_rises_with_each_change(desk: Desk, households: Households) -> None:
    elder = households["tekun_alone"].persons[0]
    report = died(elder, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    await desk.send(Verb.UNDO, STOP, report)
    facts = await desk.rows(
        "SELECT convert_from(payload, 'UTF8') AS text FROM outbox WHERE topic = 'facts' ORDER BY seq"
    )
    assert ['"fact_version":1' in facts[0].text, '"fact_version":2' in facts[1].text] == [True, True]
    assert '"state":"ended"' in facts[0].text
    assert '"state":"active"' in facts[1].text


async def test_paid_money_is_never_touched(desk: Desk, households: Households) -> None:
    async with desk.service.transactions.begin() as tx:
        paid = await release(tx, month=date(2026, 12, 1), at=NOW)
    assert paid > 0
    released = await desk.rows("SELECT id, amount_fen FROM payments WHERE state = 'released' ORDER BY id")
    report = died(households["tekun_alone"].persons[0], confirmed=True)
    outcome = await desk.send(Verb.OPEN, STOP, report)
    assert outcome.result["stopped"][0]["overpaid_fen"] == households["tekun_alone"].holdings[0].amount_fen
    await desk.send(Verb.UNDO, STOP, report)
    assert (
        await desk.rows("SELECT id, amount_fen FROM payments WHERE state = 'released' ORDER BY id")
        == released
    )


# -- household_recheck


async def _to_recheck(desk: Desk, households: Households) -> tuple[Report, Any]:
    husband = households["dibao_couple"].persons[0]
    report = died(husband, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    return report, await desk.send(Verb.OPEN, RECHECK, report)


async def test_the_recheck_asks_the_township_with_a_provisional_amount(
    desk: Desk, households: Households
) -> None:
    _, outcome = await _to_recheck(desk, households)
    amount = households["dibao_couple"].holdings[0].amount_fen
    assert outcome.state is OwnerState.OPEN
    assert outcome.result["before_fen"] == amount
    assert outcome.result["provisional_fen"] == amount // 2
    assert outcome.result["from_month"] == "2026-12"
    assert outcome.result["due_on"] == "2027-02-22"  # three months after 20 November, rolled past the holiday
    assert outcome.task is not None
    assert (outcome.task.role, outcome.task.facts["provisional_fen"]) == ("township_officer", amount // 2)


async def test_nobody_left_makes_the_recheck_not_applicable(desk: Desk, households: Households) -> None:
    report = died(households["dibao_single"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.OPEN, RECHECK, report)
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "household_holds_benefit")


async def test_a_signed_adjustment_changes_what_is_not_paid_yet(desk: Desk, households: Households) -> None:
    report, _ = await _to_recheck(desk, households)
    data = {"amount_fen": 30_000}
    answer = await desk.decide(RECHECK, report, "adjust", data=data, reason="人口减少")
    assert answer.status_code == 200, answer.text
    hold = households["dibao_couple"].holdings[0].id
    rows = await desk.rows(
        "SELECT h.amount_fen, p.amount_fen AS owed FROM holdings h JOIN payments p ON p.holding = h.id WHERE h.id = :h",
        h=hold,
    )
    assert [tuple(row) for row in rows] == [(30_000, 30_000)]


async def test_a_revocation_gives_the_household_its_amount_and_arrears(
    desk: Desk, households: Households
) -> None:
    before = await everything(desk)
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 30_000}, reason="人口减少")
    for kind in (RECHECK, STOP):
        outcome = await desk.send(Verb.UNDO, kind, report)
        assert outcome.state is OwnerState.UNDONE
    assert await everything(desk) == before


async def test_a_revocation_after_a_stop_of_the_household_owes_what_was_missed(
    desk: Desk, households: Households
) -> None:
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "stop", reason="收入超过标准")
    desk.pass_time(days=45)
    await desk.send(Verb.UNDO, RECHECK, report)
    hold = households["dibao_couple"].holdings[0]
    owed = await desk.rows(
        "SELECT month, amount_fen, state FROM payments WHERE holding = :h ORDER BY month", h=hold.id
    )
    months = [date(2026, 12, 1), date(2027, 1, 1)]
    assert [tuple(row) for row in owed] == [(month, hold.amount_fen, "unreleased") for month in months]


async def test_an_undo_that_no_county_signed_waits_for_a_signature(
    desk: Desk, households: Households
) -> None:
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 30_000}, reason="人口减少")
    outcome = await desk.send(Verb.UNDO, RECHECK, report, reason=UndoReason.NOT_NEEDED)
    assert outcome.state is OwnerState.UNDOING
    assert outcome.task is not None
    assert outcome.task.role == "county_supervisor"
    answer = await desk.decide(RECHECK, report, "sign")
    assert answer.json()["outcome"]["state"] == "undone"
    hold = households["dibao_couple"].holdings[0]
    rows = await desk.rows("SELECT amount_fen FROM holdings WHERE id = :h", h=hold.id)
    assert rows[0].amount_fen == hold.amount_fen


async def test_a_corrected_month_puts_a_signed_cut_to_a_human_again(
    desk: Desk, households: Households
) -> None:
    report, _ = await _to_recheck(desk, households)
    await desk.decide(RECHECK, report, "adjust", data={"amount_fen": 30_000}, reason="人口减少")
    report.died_at, report.version = NOW - timedelta(days=35), 2
    outcome = await desk.send(Verb.CORRECT, RECHECK, report)
    assert outcome.state is OwnerState.OPEN
    assert outcome.result["from_month"] == "2026-11"
    hold = households["dibao_couple"].holdings[0]
    rows = await desk.rows("SELECT amount_fen FROM holdings WHERE id = :h", h=hold.id)
    assert rows[0].amount_fen == hold.amount_fen


# -- change_payee, dependant_alert, estate_manager


async def test_a_dead_payee_of_others_needs_a_new_one(desk: Desk, households: Households) -> None:
    mother, son = households["payee_for_another"].persons
    report = died(mother, confirmed=True)
    outcome = await desk.send(Verb.OPEN, PAYEE, report)
    assert outcome.state is OwnerState.OPEN
    assert outcome.task is not None
    kinds = {hold["kind"] for hold in outcome.task.facts["holds"]}
    assert kinds == {"dibao", "disability_living", "disability_nursing"}
    answer = await desk.decide(PAYEE, report, "changed", data={"payee": str(son.person)})
    assert answer.status_code == 200, answer.text
    payees = await desk.rows("SELECT DISTINCT payee FROM holdings WHERE person = :p", p=son.person)
    assert [row.payee for row in payees] == [son.person]
    await desk.send(Verb.UNDO, PAYEE, report)
    payees = await desk.rows("SELECT DISTINCT payee FROM holdings WHERE person = :p", p=son.person)
    assert [row.payee for row in payees] == [mother.person]


async def test_the_dead_person_cannot_be_the_new_payee(desk: Desk, households: Households) -> None:
    report = died(households["payee_for_another"].persons[0], confirmed=True)
    await desk.send(Verb.OPEN, PAYEE, report)
    answer = await desk.decide(PAYEE, report, "changed", data={"payee": str(report.subject)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "/data/payee"


async def test_whoever_draws_only_their_own_needs_no_new_payee(desk: Desk, households: Households) -> None:
    outcome = await desk.send(Verb.OPEN, PAYEE, died(households["tekun_alone"].persons[0], confirmed=True))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "is_payee")


async def test_children_left_behind_raise_an_alert_within_a_day(desk: Desk, households: Households) -> None:
    father = households["dibao_with_minors"].persons[0]
    outcome = await desk.send(Verb.OPEN, ALERT, died(father))
    assert outcome.state is OwnerState.OPEN
    assert outcome.task is not None
    assert outcome.task.due_at == NOW + timedelta(hours=24)


async def test_dependants_named_in_the_form_raise_an_alert(desk: Desk, households: Households) -> None:
    adult = households["single_adult"].persons[0]
    fields = {"/dependants": [{"name": "某", "kind": "bedridden"}]}
    outcome = await desk.send(Verb.OPEN, ALERT, died(adult, fields=fields))
    assert outcome.state is OwnerState.OPEN


async def test_nobody_to_care_for_raises_no_alert(desk: Desk, households: Households) -> None:
    outcome = await desk.send(Verb.OPEN, ALERT, died(households["dibao_couple"].persons[0]))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "has_dependants")


@pytest.mark.parametrize(
    ("shape", "fields", "state"),
    [
        ("dibao_couple", {}, "not_applicable"),
        ("tekun_alone", {"/applicant/relation": "child"}, "not_applicable"),
        ("tekun_alone", {"/applicant/relation": "village", "/heirs": []}, "open"),
        ("tekun_alone", {}, "paused"),
    ],
)
async def test_an_estate_needs_a_manager_only_without_heirs(
    desk: Desk, households: Households, shape: str, fields: Mapping[str, Any], state: str
) -> None:
    report = died(households[shape].persons[0], fields=fields, confirmed=True)
    outcome = await desk.send(Verb.OPEN, ESTATE, report)
    assert outcome.state == state


async def test_an_unknown_heir_is_asked_and_the_answer_goes_on(desk: Desk, households: Households) -> None:
    report = died(households["tekun_alone"].persons[0], confirmed=True)
    asked = await desk.send(Verb.OPEN, ESTATE, report)
    assert asked.task is not None
    assert asked.task.step == "supplement"
    answer = await desk.decide(ESTATE, report, "yes")
    assert answer.json()["outcome"]["state"] == "open"
    assert answer.json()["outcome"]["task"]["step"] == "appoint"


async def test_importing_people_twice_changes_nothing(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, list(households.values()))
    assert await everything(desk) == before
