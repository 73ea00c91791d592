"""Somebody held for dead comes back: Civil Code 51, the registrar's desk and declarations, on a real database."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind, UndoReason
from deploy.local.people.model import SyntheticHousehold
from services.marriage.commands import register
from services.marriage.problems import DeathNotConfirmed
from tests.marriage.test_widowed import WIDOWED, couples, seen, widow
from tests.owner_desk import COUNTY, NOW, Desk, Report

Households = Mapping[str, SyntheticHousehold]
COURT, WRONG = UndoReason.COURT_REVOKED, UndoReason.WRONG_MATCH
DOCUMENT = {"document_no": "（2026）浙1022民初1号"}


async def remarry(desk: Desk, woman: UUID, on: date = date(2026, 11, 21)) -> UUID:
    """She marries somebody else; gives him."""
    man = uuid4()
    async with desk.service.transactions.begin() as tx:
        await register(
            tx, id=uuid4(), husband=man, wife=woman, registered_on=on, region=COUNTY, at=desk.clock.now()
        )
    return man


async def declare(desk: Desk, couple: UUID, person: UUID, at: datetime = NOW, role: str = "registrar") -> Any:
    body = {
        "couple": str(couple), "person": str(person), "declared_at": at.isoformat(), "acted_by": "r-1", "role": role,
    }  # fmt: skip
    async with desk.http() as client:
        return await client.post("/internal/v1/declarations/unwilling", json=body)


def couple_of(households: Households) -> UUID:
    return households["old_couple"].couples[0].id


async def test_after_the_court_the_marriage_stands_from_the_day_of_revocation_and_the_time_between_stays(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    desk.pass_time(days=30)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=COURT)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert outcome.result == {"person": str(wife), "marital_state": "married", "from": "2026-12-22"}
    assert await seen(desk, wife) == ("married", str(report.subject))
    (row,) = await desk.rows("SELECT ended_on, died, resumed_on FROM interruptions")
    assert tuple(row) == (date(2026, 11, 20), report.subject, date(2026, 12, 22))


async def test_whoever_remarried_and_divorced_again_is_not_married_back_by_the_court(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    await remarry(desk, wife)
    await desk.write(
        "UPDATE couples SET state = 'divorced', ended_on = '2026-11-22' WHERE wife = :w AND state = 'married'",
        w=wife,
    )
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=COURT)
    assert (outcome.undo_kind, outcome.reason) == (UndoKind.ANNOTATE, "remarried")
    assert await seen(desk, wife) == ("divorced", None)
    assert await seen(desk, report.subject) == ("divorced", None)


async def test_a_declaration_keeps_the_marriage_ended_after_the_court_but_not_after_our_error(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    couple = couple_of(households)
    assert (await declare(desk, couple, wife)).status_code == 200
    assert (await declare(desk, couple, wife)).status_code == 200
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=COURT)
    assert (outcome.undo_kind, outcome.reason) == (UndoKind.ANNOTATE, "declared_unwilling")
    assert await seen(desk, wife) == ("widowed", None)
    rows = await desk.rows("SELECT person, recorded_by FROM unwilling")
    assert [tuple(row) for row in rows] == [(wife, "r-1")]


async def test_our_own_error_never_ended_the_marriage_whatever_was_declared(
    desk: Desk, households: Households
) -> None:
    before = await couples(desk)
    report, wife, _ = await widow(desk, households)
    await declare(desk, couple_of(households), wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=WRONG)
    assert outcome.undo_kind is UndoKind.RESTORE
    assert await couples(desk) == before


async def test_a_declaration_is_taken_by_the_registrar_from_the_survivor_of_that_marriage(
    desk: Desk, households: Households
) -> None:
    couple = couple_of(households)
    wife = households["old_couple"].persons[1].person
    assert (await declare(desk, couple, wife)).json()["code"] == "not_the_survivor"  # nobody died
    report, wife, _ = await widow(desk, households)
    assert (await declare(desk, couple, wife, role="window_clerk")).json()["code"] == "not_the_registrar"
    assert (await declare(desk, uuid4(), wife)).status_code == 404
    for nobody in (report.subject, uuid4()):
        assert (await declare(desk, couple, nobody)).json()["code"] == "not_the_survivor"
    assert await desk.rows("SELECT 1 FROM unwilling") == []


async def test_a_declaration_made_in_time_but_recorded_late_ends_the_resumption_again(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    couple = couple_of(households)
    desk.pass_time(days=3)
    await desk.send(Verb.UNDO, WIDOWED, report, reason=COURT)
    assert (await seen(desk, wife))[0] == "married"
    late = await declare(desk, couple, wife, desk.clock.now() + timedelta(days=1))
    assert (late.status_code, late.json()["code"]) == (409, "marriage_resumed")
    assert (await declare(desk, couple, report.subject)).json()["code"] == "not_the_survivor"
    assert (await declare(desk, couple, wife, NOW)).status_code == 200
    assert await seen(desk, wife) == ("widowed", None)
    assert await seen(desk, report.subject) == ("divorced", None)
    (row,) = await desk.rows("SELECT state, ended_on FROM couples WHERE id = :id", id=couple)
    assert tuple(row) == ("widowed", date(2026, 11, 20))


async def wrongly_remarried(desk: Desk, households: Households) -> tuple[Report, UUID, UUID, Outcome]:
    """The wrong person was matched, and the spouse has married again: the registrar's task."""
    report, wife, _ = await widow(desk, households)
    man = await remarry(desk, wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=WRONG)
    return report, wife, man, outcome


