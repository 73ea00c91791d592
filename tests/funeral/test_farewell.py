"""Row 4a: a hall is one farewell's at a time, and the farewell comes before the cremation."""

import asyncio

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from tests.funeral.cremations import KIND, OPERATORS, hold
from tests.funeral.rows import FAREWELL, done, fault, newest, now, open_row, refusal
from tests.owner_desk import COUNTY, Desk, Report

NINE, HALF_PAST_NINE, TEN = (f"2026-11-24T{clock}:00+08:00" for clock in ("09:00", "09:30", "10:00"))


async def booked(desk: Desk, starts_at: str = NINE, report: Report | None = None, **data: str) -> Report:
    report = await open_row(desk, FAREWELL, report)
    await done(desk, FAREWELL, report, "booked", data={"starts_at": starts_at, **data})
    return report


async def test_a_farewell_is_booked_held_and_over(desk: Desk) -> None:
    report = await booked(desk)
    outcome = now(desk, FAREWELL, report)
    assert outcome.result == {
        "kind": "hall", "hall": "一号告别厅", "starts_at": NINE, "ends_at": TEN,
    }  # fmt: skip
    desk.pass_time(days=2)
    held = await done(desk, FAREWELL, report, "held")
    assert (held.state, held.result["held_at"]) == (OwnerState.DONE, "2026-11-24T09:00:00+08:00")


async def test_a_hall_in_use_is_not_given_again(desk: Desk) -> None:
    await booked(desk, hall="一号厅")
    second = await open_row(desk, FAREWELL)
    wish = {"starts_at": HALF_PAST_NINE, "hall": "一号厅"}
    assert refusal(await desk.decide(FAREWELL, second, "booked", data=wish)) == (409, "hall_taken")
    other = await done(desk, FAREWELL, second, "booked", data={"starts_at": HALF_PAST_NINE})
    assert other.result["hall"] == "二号告别厅"


async def test_of_ten_who_want_the_two_halls_at_once_two_get_one(desk: Desk) -> None:
    reports = [await open_row(desk, FAREWELL) for _ in range(10)]
    answers = await asyncio.gather(
        *(desk.decide(FAREWELL, report, "booked", data={"starts_at": NINE}) for report in reports)
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [409] * 8
    assert len(await desk.rows("SELECT 1 FROM hall_quarters")) == 8


async def test_the_database_itself_lets_no_second_booking_in(desk: Desk) -> None:
    await booked(desk)
    with pytest.raises(Exception, match="pk_hall_quarters"):
        await desk.write("INSERT INTO hall_quarters SELECT hall, quarter, booking FROM hall_quarters")


async def test_rebooked_or_withdrawn_it_frees_the_hall(desk: Desk) -> None:
    report = await booked(desk, hall="一号厅")
    await done(desk, FAREWELL, report, "rebook")
    other = await booked(desk, hall="一号厅")
    await desk.send(Verb.WITHDRAW, FAREWELL, other)
    assert await desk.rows("SELECT 1 FROM hall_quarters") == []
    again = await done(desk, FAREWELL, report, "booked", data={"starts_at": NINE, "hall": "一号厅"})
    assert again.step == "hold"


async def test_no_cremation_is_booked_before_the_farewell_has_ended(desk: Desk) -> None:
    report = await booked(desk, HALF_PAST_NINE)
    await open_row(desk, KIND, report)
    sooner = {"slot": f"{COUNTY}-1@2026-11-24T10:00"}
    assert refusal(await desk.decide(KIND, report, "booked", data=sooner)) == (409, "farewell_first")
    earliest = await done(desk, KIND, report, "booked")
    assert earliest.result["starts_at"] == "2026-11-24T11:00:00+08:00"


async def test_no_farewell_is_booked_after_the_cremation(desk: Desk) -> None:
    report = await open_row(desk, KIND)
    await done(desk, KIND, report, "booked", data={"slot": f"{COUNTY}-1@2026-11-24T09:00"})
    await open_row(desk, FAREWELL, report)
    answer = await desk.decide(FAREWELL, report, "booked", data={"starts_at": HALF_PAST_NINE})
    assert refusal(answer) == (409, "cremation_sooner")


async def test_a_booked_farewell_is_held_before_the_cremation_starts(desk: Desk) -> None:
    report = await booked(desk)
    await open_row(desk, KIND, report)
    await done(desk, KIND, report, "booked")
    answer = await desk.decide(KIND, report, "start", data=OPERATORS)
    assert (refusal(answer), answer.json()["missing"]) == ((409, "not_cleared"), ["farewell_first"])
    await done(desk, FAREWELL, report, "held")
    assert (await done(desk, KIND, report, "start", data=OPERATORS)).step == "start"


async def test_a_farewell_only_wished_for_keeps_nobody_waiting(desk: Desk) -> None:
    report = await open_row(desk, FAREWELL)
    await open_row(desk, KIND, report)
    await done(desk, KIND, report, "booked")
    assert (await done(desk, KIND, report, "start", data=OPERATORS)).step == "start"


async def test_relatives_far_away_have_a_room_of_their_own(desk: Desk) -> None:
    report = await open_row(desk, FAREWELL, **{"/wishes/farewell": "remote"})
    outcome = await done(desk, FAREWELL, report, "booked", data={"starts_at": NINE})
    assert (outcome.result["kind"], outcome.result["hall"]) == ("remote", "远程告别间")


async def test_another_wish_needs_another_room(desk: Desk) -> None:
    report = await booked(desk)
    report.fields, report.version = {"/wishes/farewell": "remote"}, 2
    outcome = await desk.send(Verb.CORRECT, FAREWELL, report)
    assert (outcome.step, outcome.reason) == ("book", "wish_changed")
    assert await desk.rows("SELECT 1 FROM hall_quarters") == []


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"starts_at": "2026-11-21T09:00:00+08:00"}, "instant_unknown", "/data/starts_at"),
        ({"starts_at": "2028-11-21T09:00:00+08:00"}, "instant_unknown", "/data/starts_at"),
        ({"starts_at": NINE, "hall": "九号厅"}, "hall_unknown", "/data/hall"),
    ],
)
async def test_no_such_time_or_hall(desk: Desk, data: dict[str, str], code: str, field: str) -> None:
    report = await open_row(desk, FAREWELL)
    assert fault(await desk.decide(FAREWELL, report, "booked", data=data)) == (422, code, field)


async def test_under_an_infection_it_is_booked_and_not_held(desk: Desk) -> None:
    report = await booked(desk)
    await hold(desk, "infection", case_id=str(report.case))
    await newest(desk, FAREWELL, report)
    assert refusal(await desk.decide(FAREWELL, report, "held")) == (409, "hold_stands")


async def test_an_undo_before_it_is_held_frees_the_hall(desk: Desk) -> None:
    report = await booked(desk)
    assert (await desk.send(Verb.UNDO, FAREWELL, report)).state is OwnerState.UNDONE
    assert await desk.rows("SELECT 1 FROM hall_quarters") == []


async def test_from_afar_leave_is_taken_even_under_an_infection(desk: Desk) -> None:
    report = await open_row(desk, FAREWELL, **{"/wishes/farewell": "remote"})
    await hold(desk, "infection", case_id=str(report.case))
    assert (await newest(desk, FAREWELL, report)).state is OwnerState.OPEN
    await done(desk, FAREWELL, report, "booked", data={"starts_at": NINE})
    assert (await done(desk, FAREWELL, report, "held")).state is OwnerState.DONE
