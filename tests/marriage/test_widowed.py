"""`marriage.widowed` on a real database: every verb, Civil Code 51, and what others see."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from casework.persons import DeadFromThen, set_dead_from
from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind, UndoReason
from deploy.local.people.model import SyntheticHousehold
from services.marriage.commands import register
from services.marriage.people_import import load_people
from tests.owner_desk import COUNTY, NOW, Desk, Report

WIDOWED = "marriage.widowed"
Households = Mapping[str, SyntheticHousehold]


async def seen(desk: Desk, person: UUID) -> tuple[str | None, str | None]:
    """(marital state, spouse) as the internal API answers."""
    async with desk.http() as client:
        view = (await client.get(f"/internal/v1/people/{person}")).json()
    return view["marital_state"], view["spouse"]


async def couples(desk: Desk) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await desk.rows("SELECT * FROM couples ORDER BY id")]


async def widow(desk: Desk, households: Households) -> tuple[Report, UUID, Outcome]:
    husband, wife = households["old_couple"].persons[:2]
    report = Report(husband.person, NOW - timedelta(days=2), confirmed=True)
    return report, wife.person, await desk.send(Verb.OPEN, WIDOWED, report)


async def test_the_survivor_is_widowed(desk: Desk, households: Households) -> None:
    report, wife, outcome = await widow(desk, households)
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {"person": str(wife), "marital_state": "widowed"}
    assert await seen(desk, wife) == ("widowed", None)
    assert await seen(desk, report.subject) == (None, None)


async def test_nobody_to_widow_is_not_applicable(desk: Desk, households: Households) -> None:
    report = Report(households["single_adult"].persons[0].person, NOW, confirmed=True)
    outcome = await desk.send(Verb.OPEN, WIDOWED, report)
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "not_married")


async def test_a_corrected_date_moves_the_end_of_the_marriage(desk: Desk, households: Households) -> None:
    report, _, _ = await widow(desk, households)
    report.died_at, report.version = NOW - timedelta(days=9), 2
    outcome = await desk.send(Verb.CORRECT, WIDOWED, report)
    ended = await desk.rows("SELECT ended_on FROM couples WHERE state = 'widowed'")
    assert outcome.state is OwnerState.DONE
    assert [row.ended_on for row in ended] == [date(2026, 11, 13)]


async def test_a_confirmed_death_is_not_withdrawn(desk: Desk, households: Households) -> None:
    report, wife, _ = await widow(desk, households)
    outcome = await desk.send(Verb.WITHDRAW, WIDOWED, report)
    assert outcome.too_late_at is not None
    assert await seen(desk, wife) == ("widowed", None)


@pytest.mark.parametrize("reason", [each for each in UndoReason if each is not UndoReason.COURT_REVOKED])
async def test_the_marriage_stands_again(desk: Desk, households: Households, reason: UndoReason) -> None:
    before = await couples(desk)
    report, wife, _ = await widow(desk, households)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=reason)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert await couples(desk) == before
    assert await seen(desk, wife) == ("married", str(report.subject))


async def test_a_survivor_who_remarried_stays_with_the_new_spouse(desk: Desk, households: Households) -> None:
    report, wife, _ = await widow(desk, households)
    await _marry(desk, households["single_adult"].persons[0].person, wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=UndoReason.COURT_REVOKED)
    assert (outcome.undo_kind, outcome.reason) == (UndoKind.ANNOTATE, "remarried")
    assert (await seen(desk, wife))[0] == "married"
    assert await seen(desk, report.subject) == ("divorced", None)


async def _marry(desk: Desk, husband: UUID, wife: UUID) -> None:
    async with desk.service.transactions.begin() as tx:
        await register(
            tx,
            id=uuid4(),
            husband=husband,
            wife=wife,
            registered_on=date(2026, 11, 21),
            region=COUNTY,
            at=NOW,
        )


async def test_the_dead_cannot_marry(desk: Desk, households: Households) -> None:
    man, woman = (households[shape].persons[0].person for shape in ("single_adult", "widowed_alone"))
    await desk.write("INSERT INTO person_locks (person) VALUES (:p)", p=woman)
    async with desk.service.transactions.begin() as tx:
        await set_dead_from(tx, [(woman, date(2026, 11, 1))])
    with pytest.raises(DeadFromThen):
        await _marry(desk, man, woman)


async def test_only_the_survivor_has_a_fact_of_it(desk: Desk, households: Households) -> None:
    report, wife, _ = await widow(desk, households)
    rows = await desk.rows(
        "SELECT key, convert_from(payload, 'UTF8') AS text FROM outbox WHERE topic = 'facts'"
    )
    assert [row.key for row in rows] == [str(wife)]
    assert '"marital_state":"widowed"' in rows[0].text
    assert str(report.subject) not in rows[0].text


async def test_the_survivors_row_is_locked_with_the_dead_persons(desk: Desk, households: Households) -> None:
    report, wife, _ = await widow(desk, households)
    locked = {row.person for row in await desk.rows("SELECT person FROM person_locks")}
    assert locked == {report.subject, wife}


async def test_importing_couples_twice_changes_nothing(desk: Desk, households: Households) -> None:
    before: Any = await couples(desk)
    async with desk.service.transactions.begin() as tx:
        await load_people(tx, list(households.values()))
    assert await couples(desk) == before


async def test_of_two_spouses_in_one_batch_only_the_survivor_of_the_hour_is_widowed(
    desk: Desk, households: Households
) -> None:
    husband, wife = (person.person for person in households["old_couple"].persons[:2])
    later = Report(husband, NOW - timedelta(hours=3), confirmed=True)
    earlier = Report(wife, NOW - timedelta(hours=5), confirmed=True)
    outcomes = await desk.send_many([(Verb.OPEN, WIDOWED, later), (Verb.OPEN, WIDOWED, earlier)])
    assert [outcome.state for outcome in outcomes] == ["not_applicable", "done"]
    assert outcomes[1].result["person"] == str(husband)
    await desk.send(Verb.UNDO, WIDOWED, earlier)
    assert await seen(desk, husband) == ("married", str(wife))
