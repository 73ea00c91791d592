"""Beds of care homes on a real database: who is next, who gets it, and what an undo can still give back (R56)."""

import asyncio
import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from deploy.local.people.model import SyntheticHousehold
from kernel.testing import eventually
from services.eldercare.commands.beds import Contract, admit, answer_offer
from services.eldercare.commands.offer_clock import lapse_offers
from tests.owner_desk import NOW, Desk, Report

STOP, PAUSE = "eldercare.stop_benefits", "eldercare.pause_services"
Households = Mapping[str, SyntheticHousehold]
HOME = UUID(int=77)


async def new_home(desk: Desk, beds: int = 2) -> list[UUID]:
    """A home of the test's own."""
    made = [uuid4() for _ in range(beds)]
    for number, bed in enumerate(made):
        await desk.write(
            """INSERT INTO beds (id, home, home_name, number, kind, region)
               VALUES (:id, :home, 'h', :number, 'institution', '331022901000')""",
            id=bed, home=HOME, number=str(number),
        )  # fmt: skip
    return made


async def move_in(desk: Desk, bed: UUID, person: UUID | None = None, **contract: Any) -> UUID:
    """Somebody lies in the bed since last year."""
    who = person or uuid4()
    async with desk.service.transactions.begin() as tx:
        await admit(tx, who, bed, since=date(2025, 1, 1), at=NOW, contract=Contract(**contract))
    return who


async def ask(desk: Desk, asked_on: str = "2026-10-01", priority: str = "ordinary") -> UUID:
    person = uuid4()
    body = {"person": str(person), "home": str(HOME), "asked_on": asked_on, "priority": priority}
    async with desk.http() as client:
        answer = await client.post("/internal/v1/care/bed-requests", json=body)
    assert answer.status_code == 201, answer.text
    return person


async def offers(desk: Desk) -> dict[UUID, UUID]:
    """Person → bed of the open offers."""
    rows = await desk.rows("SELECT person, bed FROM bed_offers WHERE state = 'open'")
    return {row.person: row.bed for row in rows}


async def answer(desk: Desk, person: UUID, word: str, **more: Any) -> Any:
    (row,) = await desk.rows(
        "SELECT id FROM bed_offers WHERE person = :p ORDER BY state = 'open' DESC, offered_on DESC LIMIT 1",
        p=person,
    )
    async with desk.http() as client:
        return await client.post(
            f"/internal/v1/care/bed-offers/{row.id}/answer", json={"answer": word, **more}
        )


async def lies_in(desk: Desk, person: UUID) -> UUID | None:
    rows = await desk.rows(
        "SELECT bed FROM stays WHERE person = :p AND until IS NULL AND ended_by IS NULL", p=person
    )
    return rows[0].bed if rows else None


def died(person: UUID) -> Report:
    return Report(person, NOW - timedelta(days=1), confirmed=True)