async def test_a_later_marriage_through_our_error_is_the_registrars_to_decide(
    desk: Desk, households: Households
) -> None:
    _, wife, man, outcome = await wrongly_remarried(desk, households)
    assert (outcome.state, outcome.reason) == (OwnerState.UNDOING, "remarried")
    assert outcome.task is not None
    assert (outcome.task.role, outcome.task.region, outcome.task.facts) == (
        "registrar", COUNTY, {"reason": "remarried"},
    )  # fmt: skip
    assert await seen(desk, wife) == ("married", str(man))


async def test_the_registrar_keeps_the_first_marriage_ended(desk: Desk, households: Households) -> None:
    report, wife, man, _ = await wrongly_remarried(desk, households)
    missing = await desk.decide(WIDOWED, report, "keep_ended")
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "/reason")
    assert (await desk.decide(WIDOWED, report, "keep_ended", reason="双方均不愿恢复")).status_code == 200
    outcome = desk.outcomes[report.procedures[WIDOWED]]
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.ANNOTATE)
    assert await seen(desk, wife) == ("married", str(man))
    assert await seen(desk, report.subject) == ("divorced", None)


async def test_the_first_marriage_is_restored_only_once_the_later_one_is_void(
    desk: Desk, households: Households
) -> None:
    report, wife, man, _ = await wrongly_remarried(desk, households)
    refused = await desk.decide(WIDOWED, report, "restore", reason="r", data=DOCUMENT)
    assert (refused.status_code, refused.json()["code"]) == (409, "later_marriage_stands")
    other = await desk.decide(WIDOWED, report, "later_void", reason="r", data=DOCUMENT, role="window_clerk")
    assert other.status_code == 403
    assert (await desk.decide(WIDOWED, report, "later_void", reason="r", data=DOCUMENT)).status_code == 200
    assert await seen(desk, wife) == ("married", str(report.subject))
    assert await seen(desk, man) == (None, None)
    told = await desk.rows(
        "SELECT CAST(state AS text) AS state FROM fact_statements WHERE person = :p", p=man
    )
    assert '"marital_state": null' in told[0].state
    locked = {row.person for row in await desk.rows("SELECT person FROM person_locks")}
    assert {report.subject, wife, man} <= locked


