"""hold_payments and stop_benefits on a real database: every verb, the money, and what others see."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from casework.persons import DeadFromThen
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from services.assistance.commands.grants import Grant, grant
from services.assistance.commands.releases import release
from tests.assistance.sight import HOLD, STOP, Households, booked, died, everything, holds
from tests.owner_desk import COUNTY, NOW, Desk, Report


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
