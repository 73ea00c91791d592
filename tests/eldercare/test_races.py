"""Two at once: payments and stops, beds given away, signs of life. Each pair has one order, whoever comes first."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import uuid4

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from deploy.local.people.model import SyntheticHousehold
from kernel.public_service.clock import TZ
from kernel.testing import eventually
from services.eldercare.commands.beds import admit
from services.eldercare.commands.payments import pay_month
from tests.owner_desk import NOW, Desk, Report

PAUSE, STOP = "eldercare.pause_services", "eldercare.stop_benefits"
Households = Mapping[str, SyntheticHousehold]


async def waited_for(desk: Desk) -> bool:
    """Whether somebody waits for a lock of another's."""
    return bool(await desk.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_a_stop_that_waited_for_a_payment_counts_it_as_overpaid(
    desk: Desk, households: Households
) -> None:
    household = households["cared_for_at_home"]
    monthly = sum(allowance.amount_fen for allowance in household.allowances)
    report = Report(household.persons[0].person, datetime(2026, 11, 5, 8, tzinfo=TZ))
    async with desk.service.transactions.begin() as tx:
        await pay_month(tx, date(2026, 12, 1), at=NOW)
        stop = asyncio.create_task(desk.send(Verb.OPEN, STOP, report))
        await eventually(lambda: waited_for(desk))
    outcome = await stop
    assert sum(line["overpaid_fen"] for line in outcome.result["stopped"]) == monthly


async def test_a_payment_that_waited_for_a_stop_pays_nothing(desk: Desk, households: Households) -> None:
    person = households["cared_for_at_home"].persons[0].person
    report = Report(person, datetime(2026, 11, 5, 8, tzinfo=TZ))

    async def pay() -> None:
        async with desk.service.transactions.begin() as tx:
            await pay_month(tx, date(2026, 12, 1), at=NOW)

    async with desk.service.transactions.begin() as tx:
        await desk.send(Verb.OPEN, STOP, report, tx=tx)
        payment = asyncio.create_task(pay())
        await eventually(lambda: waited_for(desk))
    await payment
    rows = await desk.rows("SELECT paid_through FROM allowances WHERE person = :person", person=person)
    assert {row.paid_through for row in rows} == {date(2026, 11, 1)}


async def test_of_ten_who_want_a_freed_bed_one_gets_it(desk: Desk, households: Households) -> None:
    household = households["care_home_resident"]
    report = Report(household.persons[0].person, NOW - timedelta(days=1))
    await desk.send(Verb.OPEN, STOP, report)
    body = {"bed": str(household.beds[0].id), "since": "2026-11-22"}
    async with desk.http() as client:
        answers = await asyncio.gather(
            *(
                client.post("/internal/v1/care/stays", json={**body, "person": str(uuid4())})
                for _ in range(10)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9


async def test_an_undo_that_waited_for_an_admission_leaves_the_bed_to_the_newcomer(
    desk: Desk, households: Households
) -> None:
    household = households["care_home_resident"]
    report = Report(household.persons[0].person, NOW - timedelta(days=1))
    await desk.send(Verb.OPEN, STOP, report)
    async with desk.service.transactions.begin() as tx:
        await admit(tx, uuid4(), household.beds[0].id, since=NOW.date(), at=NOW)
        undo = asyncio.create_task(desk.send(Verb.UNDO, STOP, report))
        await eventually(lambda: waited_for(desk))
    outcome = await undo
    assert outcome.state is OwnerState.UNDONE
    assert [note["note"] for note in outcome.result["notes"]] == ["bed_taken"]


async def test_a_stop_ends_a_place_on_the_waiting_list_and_an_undo_gives_it_back(
    desk: Desk, households: Households
) -> None:
    person = households["widowed_alone"].persons[0].person
    home = households["care_home_resident"].beds[0].home
    async with desk.http() as client:
        body = {"person": str(person), "home": str(home), "asked_on": "2026-11-20"}
        assert (await client.post("/internal/v1/care/bed-requests", json=body)).status_code == 201
        unknown = await client.post("/internal/v1/care/bed-requests", json={**body, "home": str(uuid4())})
    assert unknown.json()["code"] == "home_unknown"
    report = Report(person, NOW - timedelta(days=1))
    outcome = await desk.send(Verb.OPEN, STOP, report)
    assert "bed_request" not in {line["kind"] for line in outcome.result["stopped"]}
    assert (await desk.rows("SELECT ended_by FROM bed_requests"))[0].ended_by == report.procedures[STOP]
    await desk.send(Verb.UNDO, STOP, report)
    assert (await desk.rows("SELECT ended_by FROM bed_requests"))[0].ended_by is None


async def test_a_suspended_visit_still_counts_as_a_meeting(desk: Desk, households: Households) -> None:
    household = households["cared_for_at_home"]
    report = Report(household.persons[0].person, NOW - timedelta(days=1), persons={"applicant": uuid4()})
    await desk.send(Verb.OPEN, PAUSE, report)
    body = {"person": str(report.subject), "kind": "meal", "at": NOW.isoformat()}
    async with desk.http() as client:
        first = await client.post("/internal/v1/care/meetings", json=body, headers={"Idempotency-Key": "m-1"})
        again = await client.post("/internal/v1/care/meetings", json=body, headers={"Idempotency-Key": "m-1"})
    assert (first.json(), again.json()) == ({"told": 1}, {"told": 1})
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(await desk.rows("SELECT 1 FROM meals WHERE taken_at = :at", at=NOW)) == 1
