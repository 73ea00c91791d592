"""Halls: whatever is booked, in any order and given back in between, no two farewells meet in one hall."""

import itertools
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.funeral.domain.halls import QUARTER, Hall, quarters
from tests.funeral.values import NOW

HALL = Hall(UUID(int=1), UUID(int=9), "331022-A", "一号告别厅", "hall", 60)


@given(
    wishes=st.lists(st.tuples(st.integers(0, 900), st.booleans()), max_size=40),
    minutes=st.sampled_from([15, 45, 60]),
)
def test_no_two_farewells_meet_in_one_hall(wishes: list[tuple[int, bool]], minutes: int) -> None:
    hall, standing = replace(HALL, minutes=minutes), []
    for offset, give_back in wishes:
        if give_back and standing:
            start = standing.pop()
            hall = replace(hall, taken=hall.taken - set(quarters(start, hall.end_of(start))))
        start = NOW + timedelta(minutes=offset)
        if hall.free_at(start):
            standing.append(start)
            hall = replace(hall, taken=hall.taken | set(quarters(start, hall.end_of(start))))
    for first, second in zip(sorted(standing), sorted(standing)[1:], strict=False):
        assert hall.end_of(first) <= second


@given(offset=st.integers(0, 3000), minutes=st.integers(1, 240))
def test_every_minute_of_a_farewell_lies_in_one_of_its_quarters(offset: int, minutes: int) -> None:
    start = NOW + timedelta(minutes=offset)
    end = start + timedelta(minutes=minutes)
    cells = list(quarters(start, end))
    assert cells[0] <= start and end <= cells[-1] + QUARTER
    assert all(later - earlier == QUARTER for earlier, later in itertools.pairwise(cells))


def test_a_hall_answers_to_its_code_its_name_and_what_people_call_it() -> None:
    assert all(HALL.answers_to(name) for name in ("331022-A", "一号告别厅", " 一号厅 "))
    assert not HALL.answers_to("二号厅")
