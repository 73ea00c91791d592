"""The three procedures of elder care on a real database: every verb, money, and what others see."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind
from deploy.local.people.model import SyntheticHousehold, SyntheticPerson
from kernel.public_service.clock import TZ
from services.eldercare.commands.payments import pay_month
from services.eldercare.people_import import load_people
from tests.owner_desk import NOW, Desk, Report

PAUSE, STOP, CARD = "eldercare.pause_services", "eldercare.stop_benefits", "eldercare.elder_card"
Households = Mapping[str, SyntheticHousehold]
AT_HOME = "cared_for_at_home"


def died(person: SyntheticPerson, *, days_ago: float = 2, **more: object) -> Report:
    return Report(person.person, NOW - timedelta(days=days_ago), **more)  # type: ignore[arg-type]


async def states(desk: Desk, person: UUID) -> dict[str, set[str]]:
    """Kind → shown states, as the internal API answers."""
    async with desk.http() as client:
        holds = (await client.get(f"/internal/v1/people/{person}")).json()["holds"]
    found: dict[str, set[str]] = {}
    for hold in holds:
        found.setdefault(hold["kind"], set()).add(hold["state"])
    return found


async def everything(desk: Desk) -> list[tuple[object, ...]]:
    """All that is held by anybody, with its marks."""
    return [tuple(row) for row in await desk.rows("SELECT * FROM care_items ORDER BY source, id")]


async def balance(desk: Desk, kind: str) -> int:
    rows = await desk.rows(
        """SELECT coalesce(sum(b.balance_fen), 0) AS fen FROM ledger_balances b
             JOIN ledger_accounts a ON a.id = b.account WHERE a.kind = :kind""",
        kind=kind,
    )
    return int(rows[0].fen)


async def test_a_declared_death_suspends_everything_but_the_card(desk: Desk, households: Households) -> None:
    elder = households[AT_HOME].persons[0]
    outcome = await desk.send(Verb.OPEN, PAUSE, died(elder))
    assert outcome.state is OwnerState.DONE
    kinds = {
        "old_age_allowance",
        "elder_service_subsidy",
        "bed",
        "visit_plan",
        "home_order",
        "voucher",
        "meal_discount",
    }
    assert {line["kind"] for line in outcome.result["suspended"]} == kinds
    assert await states(desk, elder.person) == {
        **{kind: {"suspended"} for kind in kinds},
        "elder_card": {"active"},
    }


async def test_the_last_meeting_is_told_with_its_offset(desk: Desk, households: Households) -> None:
    household = households[AT_HOME]
    outcome = await desk.send(Verb.OPEN, PAUSE, died(household.persons[0]))
    days = [*household.visit_plans[0].visited_on, household.meal_discounts[0].last_meal_on]
    last = max(day for day in days if day)
    assert outcome.result["last_sign_of_life"] == f"{last.isoformat()}T12:00:00+08:00"
    assert outcome.signal is None


async def test_a_meeting_after_the_reported_death_is_signalled(desk: Desk, households: Households) -> None:
    elder = households[AT_HOME].persons[0]
    outcome = await desk.send(Verb.OPEN, PAUSE, died(elder, days_ago=120))
    assert outcome.signal == "sign_of_life"
    assert datetime.fromisoformat(outcome.result["last_sign_of_life"]) > NOW - timedelta(days=120)


async def test_somebody_who_holds_nothing_is_paused_with_nothing(desk: Desk, households: Households) -> None:
    adult = households["single_adult"].persons[0]
    outcome = await desk.send(Verb.OPEN, PAUSE, died(adult))
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {"suspended": [], "last_sign_of_life": None}


@pytest.mark.parametrize(("verb", "state"), [(Verb.WITHDRAW, "withdrawn"), (Verb.UNDO, "undone")])
async def test_taking_a_pause_back_leaves_what_was(
    desk: Desk, households: Households, verb: Verb, state: str
) -> None:
    before = await everything(desk)
    report = died(households[AT_HOME].persons[0])
    await desk.send(Verb.OPEN, PAUSE, report)
    assert await everything(desk) != before
    outcome = await desk.send(verb, PAUSE, report)
    assert outcome.state == state
    assert await everything(desk) == before


async def test_a_pause_is_not_withdrawn_once_the_death_is_confirmed(
    desk: Desk, households: Households
) -> None:
    report = died(households[AT_HOME].persons[0])
    await desk.send(Verb.OPEN, PAUSE, report)
    report.confirmed, report.version = True, 2
    outcome = await desk.send(Verb.WITHDRAW, PAUSE, report)
    assert outcome.state is OwnerState.DONE
    assert outcome.too_late_at is not None


async def test_a_visit_after_the_pause_reaches_the_planner_as_a_sign_of_life(
    desk: Desk, households: Households
) -> None:
    elder = households[AT_HOME].persons[0]
    report = died(elder)
    await desk.send(Verb.OPEN, PAUSE, report)
    met_at = NOW - timedelta(hours=1)
    async with desk.http() as client:
        answer = await client.post(
            "/internal/v1/care/meetings",
            json={"person": str(elder.person), "kind": "visit", "at": met_at.isoformat()},
        )
        standing = (await client.get(f"/internal/v1/procedures/{report.procedures[PAUSE]}")).json()
    assert answer.json() == {"told": 1}
    assert standing["outcome"]["signal"] == "sign_of_life"
    assert datetime.fromisoformat(standing["outcome"]["result"]["last_sign_of_life"]) == met_at
    assert len(await desk.rows("SELECT 1 FROM outbox WHERE topic = 'outcomes'")) == 1


async def test_a_suspended_order_is_not_delivered(desk: Desk, households: Households) -> None:
    household = households[AT_HOME]
    await desk.send(Verb.OPEN, PAUSE, died(household.persons[0]))
    body = {
        "person": str(household.persons[0].person), "kind": "delivery", "at": NOW.isoformat(),
        "order": str(household.home_orders[0].id),
    }  # fmt: skip
    async with desk.http() as client:
        answer = await client.post("/internal/v1/care/meetings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_open")


async def test_a_confirmed_death_stops_everything_with_the_month_of_death(
    desk: Desk, households: Households
) -> None:
    household = households[AT_HOME]
    elder = household.persons[0]
    outcome = await desk.send(Verb.OPEN, STOP, Report(elder.person, datetime(2026, 9, 30, 23, tzinfo=TZ)))
    assert outcome.state is OwnerState.DONE
    by_hold = {line["hold"]: line for line in outcome.result["stopped"]}
    assert {line["last_payable_month"] for line in by_hold.values()} == {"2026-09"}
    for allowance in household.allowances:
        assert by_hold[str(allowance.id)]["overpaid_fen"] == 2 * allowance.amount_fen
    assert await states(desk, elder.person) == {
        **{line["kind"]: {"stopped"} for line in by_hold.values()}, "elder_card": {"active"},
    }  # fmt: skip
    assert await balance(desk, "allowance_recoverable") == -2 * sum(
        a.amount_fen for a in household.allowances
    )


async def test_midnight_in_shanghai_decides_the_month(desk: Desk, households: Households) -> None:
    just_october = datetime.fromisoformat("2026-09-30T16:30:00+00:00")
    outcome = await desk.send(Verb.OPEN, STOP, Report(households[AT_HOME].persons[0].person, just_october))
    assert {line["last_payable_month"] for line in outcome.result["stopped"]} == {"2026-10"}


async def test_holding_nothing_there_is_nothing_to_stop(desk: Desk, households: Households) -> None:
    outcome = await desk.send(Verb.OPEN, STOP, died(households["single_adult"].persons[0]))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "holds_nothing")


async def test_a_stop_is_too_late_to_withdraw(desk: Desk, households: Households) -> None:
    report = died(households[AT_HOME].persons[0])
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.WITHDRAW, STOP, report)
    assert outcome.state is OwnerState.DONE
    assert outcome.too_late_at is not None


async def test_a_corrected_date_computes_anew_and_books_the_difference_only(
    desk: Desk, households: Households
) -> None:
    household = households[AT_HOME]
    monthly = sum(allowance.amount_fen for allowance in household.allowances)
    report = Report(household.persons[0].person, datetime(2026, 10, 5, 8, tzinfo=TZ))
    await desk.send(Verb.OPEN, STOP, report)
    for month, overpaid in ((8, 3), (11, 0), (9, 2)):
        report.died_at, report.version = datetime(2026, month, 5, 8, tzinfo=TZ), report.version + 1
        outcome = await desk.send(Verb.CORRECT, STOP, report)
        assert sum(line["overpaid_fen"] for line in outcome.result["stopped"]) == overpaid * monthly
        assert await balance(desk, "allowance_recoverable") == -overpaid * monthly
    assert outcome.version == 4


async def test_an_undo_restores_with_arrears_and_cancels_claims(desk: Desk, households: Households) -> None:
    household = households[AT_HOME]
    monthly = sum(allowance.amount_fen for allowance in household.allowances)
    report = Report(household.persons[0].person, datetime(2026, 9, 5, 8, tzinfo=TZ))
    await desk.send(Verb.OPEN, PAUSE, report)
    await desk.send(Verb.OPEN, STOP, report)
    desk.pass_time(days=70)  # 2027-01-31
    outcome = await desk.send(Verb.UNDO, STOP, report)
    await desk.send(Verb.UNDO, PAUSE, report)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert outcome.result["arrears_fen"] == 2 * monthly
    assert await balance(desk, "allowance_recoverable") == 0
    assert await balance(desk, "allowance_paid") == 2 * monthly
    paid = await desk.rows("SELECT DISTINCT paid_through FROM allowances WHERE person = :p", p=report.subject)
    assert [row.paid_through for row in paid] == [date(2027, 1, 1)]


async def test_an_undo_on_the_same_day_leaves_what_was(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    report = died(households[AT_HOME].persons[0])
    for kind in (PAUSE, STOP, CARD):
        await desk.send(Verb.OPEN, kind, report)
    for kind in (STOP, CARD, PAUSE):
        await desk.send(Verb.UNDO, kind, report)
    assert await everything(desk) == before
    assert await desk.rows("SELECT 1 FROM person_locks WHERE dead_from IS NOT NULL") == []


async def test_pause_and_stop_may_be_taken_back_in_either_order(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    report = died(households[AT_HOME].persons[0])
    for kind in (PAUSE, STOP):
        await desk.send(Verb.OPEN, kind, report)
    for kind in (PAUSE, STOP):
        await desk.send(Verb.UNDO, kind, report)
    assert await everything(desk) == before


async def test_a_bed_given_away_meanwhile_is_noted(desk: Desk, households: Households) -> None:
    household = households["care_home_resident"]
    bed = household.beds[0]
    report = died(household.persons[0])
    await desk.send(Verb.OPEN, STOP, report)
    newcomer = households["widowed_alone"].persons[0].person
    async with desk.http() as client:
        stay = {"person": str(newcomer), "bed": str(bed.id), "since": "2026-11-22"}
        first = await client.post("/internal/v1/care/stays", json=stay)
        second = await client.post("/internal/v1/care/stays", json=stay)
    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 409, "bed_taken")
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert [note["note"] for note in outcome.result["notes"]] == ["bed_taken"]
    assert (await states(desk, newcomer))["bed"] == {"active"}
    assert (await states(desk, report.subject))["bed"] == {"stopped"}


async def test_nothing_is_granted_for_months_after_the_death(desk: Desk, households: Households) -> None:
    elder = households[AT_HOME].persons[0]
    grant = {
        "person": str(elder.person), "kind": "elder_nursing_subsidy", "payee": str(elder.person),
        "amount_fen": 25_000, "granted_on": "2026-12-01", "region": "331022901000",
    }  # fmt: skip
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    async with desk.http() as client:
        refused = await client.post("/internal/v1/care/allowances", json=grant)
        same_month = await client.post(
            "/internal/v1/care/allowances", json={**grant, "granted_on": "2026-11-01"}
        )
        await desk.send(Verb.UNDO, STOP, report)
        granted = await client.post("/internal/v1/care/allowances", json=grant)
    assert (refused.status_code, refused.json()["code"]) == (409, "dead_from_then")
    assert (same_month.status_code, granted.status_code) == (201, 201)


async def test_suspended_and_stopped_allowances_are_left_out_of_the_payment(
    desk: Desk, households: Households
) -> None:
    paused, stopped = households[AT_HOME].persons[0], households["care_home_resident"].persons[0]
    await desk.send(Verb.OPEN, PAUSE, died(paused))
    await desk.send(Verb.OPEN, STOP, died(stopped))
    async with desk.service.transactions.begin() as tx:
        paid = await pay_month(tx, date(2026, 12, 1), at=NOW)
    rows = await desk.rows("SELECT person FROM allowances WHERE paid_through = '2026-12-01'")
    assert paid == len(rows) > 0
    assert not {paused.person, stopped.person} & {row.person for row in rows}


async def test_a_payment_after_a_lifted_pause_catches_up(desk: Desk, households: Households) -> None:
    report = died(households[AT_HOME].persons[0])
    monthly = sum(allowance.amount_fen for allowance in households[AT_HOME].allowances)
    await desk.send(Verb.OPEN, PAUSE, report)
    for month in (date(2026, 12, 1), date(2027, 1, 1)):
        async with desk.service.transactions.begin() as tx:
            await pay_month(tx, month, at=NOW)
    before = await balance(desk, "allowance_paid")
    await desk.send(Verb.WITHDRAW, PAUSE, report)
    async with desk.service.transactions.begin() as tx:
        assert await pay_month(tx, date(2027, 1, 1), at=NOW) == len(households[AT_HOME].allowances)
    assert await balance(desk, "allowance_paid") - before == 2 * monthly


async def test_a_stopped_allowance_is_still_paid_through_its_last_month(
    desk: Desk, households: Households
) -> None:
    household = households[AT_HOME]
    report = Report(household.persons[0].person, datetime(2027, 1, 5, 8, tzinfo=TZ))
    desk.pass_time(days=50)
    await desk.send(Verb.OPEN, STOP, report)
    async with desk.service.transactions.begin() as tx:
        await pay_month(tx, date(2027, 3, 1), at=NOW)
    rows = await desk.rows("SELECT paid_through FROM allowances WHERE person = :p", p=report.subject)
    assert {row.paid_through for row in rows} == {date(2027, 1, 1)}


async def test_a_payment_twice_pays_once(desk: Desk, households: Households) -> None:
    for expected in (True, False):
        async with desk.service.transactions.begin() as tx:
            assert bool(await pay_month(tx, date(2026, 12, 1), at=NOW)) is expected


async def test_the_elder_card_is_cancelled_and_valid_again(desk: Desk, households: Households) -> None:
    elder = households[AT_HOME].persons[0]
    report = died(elder)
    outcome = await desk.send(Verb.OPEN, CARD, report)
    assert outcome.result == {"cancelled": str(households[AT_HOME].elder_cards[0].id)}
    assert (await states(desk, elder.person))["elder_card"] == {"stopped"}
    report.version = 2
    assert (await desk.send(Verb.CORRECT, CARD, report)).state is OwnerState.DONE
    assert (await desk.send(Verb.UNDO, CARD, report)).undo_kind is UndoKind.RESTORE
    assert (await states(desk, elder.person))["elder_card"] == {"active"}


async def test_a_card_given_since_leaves_the_old_one_cancelled(desk: Desk, households: Households) -> None:
    elder = households[AT_HOME].persons[0]
    report = died(elder)
    await desk.send(Verb.OPEN, CARD, report)
    await desk.write(
        """INSERT INTO elder_cards (id, person, number, issued_on, region, state)
           VALUES (gen_random_uuid(), :p, 'N-1', '2026-11-22', '331022901000', 'active')""",
        p=elder.person,
    )
    outcome = await desk.send(Verb.UNDO, CARD, report)
    assert (outcome.undo_kind, outcome.reason) == (UndoKind.ANNOTATE, "new_card_issued")
    assert (await states(desk, elder.person))["elder_card"] == {"stopped", "active"}


async def test_without_a_card_the_row_does_not_apply(desk: Desk, households: Households) -> None:
    outcome = await desk.send(Verb.OPEN, CARD, died(households["single_adult"].persons[0]))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "holds_elder_card")


async def test_the_fact_care_is_published_with_kinds_and_states_only(
    desk: Desk, households: Households
) -> None:
    elder = households[AT_HOME].persons[0]
    await desk.send(Verb.OPEN, STOP, died(elder))
    (row,) = await desk.rows("SELECT payload FROM outbox WHERE topic = 'facts'")
    text = bytes(row.payload).decode()
    assert '"stopped"' in text and str(elder.person) in text
    assert elder.name not in text and elder.id_number not in text and elder.phone not in text


async def test_a_suspension_on_somebodys_word_is_told_to_nobody(desk: Desk, households: Households) -> None:
    await desk.send(Verb.OPEN, PAUSE, died(households[AT_HOME].persons[0]))
    assert await desk.rows("SELECT 1 FROM outbox WHERE topic = 'facts'") == []


async def test_the_same_order_again_changes_nothing(desk: Desk, households: Households) -> None:
    report = died(households[AT_HOME].persons[0])
    await desk.send(Verb.OPEN, STOP, report)
    before = await everything(desk)
    report.numbers[STOP] = 0
    await desk.send(Verb.OPEN, STOP, report)
    assert await everything(desk) == before
    assert len(await desk.rows("SELECT 1 FROM ledger_entries WHERE reason = 'overpaid_after_death'")) == 0


async def test_a_batch_is_each_by_itself(desk: Desk, households: Households) -> None:
    reports = [Report(h.persons[0].person, datetime(2026, 8, 5, 8, tzinfo=TZ)) for h in households.values()]
    orders = [(Verb.OPEN, kind, report) for report in reports for kind in (PAUSE, STOP)]
    batch = await desk.send_many(orders)
    after = await everything(desk)
    owed = await balance(desk, "allowance_recoverable")
    await desk.send_many([(Verb.UNDO, kind, report) for _, kind, report in orders])
    alone: list[Outcome] = []
    again = {id(report): Report(report.subject, report.died_at) for report in reports}
    for verb, kind, report in orders:
        alone.append(await desk.send(verb, kind, again[id(report)]))
    ended = [(str(row[1]), row[2]) for row in after]
    assert [(o.type, o.state, o.result) for o in batch] == [(o.type, o.state, o.result) for o in alone]
    assert ended == [(str(row[1]), row[2]) for row in await everything(desk)]
    assert owed == await balance(desk, "allowance_recoverable") < 0


async def test_importing_again_changes_nothing(desk: Desk, households: Households) -> None:
    before = await everything(desk)
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, list(households.values()))
    assert await everything(desk) == before
