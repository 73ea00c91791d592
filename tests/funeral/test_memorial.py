"""Row 23: opened on wish, visited by the hour, deleted when the family asks (FN-019, R73)."""

import asyncio

import httpx
import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from tests.funeral.rows import MEMORIAL, cremated, open_row, refusal
from tests.owner_desk import Desk, Report

TEN = "2026-11-24T10:00:00+08:00"


async def visit(desk: Desk, report: Report, starts_at: str = TEN, people: int = 2) -> httpx.Response:
    async with desk.http() as client:
        return await client.post(
            f"/internal/v1/memorials/{report.procedures[MEMORIAL]}/visits",
            json={"starts_at": starts_at, "people": people},
        )


async def opened(desk: Desk) -> Report:
    return await open_row(desk, MEMORIAL, await cremated(desk))


async def test_a_memorial_is_opened_at_once_when_it_is_wished(desk: Desk) -> None:
    report = await opened(desk)
    assert desk.outcomes[report.procedures[MEMORIAL]].state is OwnerState.DONE
    assert len(await desk.rows("SELECT 1 FROM memorials WHERE deleted_at IS NULL")) == 1


async def test_a_visit_is_booked_by_the_hour(desk: Desk) -> None:
    answer = await visit(desk, await opened(desk))
    assert (answer.status_code, answer.json()["people"]) == (201, 2)


async def test_near_relatives_have_it_deleted_with_the_visits_to_come(desk: Desk) -> None:
    report = await opened(desk)
    await visit(desk, report)
    outcome = await desk.send(Verb.WITHDRAW, MEMORIAL, report)
    assert (outcome.state, outcome.reason) == (OwnerState.WITHDRAWN, "deleted")
    assert await desk.rows("SELECT 1 FROM memorials WHERE deleted_at IS NULL") == []
    assert await desk.rows("SELECT 1 FROM visits WHERE cancelled_at IS NULL") == []
    assert refusal(await visit(desk, report)) == (404, "memorial_unknown")


async def test_an_undo_deletes_it(desk: Desk) -> None:
    report = await opened(desk)
    outcome = await desk.send(Verb.UNDO, MEMORIAL, report)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)
    assert await desk.rows("SELECT 1 FROM memorials WHERE deleted_at IS NULL") == []


async def test_an_hour_is_not_booked_beyond_the_room_there_is(desk: Desk) -> None:
    await desk.write("UPDATE funeral_homes SET visitors_per_hour = 10")
    reports = [await opened(desk) for _ in range(8)]
    answers = await asyncio.gather(*(visit(desk, report, people=3) for report in reports))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    assert refusal(await visit(desk, reports[0], people=2)) == (409, "hour_full")


async def test_a_cancelled_visit_makes_room(desk: Desk) -> None:
    await desk.write("UPDATE funeral_homes SET visitors_per_hour = 2")
    report = await opened(desk)
    booked = (await visit(desk, report)).json()["id"]
    async with desk.http() as client:
        for _ in range(2):
            assert (await client.delete(f"/internal/v1/visits/{booked}")).status_code == 204
    assert (await visit(desk, report)).status_code == 201


@pytest.mark.parametrize(
    ("starts_at", "status"),
    [
        ("2026-11-24T10:30:00+08:00", 422),
        ("2026-11-24T18:00:00+08:00", 422),
        ("2026-11-21T10:00:00+08:00", 422),
        ("2027-04-05T18:00:00+08:00", 201),
    ],
)
async def test_only_whole_hours_in_which_the_home_is_open(desk: Desk, starts_at: str, status: int) -> None:
    assert (await visit(desk, await opened(desk), starts_at)).status_code == status
