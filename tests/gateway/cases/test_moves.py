"""Cases move in batches: few statements however many cases, stale outcomes ignored, unknown cases parked."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.catalog import Lapse
from contracts.orders import OrdersIssued
from contracts.outcomes import Outcome, OutcomesReported, OwnerState
from contracts.terms import LimitUnit
from gateway.cases import lapses, outcomes
from gateway.cases.lapses import OffersStage
from gateway.cases.planner.inputs import Input, OutcomeArrived
from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.event import encode
from kernel.messaging.message import Message
from kernel.public_service.calendar import WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ
from tests.gateway.counting import counted
from tests.gateway.office import NOW, Office, row

SIGNS = ("assistance.hold_payments", "eldercare.pause_services")
CERTIFICATE = "health.death_certificate"


async def case_ids(office: Office) -> list[UUID]:
    return [one.id for one in await office.rows("SELECT id FROM cases ORDER BY submitted_at, id")]


def outcome(case: dict[str, Any], kind: str, version: int = 5, **more: Any) -> OutcomeArrived:
    """The owner's answer `done`, unless `more` says otherwise."""
    values = {"state": OwnerState.DONE, "at": NOW, "order": 1, **more}
    return OutcomeArrived(Outcome(procedure=row(case, kind)["id"], type=kind, version=version, **values))


async def move(office: Office, *moves: tuple[UUID, list[Input]]) -> list[Any]:
    async with office.desk.open() as tx:
        return await office.desk.moves.move(tx, moves, at=NOW, actor="system")


async def confirmed_inputs(office: Office, number: int) -> list[tuple[UUID, list[Input]]]:
    """As many new cases with all that confirms each of them."""
    moves = []
    for _ in range(number):
        case = await office.report(remains="cremation")
        (stored,) = await office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
        moves.append((stored.id, [outcome(case, kind) for kind in (*SIGNS, CERTIFICATE)]))
    return moves


async def test_ten_cases_move_with_as_many_statements_as_one(office: Office) -> None:
    with counted(office.desk.service.engine) as one:
        await move(office, *await confirmed_inputs(office, 1))
    counts = []
    for number in (1, 10):
        moves = await confirmed_inputs(office, number)
        with counted(office.desk.service.engine) as statements:
            await move(office, *moves)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8, one


async def test_confirmation_orders_every_service_in_one_message_each(office: Office) -> None:
    moves = await confirmed_inputs(office, 1)
    before = await office.rows("SELECT coalesce(max(seq), 0) AS seq FROM outbox")
    await move(office, *moves)
    sent = await office.rows("SELECT topic FROM outbox WHERE seq > :seq ORDER BY seq", seq=before[0].seq)
    topics = [line.topic for line in sent if line.topic.startswith("orders.")]
    assert sorted(topics) == ["orders.assistance", "orders.eldercare", "orders.funeral", "orders.marriage"]


async def test_confirmation_states_that_the_person_is_dead(office: Office) -> None:
    moves = await confirmed_inputs(office, 1)
    await move(office, *moves)
    (stated,) = await office.rows(
        "SELECT state, effective_on, fact_version FROM fact_statements WHERE fact = 'life'"
    )
    assert (stated.state, str(stated.effective_on), stated.fact_version) == (
        {"life": "dead"},
        "2026-03-01",
        1,
    )


async def test_an_outcome_seen_before_changes_nothing_and_is_not_told_again(office: Office) -> None:
    case = await office.report()
    (case_id,) = await case_ids(office)
    await move(office, (case_id, [outcome(case, CERTIFICATE, 5)]))
    before = await office.read(case["case_no"])
    moved = await move(office, (case_id, [outcome(case, CERTIFICATE, 4, state=OwnerState.REFUSED)]))
    assert [one.stale for one in moved] == [1]
    assert await office.read(case["case_no"]) == before


async def test_a_later_outcome_replaces_result_task_and_limits_together(office: Office) -> None:
    case = await office.report()
    (case_id,) = await case_ids(office)
    await move(
        office,
        (case_id, [outcome(case, CERTIFICATE, 5, state=OwnerState.PAUSED, due_at=NOW, result={"a": 1})]),
    )
    paused = row(await office.read(case["case_no"]), CERTIFICATE)
    await move(office, (case_id, [outcome(case, CERTIFICATE, 6, result={"b": 2})]))
    done = row(await office.read(case["case_no"]), CERTIFICATE)
    assert (paused["state"], paused["paused"], paused["result"]) == ("open", True, {"a": 1})
    assert (done["state"], done["paused"], done["result"], done["due_at"]) == ("done", False, {"b": 2}, None)


async def test_a_change_of_the_gateways_own_keeps_what_the_owner_showed(office: Office) -> None:
    case = await office.report()
    (case_id,) = await case_ids(office)
    await move(
        office, (case_id, [outcome(case, CERTIFICATE, 5, state=OwnerState.OPEN, due_at=NOW, result={"a": 1})])
    )
    await office.act(office.clerk, case["case_no"], "withdrawal", reason="家属要求", version=1)
    shown = row(await office.read(case["case_no"]), CERTIFICATE)
    assert (shown["result"], shown["due_at"]) == ({"a": 1}, "2026-03-02T10:00:00+08:00")


def reported(case: UUID, *arrived: OutcomeArrived) -> Message:
    event = OutcomesReported(case=case, owner="assistance", outcomes=tuple(one.outcome for one in arrived))
    return encode(event, source="/test")


async def handle(office: Office, *messages: Message) -> dict[UUID, str]:
    handler = outcomes.outcomes_handler(office.desk.moves, office.clock)
    async with office.desk.transactions.begin_as(ConsumerTransaction, consumer="test") as tx:
        await handler(messages, tx)
        return tx.parked


