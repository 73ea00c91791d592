"""Pauses in the limit's own unit: several, overlapping, across rest days, after half the time; and ends not announced
yet (R00, life-events G10, docs/decisions/0012)."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.public_service.calendar import Milestones, Period, WorkingCalendar
from kernel.public_service.clock import TZ
from kernel.public_service.pauses import Pause, merged

CALENDAR = WorkingCalendar.load()
UNHURRIED = settings(deadline=None)  # the first examples of a process find its caches cold
UNITS = st.sampled_from(["hour", "WD", "CD", "month"])
STARTS = st.builds(
    datetime.combine,
    st.dates(date(2025, 6, 1), date(2026, 12, 1)),
    st.times().map(lambda clock: clock.replace(microsecond=0)),
    st.just(TZ),
)


def at(text: str) -> datetime:
    """`03-02 10:00` of 2026."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=TZ)


def pause(since: str, until: str) -> Pause:
    return Pause(at(since), at(until))


def marks(amount: int, unit: str, start: datetime, *pauses: Pause) -> Milestones:
    return CALENDAR.milestones(Period(amount, unit), start, pauses)  # type: ignore[arg-type]


def shown(found: Milestones) -> str:
    """50, 80 and 100 % as `03-05 24` where the whole day is meant, else with the clock time."""
    instants = [mark.at for mark in (found.half, found.eighty, found.due)]
    return ", ".join(
        f"{one:%m-%d} " + ("24" if f"{one:%T}" == "23:59:59" else f"{one:%H:%M}") for one in instants
    )


