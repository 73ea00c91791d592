"""What somebody had applied for when they died: their own lapses, the household's goes on, an undo restores it."""

from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from tests.assistance.sight import STOP, Households, died
from tests.owner_desk import COUNTY, NOW, Desk

_APPLY = """INSERT INTO applications (id, person, household, kind, region, state, submitted_at)
            VALUES (:id, :person, :household, :kind, :region, 'pending', :at)"""


async def apply(desk: Desk, person: UUID, kind: str, household: UUID | None = None) -> UUID:
    application = uuid4()
    await desk.write(
        _APPLY, id=application, person=person, household=household, kind=kind, region=COUNTY, at=NOW
    )
    return application


async def standing(desk: Desk, application: UUID) -> tuple[str, UUID, str | None]:
    (row,) = await desk.rows("SELECT state, person, reason FROM applications WHERE id = :id", id=application)
    return row.state, row.person, row.reason


async def views(desk: Desk, person: UUID) -> list[tuple[str, str]]:
    async with desk.http() as client:
        answer = await client.get(f"/internal/v1/people/{person}")
    return [(hold["kind"], hold["state"]) for hold in answer.json()["holds"]]


async def test_ones_own_application_lapses_with_its_reason_and_stands_again_after_an_undo(
    desk: Desk, households: Households
) -> None:
    elder = households["tekun_alone"].persons[0]
    application = await apply(desk, elder.person, "temporary")
    report = died(elder, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    assert await standing(desk, application) == ("lapsed", elder.person, "applicant_died")
    await desk.send(Verb.UNDO, STOP, report)
    assert await standing(desk, application) == ("pending", elder.person, None)


async def test_the_households_application_goes_on_in_the_name_of_who_is_left(
    desk: Desk, households: Households
) -> None:
    couple = households["dibao_couple"]
    husband, wife = couple.persons
    application = await apply(desk, husband.person, "rigid", couple.household)
    report = died(husband, confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    assert await standing(desk, application) == ("pending", wife.person, None)
    await desk.send(Verb.UNDO, STOP, report)
    assert await standing(desk, application) == ("pending", husband.person, None)


async def test_with_nobody_left_the_households_application_lapses_too(
    desk: Desk, households: Households
) -> None:
    single = households["dibao_single"]
    application = await apply(desk, single.persons[0].person, "rigid", single.household)
    await desk.send(Verb.OPEN, STOP, died(single.persons[0], confirmed=True))
    assert await standing(desk, application) == ("lapsed", single.persons[0].person, "applicant_died")


@pytest.mark.parametrize("shape", ["dibao_couple", "tekun_alone"])
async def test_what_was_granted_before_is_no_pending_application(
    desk: Desk, households: Households, shape: str
) -> None:
    person = households[shape].persons[0]
    application = await apply(desk, person.person, "temporary")
    await desk.write("UPDATE applications SET state = 'granted' WHERE id = :id", id=application)
    await desk.send(Verb.OPEN, STOP, died(person, confirmed=True))
    assert (await standing(desk, application))[0] == "granted"


async def test_the_people_view_shows_what_a_person_and_their_household_wait_for(
    desk: Desk, households: Households
) -> None:
    couple = households["dibao_couple"]
    husband, wife = couple.persons
    await apply(desk, husband.person, "rigid", couple.household)
    await apply(desk, husband.person, "temporary")
    assert sorted(await views(desk, wife.person)) == [("dibao", "active"), ("rigid", "pending")]
    assert sorted(await views(desk, husband.person)) == [
        ("dibao", "active"), ("rigid", "pending"), ("temporary", "pending"),
    ]  # fmt: skip
