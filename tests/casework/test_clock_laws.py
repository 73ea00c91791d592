"""Laws of one procedure's clock, whatever happens to it: pauses, marks, new calendars (pure; R00, design 5)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from casework.deadlines import _escalated
from casework.procedure import done, opened, paused
from casework.rows import CaseFile, Row
from casework.settle import moved, on_calendar
from contracts.outcomes import OwnerState
from contracts.terms import Limit, LimitUnit
from kernel.public_service.calendar import WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ
from kernel.public_service.pauses import PauseReason
from tests.casework.plain_owner import ACT, CHECK, terms

CALENDAR = WorkingCalendar.load()
UNHURRIED = settings(deadline=None, max_examples=60)
ONE = UUID(int=1)
STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 6, 1)).map(  # noqa: DTZ001 - made Shanghai's at once
    lambda moment: moment.replace(microsecond=0, tzinfo=TZ)
)
LIMITS = st.builds(
    Limit,
    amount=st.integers(1, 40),
    unit=st.sampled_from(LimitUnit),
    counted_from=st.sampled_from(["accepted", "event"]),
)
HOURS = st.integers(1, 24 * 20)
STEPS = st.lists(st.tuples(st.sampled_from(["fire", "pause", "resume"]), HOURS), max_size=12)
HOLIDAYS = st.frozensets(
    st.dates(date(2027, 1, 1), date(2027, 12, 31)).filter(lambda day: day.weekday() < 5), max_size=40
)


def begun(limit: Limit, at: datetime) -> tuple[Row, CaseFile]:
    """A procedure that has just been opened."""
    case = CaseFile(ONE, "T-1", 1, "death", ONE, {}, "331022", at - timedelta(hours=7), at.date(), True)
    row = Row(ONE, ONE, "test", ONE, "331022", terms(CHECK, ACT, limit=limit), opened_at=at, changed_at=at)
    return moved(row, case, opened("check"), at=at, calendar=CALENDAR), case


def marks(row: Row) -> tuple[datetime, datetime, datetime]:
    assert row.half_at and row.warn_at and row.due_at
    return row.half_at, row.warn_at, row.due_at


@UNHURRIED
@given(STARTS, LIMITS, STEPS)
def test_each_mark_fires_once_in_order_and_never_while_paused(
    start: datetime, limit: Limit, steps: list[tuple[str, int]]
) -> None:
    row, case = begun(limit, start)
    now, fired = start, list[datetime]()
    for what, hours in steps:
        if what == "fire" and row.next_check_at is not None:
            assert row.state is OwnerState.OPEN
            now = max(now, row.next_check_at)
            fired.append(row.next_check_at)
            row = _escalated(row)
            continue
        now += timedelta(hours=hours)
        ruling = opened("check") if what == "resume" else paused("check", "x", because=PauseReason.COURT)
        before = marks(row)
        row = moved(row, case, ruling, at=now, calendar=CALENDAR)
        assert all(was <= after for was, after in zip(before, marks(row), strict=True))
        assert before[: len(fired)] == marks(row)[: len(fired)]  # what has fired stays where it was
    assert fired == sorted(fired) and len(set(fired)) == len(fired) == row.escalation <= 3
    half, warn, due = marks(row)
    assert half < warn < due


@UNHURRIED
@given(STARTS, LIMITS, HOLIDAYS, st.integers(0, 3))
def test_a_new_calendar_is_taken_once_and_leaves_what_has_fired(
    start: datetime, limit: Limit, rest: frozenset[date], fired: int
) -> None:
    row, case = begun(limit, start)
    for _ in range(fired):
        row = _escalated(row)
    announced = WorkingCalendar({2027: YearNotice(rest=rest)})
    after = on_calendar(row, case, announced)
    if after is None:
        return
    assert on_calendar(after, case, announced) is None
    assert marks(after)[:fired] == marks(row)[:fired]
    assert (after.version, after.escalation) == (row.version + 1, row.escalation)
    assert after.next_check_at == (None if fired == 3 else marks(after)[fired])


@UNHURRIED
@given(STARTS, LIMITS, st.booleans())
def test_an_alarm_at_the_end_of_the_limit_moves_with_it_and_no_other_does(
    start: datetime, limit: Limit, earlier: bool
) -> None:
    """Later when its last day becomes a holiday, earlier again when that is taken back."""
    row, case = begun(limit, start)
    assert row.due_at is not None
    day = row.due_at.astimezone(TZ).date()
    longer = WorkingCalendar({day.year: YearNotice(rest=frozenset({day}))})
    first = on_calendar(row, case, longer) if earlier else row
    second = CALENDAR if earlier else longer
    assume(first is not None and first.due_at is not None)
    assert first is not None and first.due_at is not None
    elsewhere = first.due_at + timedelta(hours=7)
    moved_end = on_calendar(replace(first, wake_at=first.due_at), case, second)
    stayed = on_calendar(replace(first, wake_at=elsewhere), case, second)
    assume(moved_end is not None and moved_end.due_at != first.due_at)
    assert moved_end is not None and stayed is not None
    assert (moved_end.wake_at, stayed.wake_at) == (moved_end.due_at, elsewhere)


@UNHURRIED
@given(STARTS, LIMITS, HOURS, HOURS)
def test_what_had_ended_and_is_asked_again_has_its_whole_limit_again(
    start: datetime, limit: Limit, fired: int, later: int
) -> None:
    """A limit counted from the event stays the event's: no correction gives the office more of it."""
    row, case = begun(limit, start)
    for _ in range(fired % 4):
        row = _escalated(row)
    ended_at = start + timedelta(hours=fired)
    ended = moved(row, case, done(), at=ended_at, calendar=CALENDAR)
    at = ended_at + timedelta(hours=later)
    again = moved(ended, case, opened("check"), at=at, calendar=CALENDAR)
    if limit.counted_from == "event":
        assert (marks(again), again.escalation) == (marks(row), row.escalation)
        return
    fresh = begun(limit, at)[0]
    assert (marks(again), again.escalation, again.next_check_at) == (marks(fresh), 0, fresh.half_at)
    assert (again.opened_at, again.pauses, again.version) == (at, (), ended.version + 1)