@st.composite
def several_pauses(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start, and pauses after it that may overlap."""
    start = draw(STARTS)
    found = []
    for _ in range(draw(st.integers(1, 4))):
        since = start + timedelta(hours=draw(st.integers(0, 24 * 60)))
        found.append(Pause(since, since + timedelta(hours=draw(st.integers(1, 24 * 30)))))
    return start, found


# Five working days from Monday 2 March 2026: half on the 5th, nearly on the 6th, over on the 9th.
@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ((pause("03-03 10:00", "03-05 10:00"),), "03-09 24, 03-10 24, 03-11 24"),
        ((pause("03-06 10:00", "03-09 15:00"),), "03-05 24, 03-09 24, 03-10 24"),  # begins after half the time
        ((pause("03-06 10:00", "03-08 15:00"),), "03-05 24, 03-09 24, 03-10 24"),  # ends on a Sunday: Friday is lost
        ((pause("03-07 10:00", "03-08 15:00"),), "03-05 24, 03-06 24, 03-09 24"),  # a weekend takes no working day
        ((pause("03-08 10:00", "03-09 15:00"),), "03-05 24, 03-06 24, 03-10 24"),  # nearly over before it began
        ((pause("03-03 10:00", "03-03 18:00"),), "03-05 24, 03-06 24, 03-09 24"),  # within a day: nothing is lost
        ((pause("03-03 10:00", "03-04 10:00"), pause("03-09 9:00", "03-11 9:00")), "03-06 24, 03-11 24, 03-12 24"),
        ((pause("03-03 10:00", "03-06 10:00"), pause("03-04 10:00", "03-05 10:00")), "03-10 24, 03-11 24, 03-12 24"),
        ((pause("03-03 10:00", "03-05 10:00"), pause("03-05 10:00", "03-06 10:00")), "03-10 24, 03-11 24, 03-12 24"),
        ((pause("03-10 00:00", "03-20 10:00"),), "03-05 24, 03-06 24, 03-09 24"),  # it was over by then
    ],
)  # fmt: skip
def test_working_days_lost_to_pauses_are_given_back(pauses: tuple[Pause, ...], expected: str) -> None:
    assert shown(marks(5, "WD", at("03-02 9:00"), *pauses)) == expected


def test_a_pause_across_the_spring_festival_takes_the_days_on_which_one_works() -> None:
    """Friday 13 to Tuesday 24 February 2026: the make-up Saturday before the holiday, and the day of its end."""
    unpaused = marks(5, "WD", at("02-11 9:00"))
    paused = marks(5, "WD", at("02-11 9:00"), pause("02-13 10:00", "02-24 10:00"))
    assert shown(unpaused).endswith("02-25 24")
    assert CALENDAR.count_working_days(unpaused.due.at.date(), paused.due.at.date()) == 2


@pytest.mark.parametrize(
    ("amount", "start", "pauses", "due"),
    [
        (30, "01-16 9:00", (), "02-24"),  # its last day, 15 February, lies in the Spring Festival
        (30, "01-16 9:00", (pause("01-20 9:00", "01-25 9:00"),), "02-24"),  # five days later it still does
        (30, "01-16 9:00", (pause("01-20 9:00", "01-29 9:00"),), "02-24"),  # 24 February itself
        (30, "01-16 9:00", (pause("01-20 9:00", "01-30 9:00"),), "02-25"),
        (30, "01-16 9:00", (pause("02-20 9:00", "02-23 9:00"),), "02-24"),  # begun within the jumped days
        (30, "01-16 9:00", (pause("02-20 9:00", "02-25 9:00"),), "02-25"),
        (
            5,
            "03-02 9:00",
            (pause("03-03 9:00", "03-04 9:00"),),
            "03-09",
        ),  # Saturday and Sunday roll to one Monday
    ],
)
def test_the_end_rolls_over_anew_after_a_pause(
    amount: int, start: str, pauses: tuple[Pause, ...], due: str
) -> None:
    assert shown(marks(amount, "CD", at(start), *pauses)).endswith(f"{due} 24")


def test_a_limit_in_months_that_was_paused_ends_so_many_days_later() -> None:
    """Three months from 1 March end on 1 June; ten days of papers make it 11 June."""
    found = marks(3, "month", at("03-01 9:00"), pause("03-10 9:00", "03-20 9:00"))
    assert shown(found) == "04-26 24, 05-24 24, 06-11 24"


def test_a_month_that_had_rolled_over_the_festival_keeps_its_marks_before_its_end() -> None:
    found = marks(1, "month", at("01-16 9:00"), pause("01-17 9:00", "01-27 9:00"))
    assert found.half.at < found.eighty.at < found.due.at == marks(1, "month", at("01-26 9:00")).due.at


def test_hours_are_given_back_to_the_second() -> None:
    found = marks(24, "hour", at("03-02 9:00"), pause("03-02 22:00", "03-03 1:30"))
    assert shown(found) == "03-02 21:00, 03-03 07:42, 03-03 12:30"


@pytest.mark.parametrize(
    ("died", "due"),
    [
        (datetime(2026, 11, 28, 9, tzinfo=TZ), date(2027, 3, 1)),  # 28 February 2027 is a Sunday
        (datetime(2027, 11, 29, 9, tzinfo=TZ), date(2028, 2, 29)),
        (datetime(2027, 11, 30, 9, tzinfo=TZ), date(2028, 2, 29)),  # no 30 February
    ],
)
def test_an_end_in_a_year_nobody_has_announced_is_provisional(died: datetime, due: date) -> None:
    found = WorkingCalendar.load().milestones(Period(3, "month"), died)
    assert (found.due.at.date(), found.due.provisional) == (due, due.year > CALENDAR.known_until)
    assert not CALENDAR.milestones(Period(3, "month"), died.replace(year=2025)).due.provisional


@UNHURRIED
@given(several_pauses(), st.integers(1, 60), UNITS)
def test_a_pause_never_shortens_and_leaves_what_had_passed(
    drawn: tuple[datetime, list[Pause]], amount: int, unit: str
) -> None:
    start, pauses = drawn
    before = marks(amount, unit, start)
    for count in range(1, len(pauses) + 1):
        known = sorted(pauses, key=lambda each: each.since)[:count]
        after = marks(amount, unit, start, *known)
        for was, now in ((before.half, after.half), (before.eighty, after.eighty), (before.due, after.due)):
            assert now.at >= was.at
            if was.at <= known[-1].since:
                assert now == was
        assert start < after.half.at < after.eighty.at < after.due.at
        before = after


@UNHURRIED
@given(several_pauses(), st.integers(1, 60), UNITS)
def test_what_ran_when_a_pause_began_runs_still_on_the_day_it_ends(
    drawn: tuple[datetime, list[Pause]], amount: int, unit: str
) -> None:
    start, (first, *_) = drawn
    ran = marks(amount, unit, start).due.at > first.since
    after = marks(amount, unit, start, first).due.at
    assert not ran or after.date() >= first.until.date()


@UNHURRIED
@given(several_pauses(), st.integers(1, 60), UNITS)
def test_overlapping_pauses_count_once(drawn: tuple[datetime, list[Pause]], amount: int, unit: str) -> None:
    start, pauses = drawn
    assert marks(amount, unit, start, *pauses) == marks(amount, unit, start, *merged(pauses, after=start))
    assert marks(amount, unit, start, *pauses, *pauses) == marks(amount, unit, start, *pauses)


@UNHURRIED
@given(several_pauses())
def test_merged_pauses_lie_apart_and_cover_every_instant(drawn: tuple[datetime, list[Pause]]) -> None:
    start, pauses = drawn
    found = merged(pauses, after=start)
    assert all(one.until < other.since for one, other in pairwise(found))
    for each in pauses:
        assert any(one.since <= each.since and each.until <= one.until for one in found)


@UNHURRIED
@given(STARTS, st.integers(1, 60), st.sampled_from(["CD", "month"]), st.integers(0, 400))
def test_a_paused_period_never_ends_on_a_rest_day(
    start: datetime, amount: int, unit: str, hours: int
) -> None:
    paused = Pause(start + timedelta(hours=hours), start + timedelta(hours=2 * hours + 1))
    due = marks(amount, unit, start, paused).due.at
    assert CALENDAR.is_working_day(due.date())
    assert due.timetz().replace(tzinfo=None) == time(23, 59, 59)


def test_two_calendars_that_say_the_same_have_the_same_print() -> None:
    assert WorkingCalendar.load().years == CALENDAR.years
    assert set(CALENDAR.years) >= {"2025", "2026"}