async def test_an_outcome_of_an_unknown_case_parks_and_the_rest_moves(office: Office) -> None:
    case = await office.report()
    (case_id,) = await case_ids(office)
    good = reported(case_id, outcome(case, SIGNS[0]))
    strange = reported(uuid4(), outcome(case, SIGNS[1]))
    assert set(await handle(office, strange, good)) == {strange.id}
    assert row(await office.read(case["case_no"]), SIGNS[0])["state"] == "done"


async def test_a_message_that_cannot_be_read_parks(office: Office) -> None:
    await office.report()
    (case_id,) = await case_ids(office)
    message = Message(uuid4(), "outcomes", str(case_id), {"ce_type": "lianban.OutcomesReported.v1"}, b"{}")
    assert set(await handle(office, message)) == {message.id}


async def test_an_offer_with_an_end_lapses_at_its_instant(office: Office) -> None:
    case = await office.report()
    (stored,) = await office.rows("SELECT id FROM case_procedures WHERE type = 'funeral.memorial'")
    async with office.desk.open() as tx:
        await tx.execute(
            text("UPDATE case_procedures SET lapses_at = :at WHERE id = :id"), {"at": NOW, "id": stored.id}
        )
    from_clock = await lapse(office)
    assert from_clock == 1
    ended = row(await office.read(case["case_no"]), "funeral.memorial")
    assert (ended["state"], ended["reason"], ended["ended_at"]) == (
        "not_applicable", "offer_lapsed", "2026-03-02T10:00:00+08:00",
    )  # fmt: skip


async def lapse(office: Office) -> int:
    async with office.desk.open() as tx:
        return await lapses.run_due(tx, moves=office.desk.moves, now=office.clock.now())


MEMORIAL = "funeral.memorial"


@pytest.fixture
async def memorial_lapses(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a region whose offer of a memorial page ends after ten working days."""
    catalogue = office.desk.plans.catalogue
    death = catalogue.life_events["death"]
    ten_days = Lapse(amount=10, unit=LimitUnit.WORKING_DAY)
    rows = tuple(
        one.model_copy(update={"offer_lapses": ten_days}) if one.type == MEMORIAL else one
        for one in death.procedures
    )
    events = {**catalogue.life_events, "death": death.model_copy(update={"procedures": rows})}
    monkeypatch.setattr(office.desk.plans, "catalogue", replace(catalogue, life_events=events))


def holidays(*days: date) -> WorkingCalendar:
    """The calendar of this process with these working days of 2026 made free."""
    known = WorkingCalendar.load()
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    rest = frozenset(day for day in year if day.weekday() < 5 and not known.is_working_day(day))
    work = frozenset(day for day in year if day.weekday() >= 5 and known.is_working_day(day))
    return WorkingCalendar({2026: YearNotice(rest | frozenset(days), work)})


async def carried(office: Office, calendar: WorkingCalendar) -> int:
    """A page of offers on a calendar that was changed; how many moved."""
    stage = OffersStage(office.desk.plans, calendar)
    async with office.desk.open() as tx:
        page = await stage(tx, since=datetime(2026, 1, 1, tzinfo=TZ), after=UUID(int=0), limit=500, at=NOW)
    return page.moved


@pytest.mark.usefixtures("memorial_lapses")
async def test_the_end_of_an_offer_moves_with_a_new_calendar_and_back(office: Office) -> None:
    case = await office.report()
    offered = row(await office.read(case["case_no"]), MEMORIAL)
    assert (offered["state"], offered["lapses_at"]) == ("offered", "2026-03-16T23:59:59+08:00")
    longer = holidays(date(2026, 3, 5), date(2026, 3, 6))
    assert [await carried(office, longer), await carried(office, longer)] == [1, 0]
    later = row(await office.read(case["case_no"]), MEMORIAL)
    assert later["lapses_at"] == "2026-03-18T23:59:59+08:00"
    assert await carried(office, WorkingCalendar.load()) == 1
    assert row(await office.read(case["case_no"]), MEMORIAL)["lapses_at"] == offered["lapses_at"]


@pytest.mark.usefixtures("memorial_lapses")
async def test_an_offer_that_was_answered_keeps_the_end_it_had(office: Office) -> None:
    await office.report()
    await office.rows(
        "UPDATE case_procedures SET state = 'withdrawn' WHERE type = :type RETURNING 1", type=MEMORIAL
    )
    assert await carried(office, holidays(date(2026, 3, 5))) == 0


def test_the_worker_of_the_gateway_carries_offers_too(office: Office) -> None:
    new_calendar = office.services["gateway"].app.state.new_calendar
    assert OffersStage in {type(stage) for stage in new_calendar.stages}


@pytest.mark.parametrize("kind", ["assistance.stop_benefits", "funeral.cremation"])
async def test_an_owner_gets_only_the_answers_its_rows_list(office: Office, kind: str) -> None:
    moves = await confirmed_inputs(office, 1)
    await move(office, *moves)
    owner = kind.split(".")[0]
    (sent,) = await office.rows(
        "SELECT payload FROM outbox WHERE topic = :topic ORDER BY seq DESC LIMIT 1", topic=f"orders.{owner}"
    )
    issued = OrdersIssued.model_validate_json(sent.payload)
    part = office.desk.sealer.open(issued.sealed, issued.case, owner)
    specs = [spec for spec in office.desk.catalogue.life_events["death"].procedures if spec.owner == owner]
    assert part
    assert set(part) <= {pointer for spec in specs for pointer in spec.fields}
