"""R00: day of the event not counted, rest days at the end, corresponding day, make-up days, years not yet known."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.public_service.calendar import LimitWithoutAmount, Period, WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ

CALENDAR = WorkingCalendar.load()
DAYS = st.dates(date(2020, 1, 1), date(2029, 12, 31))


def at(day: str, clock: str = "10:00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=TZ)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-03-02", True),  # Monday
        ("2026-02-28", True),  # Saturday on which one works after the Spring Festival
        ("2026-02-17", False),  # Spring Festival
        ("2026-05-01", False),
        ("2026-05-09", True),  # make-up Saturday
        ("2026-10-10", True),  # make-up Saturday
        ("2026-03-07", False),  # plain Saturday
    ],
)
def test_holidays_and_make_up_days_of_the_yearly_notice_count(day: str, working: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    ("amount", "unit", "start", "due"),
    [
        (1, "WD", "2026-03-02", "2026-03-03"),  # the day itself does not count
        (1, "WD", "2026-03-06", "2026-03-09"),  # Friday → Monday
        (3, "WD", "2026-09-29", "2026-10-09"),  # over the National Day week
        (20, "WD", "2026-03-02", "2026-03-30"),
        (7, "CD", "2026-03-02", "2026-03-09"),
        (5, "CD", "2026-03-02", "2026-03-09"),  # ends on a Saturday → Monday
        (3, "CD", "2026-09-30", "2026-10-08"),  # ends in the holiday → first day after it
        (4, "CD", "2026-05-05", "2026-05-09"),  # ends on a Saturday on which one works
        (1, "month", "2026-01-30", "2026-02-28"),  # no 30 February: its last day, a make-up Saturday
        (1, "month", "2026-03-31", "2026-04-30"),
        (3, "month", "2026-03-02", "2026-06-02"),
        (12, "month", "2024-02-29", "2025-02-28"),
        (6, "month", "2026-04-03", "2026-10-08"),  # the corresponding day lies in the holiday
    ],
)
def test_a_period_ends_at_the_end_of_its_last_day(amount: int, unit: str, start: str, due: str) -> None:
    found = CALENDAR.due(Period(amount, unit), at(start))  # type: ignore[arg-type]
    assert found.at == at(due, "23:59:59")
    assert not found.provisional


def test_hours_are_exact_and_run_through_the_night() -> None:
    assert CALENDAR.due(Period(4, "hour"), at("2026-03-06", "22:30:15")).at == at("2026-03-07", "02:30:15")


def test_the_day_is_the_one_in_shanghai() -> None:
    late_utc = datetime.fromisoformat("2026-03-02T17:00:00+00:00")  # 3 March, 01:00 in Shanghai
    assert CALENDAR.due(Period(1, "WD"), late_utc).at == at("2026-03-04", "23:59:59")


def marks(amount: int, unit: str, start: datetime) -> list[str]:
    """50, 80 and 100 % as `03-05 24` where the whole day is meant, else with the clock time."""
    found = CALENDAR.milestones(Period(amount, unit), start)  # type: ignore[arg-type]
    instants = [mark.at for mark in (found.half, found.eighty, found.due)]
    return [f"{one:%m-%d} " + ("24" if f"{one:%T}" == "23:59:59" else f"{one:%H:%M}") for one in instants]


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (5, "WD", "03-05 24, 03-06 24, 03-09 24"),
        (20, "WD", "03-16 24, 03-24 24, 03-30 24"),
        (15, "CD", "03-10 24, 03-14 24, 03-17 24"),  # 80 % falls on a Saturday and stays there
        (7, "CD", "03-06 24, 03-08 24, 03-09 24"),  # on a Sunday: moved to Monday it were the end itself
        (24, "hour", "03-02 22:00, 03-03 05:12, 03-03 10:00"),
        (1, "hour", "03-02 10:30, 03-02 10:48, 03-02 11:00"),
    ],
)
def test_fractions_of_days_are_rounded_up_to_whole_days_and_hours_are_exact(
    amount: int, unit: str, expected: str
) -> None:
    assert marks(amount, unit, at("2026-03-02")) == expected.split(", ")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (1, "03-03 12:00, 03-03 20:00, 03-03 24"),
        (2, "03-03 24, 03-04 15:00, 03-04 24"),
        (3, "03-04 24, 03-05 10:00, 03-05 24"),
        (4, "03-04 24, 03-06 05:00, 03-06 24"),
    ],
)
def test_a_limit_of_a_few_days_is_nearly_over_within_its_last_day(amount: int, expected: str) -> None:
    """Rounded up to whole days 80 % were 100 %: nobody would ever be warned."""
    assert marks(amount, "WD", at("2026-03-02")) == expected.split(", ")
    assert marks(amount, "CD", at("2026-03-02")) == expected.split(", ")


@pytest.mark.parametrize(
    ("amount", "start", "expected"),
    [
        (3, "2026-03-01", "04-16 24, 05-14 24, 06-01 24"),  # 92 days: 46 and 74
        (1, "2026-03-02", "03-18 24, 03-27 24, 04-02 24"),  # 31 days: 16 and 25
        (6, "2026-04-03", "07-06 24, 09-01 24, 10-08 24"),  # ends after the holiday: 188 days, 94 and 151
    ],
)
def test_months_take_their_fractions_in_calendar_days_up_to_the_day_they_end(
    amount: int, start: str, expected: str
) -> None:
    assert marks(amount, "month", at(start)) == expected.split(", ")


def test_a_year_nobody_has_announced_counts_weekends_and_says_so() -> None:
    beyond = CALENDAR.known_until + 1
    due = CALENDAR.due(Period(1, "WD"), at(f"{beyond}-01-01"))
    assert due.provisional
    assert due.at.weekday() < 5


def test_the_dated_file_adds_a_year(tmp_path: Path) -> None:
    file = tmp_path / "years.yaml"
    file.write_text("2030:\n  source: notice\n  rest: [2030-01-01]\n  work: [2030-01-05]\n", encoding="utf-8")
    calendar = WorkingCalendar.load(file)
    assert not calendar.is_working_day(date(2030, 1, 1))
    assert calendar.is_working_day(date(2030, 1, 5))
    assert calendar.due(Period(1, "WD"), at("2029-12-31")) == calendar.due(Period(1, "WD"), at("2030-01-01"))
    assert not calendar.due(Period(3, "CD"), at("2029-12-31")).provisional


@pytest.mark.parametrize(
    "entry",
    ["rest: [2031-01-01], work: [], source: x", "rest: [], work: []", "rest: [x], work: [], source: x",
     "rest: 3, work: [], source: x", "rest: [], work: [], source: x, holiday: []"],
)  # fmt: skip
def test_a_faulty_dated_file_is_refused_with_its_year(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "years.yaml"
    file.write_text(f"2030: {{{entry}}}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="2030"):
        WorkingCalendar.load(file)


def test_a_row_without_limit_has_no_due_instant() -> None:
    class Without:
        amount = None
        unit = None

    with pytest.raises(LimitWithoutAmount):
        CALENDAR.due(Without(), at("2026-03-02"))


def test_an_own_notice_overrules_the_library() -> None:
    calendar = WorkingCalendar({2026: YearNotice(rest=frozenset({date(2026, 3, 2)}))})
    assert not calendar.is_working_day(date(2026, 3, 2))
    assert calendar.is_working_day(date(2026, 10, 1))


@given(DAYS, st.integers(0, 60))
def test_adding_working_days_and_counting_them_agree(day: date, n: int) -> None:
    end = CALENDAR.add_working_days(day, n)
    assert CALENDAR.count_working_days(day, end) == n
    assert n == 0 or CALENDAR.is_working_day(end)


@given(DAYS, st.integers(1, 60), st.sampled_from(["WD", "CD", "month"]))
def test_a_longer_limit_or_a_later_start_never_ends_earlier(day: date, n: int, unit: str) -> None:
    def end(start: date, amount: int) -> datetime:
        begin = datetime.combine(start, datetime.min.time(), TZ)
        return CALENDAR.due(Period(amount, unit), begin).at  # type: ignore[arg-type]

    assert end(day, n) <= end(day, n + 1)
    assert end(day, n) <= end(day + timedelta(days=1), n)


@given(DAYS, st.integers(1, 400), st.sampled_from(["CD", "month"]))
def test_a_period_never_ends_on_a_rest_day(day: date, n: int, unit: str) -> None:
    begin = datetime.combine(day, datetime.min.time(), TZ)
    assert CALENDAR.is_working_day(CALENDAR.due(Period(n, unit), begin).at.date())  # type: ignore[arg-type]


@given(
    DAYS, st.times().map(lambda clock: clock.replace(microsecond=0)), st.integers(1, 60),
    st.sampled_from(["hour", "WD", "CD", "month"]),
)  # fmt: skip
def test_every_limit_is_half_over_then_nearly_over_then_over(
    day: date, clock: time, n: int, unit: str
) -> None:
    start = datetime.combine(day, clock, TZ)
    found = CALENDAR.milestones(Period(n, unit), start)  # type: ignore[arg-type]
    assert start < found.half.at < found.eighty.at < found.due.at
    assert found.due == CALENDAR.due(Period(n, unit), start)  # type: ignore[arg-type]


@given(DAYS, st.integers(1, 60), st.sampled_from(["CD", "month"]))
def test_no_milestone_comes_before_its_share_of_the_days(day: date, n: int, unit: str) -> None:
    """Counted from the end of the day of the event, which itself is not counted."""
    start = datetime.combine(day, time(23, 59, 59), TZ)
    found = CALENDAR.milestones(Period(n, unit), start)  # type: ignore[arg-type]
    whole = timedelta(days=n) if unit == "CD" else found.due.at - start
    assert found.half.at - start >= whole / 2
    assert found.eighty.at - start >= whole * 4 / 5