async def test_where_the_registry_does_not_know_a_person_decides_after_the_court(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    await desk.write("INSERT INTO standings (person, state) VALUES (:p, 'single')", p=wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=COURT)
    assert (outcome.state, outcome.reason) == (OwnerState.UNDOING, "unknown")
    answer = await desk.decide(WIDOWED, report, "declared_unwilling", data={"declared_on": "2026-11-21"})
    assert answer.status_code == 200, answer.text
    assert desk.outcomes[report.procedures[WIDOWED]].reason == "declared_unwilling"
    assert len(await desk.rows("SELECT 1 FROM unwilling WHERE person = :p", p=wife)) == 1


async def test_a_second_marriage_ends_by_its_own_death(desk: Desk, households: Households) -> None:
    _, wife, _ = await widow(desk, households)
    man = await remarry(desk, wife)
    second = Report(man, NOW - timedelta(hours=1), confirmed=True)
    outcome = await desk.send(Verb.OPEN, WIDOWED, second)
    assert (outcome.state, outcome.result["person"]) == (OwnerState.DONE, str(wife))
    states = await desk.rows("SELECT state FROM couples WHERE wife = :w", w=wife)
    assert [row.state for row in states] == ["widowed", "widowed"]


async def test_the_survivors_own_death_later_ends_nothing_more(desk: Desk, households: Households) -> None:
    _, wife, _ = await widow(desk, households)
    outcome = await desk.send(Verb.OPEN, WIDOWED, Report(wife, NOW, confirmed=True))
    assert (outcome.state, outcome.reason) == (OwnerState.NOT_APPLICABLE, "not_married")


async def test_who_returns_after_the_spouse_has_died_too_is_widowed_by_that_death(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    own = Report(wife, NOW, confirmed=True)
    await desk.send(Verb.OPEN, WIDOWED, own)
    await desk.write("UPDATE person_locks SET dead_from = '2026-12-01' WHERE person = :p", p=wife)
    outcome = await desk.send(Verb.UNDO, WIDOWED, report, reason=WRONG)
    assert outcome.result == {"person": str(report.subject), "marital_state": "widowed"}
    assert await seen(desk, report.subject) == ("widowed", None)
    (row,) = await desk.rows("SELECT ended_by, ended_on, died FROM couples WHERE wife = :w", w=wife)
    assert tuple(row) == (own.procedures[WIDOWED], NOW.date(), wife)


async def test_a_day_of_death_after_the_next_marriage_is_the_registrars_to_look_into(
    desk: Desk, households: Households
) -> None:
    report, wife, _ = await widow(desk, households)
    await remarry(desk, wife)
    report.died_at, report.version = NOW, 2
    outcome = await desk.send(Verb.CORRECT, WIDOWED, report)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "review_later_marriage")
    assert (await desk.decide(WIDOWED, report, "reviewed", reason="已移送法院")).status_code == 200
    assert desk.outcomes[report.procedures[WIDOWED]].state is OwnerState.DONE


@pytest.mark.parametrize("verb", [Verb.CORRECT, Verb.WITHDRAW, Verb.UNDO])
async def test_nothing_moves_where_nobody_was_married(desk: Desk, households: Households, verb: Verb) -> None:
    report = Report(households["single_adult"].persons[0].person, NOW, confirmed=True)
    await desk.send(Verb.OPEN, WIDOWED, report)
    assert (await desk.send(verb, WIDOWED, report)).state is OwnerState.NOT_APPLICABLE


async def test_a_declared_death_parks_the_order_instead_of_widowing(
    desk: Desk, households: Households
) -> None:
    wife = households["old_couple"].persons[1].person
    report = Report(households["old_couple"].persons[0].person, NOW)
    with pytest.raises(DeathNotConfirmed):
        await desk.send(Verb.OPEN, WIDOWED, report)
    assert (await seen(desk, wife))[0] == "married"