@UNHURRIED
@given(STARTS, LIMITS, HOLIDAYS)
def test_a_day_named_in_the_result_says_whether_it_may_still_move(
    start: datetime, limit: Limit, rest: frozenset[date]
) -> None:
    row, case = begun(limit, start)
    assert row.due_at is not None
    day = row.due_at.astimezone(TZ).date().isoformat()
    told = replace(
        row, result={"due_on": day, "due_provisional": row.provisional}, task_facts={"due_on": day}
    )
    after = on_calendar(told, case, WorkingCalendar({2027: YearNotice(rest=rest)}))
    if after is None:
        return
    assert after.due_at is not None
    new = after.due_at.astimezone(TZ).date().isoformat()
    assert after.result == {"due_on": new, "due_provisional": after.provisional}
    assert after.task_facts == {"due_on": new}


@UNHURRIED
@given(STARTS, LIMITS)
def test_the_same_calendar_moves_nothing(start: datetime, limit: Limit) -> None:
    row, case = begun(limit, start)
    assert on_calendar(row, case, WorkingCalendar.load()) is None


@UNHURRIED
@given(STARTS, LIMITS, HOURS, HOURS)
def test_a_day_named_in_the_result_follows_the_due_date(
    start: datetime, limit: Limit, before: int, length: int
) -> None:
    row, case = begun(limit, start)
    assert row.due_at is not None
    named = replace(row, result={"due_on": row.due_at.astimezone(TZ).date().isoformat()})
    since = start + timedelta(hours=before)
    stood = moved(named, case, paused("check", "x"), at=since, calendar=CALENDAR)
    after = moved(stood, case, opened("check"), at=since + timedelta(hours=length), calendar=CALENDAR)
    assert after.due_at is not None
    assert after.result["due_on"] == after.due_at.astimezone(TZ).date().isoformat()
