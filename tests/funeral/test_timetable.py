"""Slots of a timetable, without a database."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.public_service.clock import TZ
from services.funeral.domain.slots import HORIZON_DAYS, Cremator, Home, Hours, Timetable

ONE, TWO = Cremator(UUID(int=1), "331022-1"), Cremator(UUID(int=2), "331022-2")
HOME = Home(UUID(int=9), "示范殡仪馆", "331022", time(8), time(16), 60, (ONE, TWO))
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=TZ)


def test_the_earliest_slot_is_the_next_on_the_grid() -> None:
    slot = next(Timetable((HOME,)).free(NOW))
    assert (slot.name, slot.starts_at) == ("331022-1@2026-11-22T10:00", NOW.replace(hour=10, minute=0))


def test_both_cremators_are_used_before_the_next_hour() -> None:
    names = [slot.name for slot in islice(Timetable((HOME,)).free(NOW), 3)]
    assert names == ["331022-1@2026-11-22T10:00", "331022-2@2026-11-22T10:00", "331022-1@2026-11-22T11:00"]


def test_no_slot_runs_past_closing_time() -> None:
    starts = {slot.starts_at.hour for slot in Timetable((HOME,)).free(NOW)}
    assert starts == set(range(8, 16))


def test_after_closing_the_next_day_is_offered() -> None:
    slot = next(Timetable((HOME,)).free(NOW.replace(hour=20)))
    assert slot.starts_at == NOW.replace(day=23, hour=8, minute=0)


def test_a_county_without_a_home_has_no_slot() -> None:
    assert list(Timetable().free(NOW)) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "331022-1",
        "331022-1@tomorrow",
        "331022-1@2026-11-22T10:30",
        "x@2026-11-22T10:00",
        "331022-1@2026-11-22T16:00",
    ],
)
def test_a_name_off_the_grid_is_no_slot(name: str) -> None:
    assert Timetable((HOME,)).find(name) is None


@given(
    minutes=st.integers(0, 3 * 24 * 60), taken=st.sets(st.integers(0, 60), max_size=60),
    length=st.sampled_from([20, 45, 60, 90]),
)  # fmt: skip
def test_free_slots_are_in_order_not_taken_and_found_by_name(
    minutes: int, taken: set[int], length: int
) -> None:
    home = Home(HOME.id, HOME.name, HOME.region, HOME.opens_at, HOME.closes_at, length, HOME.cremators)
    since = NOW + timedelta(minutes=minutes)
    everything = list(islice(Timetable((home,)).free(since), 80))
    booked = frozenset((everything[n].cremator.id, everything[n].starts_at) for n in taken)
    table = Timetable((home,), booked)
    free = list(islice(table.free(since), 20))
    assert free == [slot for slot in everything if not table.is_taken(slot)][:20]
    assert [slot.starts_at for slot in free] == sorted(slot.starts_at for slot in free)
    assert all(slot.starts_at >= since and table.find(slot.name) == slot for slot in free)


def test_the_search_ends_at_the_horizon() -> None:
    last = max(slot.starts_at for slot in Timetable((HOME,)).free(NOW))
    assert last < NOW + timedelta(days=HORIZON_DAYS)


QINGMING = Hours(date(2027, 3, 20), date(2027, 4, 10), time(5), time(20))
LONG = replace(HOME, hours=(QINGMING,))


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2027, 3, 19), range(8, 16)),
        (date(2027, 3, 20), range(5, 20)),
        (date(2027, 4, 10), range(5, 20)),
        (date(2027, 4, 11), range(8, 16)),
    ],
)
def test_before_qingming_the_homes_open_longer(day: date, hours: range) -> None:
    midnight = datetime.combine(day, time(), TZ)
    starts = [slot.starts_at for slot in Timetable((LONG,)).free(midnight) if slot.starts_at.date() == day]
    assert {start.hour for start in starts} == set(hours)


def test_of_two_rules_for_one_day_the_later_one_counts() -> None:
    closed_early = Hours(date(2027, 4, 5), date(2027, 4, 5), time(5), time(12))
    home = replace(HOME, hours=(QINGMING, closed_early))
    assert home.open_on(date(2027, 4, 5)) == (time(5), time(12))
    assert home.open_on(date(2027, 4, 6)) == (time(5), time(20))


def test_a_timetable_of_one_home_has_no_slot_of_another() -> None:
    other = replace(HOME, id=UUID(int=8), cremators=(Cremator(UUID(int=3), "331022-2-1"),))
    table = Timetable((HOME, other)).at(other.id)
    assert {slot.home.id for slot in islice(table.free(NOW), 20)} == {other.id}