async def test_a_freed_bed_is_offered_by_class_and_then_by_date(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    await ask(desk, "2026-01-01")
    first = await ask(desk, "2026-05-01", "demented")
    await ask(desk, "2026-06-01", "poor_disabled")
    await desk.send(Verb.OPEN, STOP, died(elder))
    assert await offers(desk) == {first: bed}


async def test_a_bed_is_kept_for_whom_it_is_offered_to(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    person = await ask(desk)
    await desk.send(Verb.OPEN, STOP, died(elder))
    async with desk.http() as client:
        stay = {"person": str(uuid4()), "bed": str(bed), "since": "2026-11-22"}
        refused = await client.post("/internal/v1/care/stays", json=stay)
    assert (refused.status_code, refused.json()["code"]) == (409, "bed_offered")
    assert (await answer(desk, person, "accept")).status_code == 200
    assert await lies_in(desk, person) == bed
    assert (await desk.rows("SELECT state FROM bed_requests"))[0].state == "admitted"


async def test_who_declines_keeps_the_place_twice_and_the_next_is_asked(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    first, second = await ask(desk, "2026-01-01"), await ask(desk, "2026-02-01")
    await desk.send(Verb.OPEN, STOP, died(elder))
    assert (await answer(desk, first, "decline")).json() == {"stay": None}
    assert await offers(desk) == {second: bed}
    await answer(desk, second, "decline")
    assert await offers(desk) == {first: bed}
    await answer(desk, first, "decline")
    rows = await desk.rows("SELECT asked_on, declined FROM bed_requests WHERE person = :p", p=first)
    assert (rows[0].asked_on, rows[0].declined) == (NOW.date(), 2)
    assert (await answer(desk, first, "accept")).json()["code"] == "offer_closed"


async def test_an_offer_that_nobody_answers_lapses_to_the_next(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    first = await ask(desk, "2026-01-01")
    await desk.send(Verb.OPEN, STOP, died(elder))
    desk.pass_time(days=8)
    assert (await answer(desk, first, "accept")).json()["code"] == "offer_closed"
    async with desk.http() as client:
        lapsed = await client.post("/internal/v1/care/bed-offers/lapse")
    assert lapsed.json() == {"lapsed": 1}
    assert await offers(desk) == {first: bed}


async def test_who_lets_an_offer_run_out_makes_way_for_whoever_else_waits(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    first, second = await ask(desk, "2026-01-01"), await ask(desk, "2026-02-01")
    await desk.send(Verb.OPEN, STOP, died(elder))
    assert await offers(desk) == {first: bed}
    desk.pass_time(days=8)
    async with desk.service.transactions.begin() as tx:
        assert await lapse_offers(tx, at=desk.clock.now()) == 1
    assert await offers(desk) == {second: bed}
    (row,) = await desk.rows("SELECT declined FROM bed_requests WHERE person = :p", p=first)
    assert row.declined == 1


async def test_who_waits_is_shown_waiting_then_offered_then_lying_in_the_bed(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    person = await ask(desk)

    async def shown() -> list[tuple[str, str]]:
        async with desk.http() as client:
            told = (await client.get(f"/internal/v1/people/{person}")).json()
        return [(one["kind"], one["state"]) for one in (*told["waits"], *told["holds"])]

    assert await shown() == [("bed_request", "waiting")]
    await desk.send(Verb.OPEN, STOP, died(elder))
    assert await shown() == [("bed_request", "offered")]
    await answer(desk, person, "accept")
    assert await shown() == [("bed", "active")]


async def test_the_dead_and_the_suspended_are_passed_over(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    dead, suspended = await ask(desk, "2026-01-01"), await ask(desk, "2026-02-01")
    alive = await ask(desk, "2026-03-01")
    await desk.send(Verb.OPEN, STOP, died(dead))
    await desk.send(Verb.OPEN, PAUSE, died(suspended))
    await desk.send(Verb.OPEN, STOP, died(elder))
    assert await offers(desk) == {alive: bed}


async def test_the_death_of_whom_a_bed_is_offered_to_passes_it_on(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    first, second = await ask(desk, "2026-01-01"), await ask(desk, "2026-02-01")
    await desk.send(Verb.OPEN, STOP, died(elder))
    await desk.send(Verb.OPEN, STOP, died(first))
    assert await offers(desk) == {second: bed}


async def test_an_undo_before_the_answer_takes_the_bed_back_and_the_asked_keeps_the_place(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    person = await ask(desk)
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert outcome.result["notes"] == []
    assert (await lies_in(desk, elder), await offers(desk)) == (bed, {})
    assert (await answer(desk, person, "accept")).json()["code"] == "offer_closed"
    rows = await desk.rows("SELECT state, ended_by FROM bed_requests WHERE person = :p", p=person)
    assert (rows[0].state, rows[0].ended_by) == ("waiting", None)


async def test_a_bed_given_away_is_made_good_by_another_free_one_under_the_old_contract(desk: Desk) -> None:
    bed, spare = sorted(await new_home(desk, 2))
    elder = await move_in(desk, bed, deposit_fen=90_000, fee_fen=200_000, fee_paid_through=date(2026, 12, 1))
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    newcomer = await move_in(desk, bed)
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert [note["note"] for note in outcome.result["notes"]] == ["moved_to_another_bed"]
    assert (await lies_in(desk, elder), await lies_in(desk, newcomer)) == (spare, bed)
    (stay,) = await desk.rows("SELECT * FROM stays WHERE person = :p AND ended_by IS NULL", p=elder)
    assert (stay.deposit_fen, stay.fee_fen, stay.fee_paid_through) == (90_000, 200_000, date(2026, 12, 1))
    assert {row.state for row in await desk.rows("SELECT state FROM stay_settlements")} == {"cancelled"}


async def test_without_a_free_bed_who_lives_after_all_comes_first_on_the_list(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    newcomer = await move_in(desk, bed)
    await ask(desk, "2020-01-01", "poor_disabled")
    outcome = await desk.send(Verb.UNDO, STOP, report)
    assert [note["note"] for note in outcome.result["notes"]] == ["bed_taken"]
    await desk.send(Verb.OPEN, STOP, died(newcomer))
    assert await offers(desk) == {elder: bed}


async def test_a_corrected_date_offers_no_bed_twice(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    await ask(desk, "2026-01-01")
    await ask(desk, "2026-02-01")
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    before = await offers(desk)
    report.died_at, report.version = NOW - timedelta(days=5), 2
    await desk.send(Verb.CORRECT, STOP, report)
    assert await offers(desk) == before
    assert len(await desk.rows("SELECT 1 FROM bed_offers")) == 1


async def test_deposit_and_fee_stand_each_for_itself_and_follow_the_date(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed, deposit_fen=90_000, fee_fen=300_000, fee_paid_through=date(2026, 11, 1))
    report = died(elder)  # on the 21st
    await desk.send(Verb.OPEN, STOP, report)

    async def recorded() -> dict[str, int]:
        rows = await desk.rows("SELECT kind, amount_fen FROM stay_settlements WHERE state = 'recorded'")
        return {row.kind: row.amount_fen for row in rows}

    assert await recorded() == {"deposit": 90_000, "prepaid_fee": 90_000}
    report.died_at, report.version = NOW - timedelta(days=12), 2
    await desk.send(Verb.CORRECT, STOP, report)
    assert await recorded() == {"deposit": 90_000, "prepaid_fee": 200_000}
    assert await desk.rows("SELECT 1 FROM ledger_entries") == []


async def test_a_family_bed_is_offered_to_nobody(desk: Desk, households: Households) -> None:
    household = households["cared_for_at_home"]
    home = household.beds[0].home
    body = {"person": str(uuid4()), "home": str(home), "asked_on": "2026-10-01"}
    async with desk.http() as client:
        assert (await client.post("/internal/v1/care/bed-requests", json=body)).status_code == 201
    outcome = await desk.send(Verb.OPEN, STOP, died(household.persons[0].person))
    (line,) = [line for line in outcome.result["stopped"] if line["kind"] == "bed"]
    assert line["equipment"] == "to_collect"
    assert await offers(desk) == {}


async def test_who_moves_out_makes_way_for_the_next(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    person = await ask(desk)
    (stay,) = await desk.rows("SELECT id FROM stays WHERE person = :p", p=elder)
    async with desk.http() as client:
        first = await client.post(f"/internal/v1/care/stays/{stay.id}/end", json={"until": "2026-11-22"})
        again = await client.post(f"/internal/v1/care/stays/{stay.id}/end", json={"until": "2026-11-22"})
    assert (first.status_code, again.status_code) == (200, 404)
    assert await offers(desk) == {person: bed}


async def test_an_undo_that_waited_for_an_acceptance_leaves_the_bed_to_whom_it_was_given(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    person = await ask(desk)
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    (offer,) = await desk.rows("SELECT id FROM bed_offers WHERE state = 'open'")
    async with desk.service.transactions.begin() as tx:
        await answer_offer(tx, offer.id, "accept", since=NOW.date(), at=NOW)
        undo = asyncio.create_task(desk.send(Verb.UNDO, STOP, report))
        await eventually(lambda: waited_for(desk))
    outcome = await undo
    assert outcome.state is OwnerState.UNDONE
    assert [note["note"] for note in outcome.result["notes"]] == ["bed_taken"]
    assert await lies_in(desk, person) == bed


async def test_an_acceptance_that_waited_for_an_undo_finds_the_offer_closed(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    elder = await move_in(desk, bed)
    person = await ask(desk)
    report = died(elder)
    await desk.send(Verb.OPEN, STOP, report)
    async with desk.service.transactions.begin() as tx:
        await desk.send(Verb.UNDO, STOP, report, tx=tx)
        late = asyncio.create_task(answer(desk, person, "accept"))
        await eventually(lambda: waited_for(desk))
    assert (await late).json()["code"] == "offer_closed"
    assert await lies_in(desk, elder) == bed


async def waited_for(desk: Desk) -> bool:
    """Whether somebody waits for a lock of another's."""
    return bool(await desk.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_two_deaths_at_once_are_offered_to_two_people(desk: Desk) -> None:
    beds = await new_home(desk, 2)
    elders = [await move_in(desk, bed) for bed in beds]
    people = {await ask(desk), await ask(desk), await ask(desk)}
    await asyncio.gather(*(desk.send(Verb.OPEN, STOP, died(elder)) for elder in elders))
    found = await offers(desk)
    assert set(found.values()) == set(beds)
    assert set(found) < people


async def test_of_two_revoked_who_lay_in_one_bed_after_each_other_the_last_has_it_back(desk: Desk) -> None:
    (bed,) = await new_home(desk, 1)
    first = await move_in(desk, bed)
    reports = [died(first)]
    await desk.send(Verb.OPEN, STOP, reports[0])
    async with desk.service.transactions.begin() as tx:
        second = uuid4()
        await admit(tx, second, bed, since=NOW.date(), at=NOW)
    reports.append(died(second))
    await desk.send(Verb.OPEN, STOP, reports[1])
    outcomes = await desk.send_many([(Verb.UNDO, STOP, report) for report in reports])
    assert [outcome.state for outcome in outcomes] == ["undone", "undone"]
    assert (await lies_in(desk, first), await lies_in(desk, second)) == (None, bed)
    rows = await desk.rows("SELECT person, priority FROM bed_requests")
    assert [(row.person, row.priority) for row in rows] == [(first, "restored")]


@pytest.mark.parametrize("seed", range(4))
async def test_two_people_never_lie_in_one_bed_and_no_bed_is_kept_for_two(desk: Desk, seed: int) -> None:
    """Any order of deaths, undos, requests, answers and lapses over two beds."""
    dice = random.Random(seed)
    beds = await new_home(desk, 2)
    reports = [died(await move_in(desk, bed)) for bed in beds]
    for _ in range(24):
        move = dice.choice(("stop", "undo", "ask", "accept", "decline", "pass"))
        if move == "ask":
            reports.append(died(await ask(desk, f"2026-{dice.randrange(1, 10):02d}-01")))
        elif move in ("accept", "decline"):
            for person in sorted(await offers(desk)):
                assert (await answer(desk, person, move)).status_code in (200, 409)
        elif move == "pass":
            desk.pass_time(days=3)
            async with desk.service.transactions.begin() as tx:
                await lapse_offers(tx, at=desk.clock.now())
        else:
            await _stop_or_undo(desk, dice.choice(reports), move)
        await _nobody_is_crowded(desk)


async def _stop_or_undo(desk: Desk, report: Report, move: str) -> None:
    standing = desk.outcomes.get(report.procedures.get(STOP, uuid4()))
    is_done = standing is not None and standing.state is OwnerState.DONE
    if move == "stop" and not is_done:
        report.procedures.pop(STOP, None)
        report.numbers.pop(STOP, None)
        await desk.send(Verb.OPEN, STOP, report)
    elif move == "undo" and is_done:
        await desk.send(Verb.UNDO, STOP, report)


async def _nobody_is_crowded(desk: Desk) -> None:
    taken = await desk.rows("SELECT bed, person FROM stays WHERE until IS NULL AND ended_by IS NULL")
    kept = await desk.rows("SELECT bed, person FROM bed_offers WHERE state = 'open'")
    beds = [row.bed for row in (*taken, *kept)]
    assert len(beds) == len(set(beds)), "a bed has two"
    people = [row.person for row in taken]
    assert len(people) == len(set(people)), "somebody lies in two beds"
    assert not set(people) & {row.person for row in kept}, "a bed is kept for somebody who has one"
