"""Once a day, at a civil hour, never at night."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.notices.hours import civil, next_digest, next_morning
from kernel.public_service.clock import TZ

START = datetime(2026, 1, 1, tzinfo=TZ)
instants = st.integers(0, 2 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("ready", "now", "told"),
    [
        ("2026-03-02T09:59", "2026-03-02T09:59", "2026-03-02T10:00"),
        ("2026-03-02T10:00", "2026-03-02T10:00", "2026-03-02T10:00"),
        ("2026-03-02T10:01", "2026-03-02T10:01", "2026-03-03T10:00"),
        ("2026-03-02T23:50", "2026-03-02T23:50", "2026-03-03T10:00"),
        ("2026-03-02T08:00", "2026-03-02T15:00", "2026-03-02T15:00"),  # missed: made up the same day
        ("2026-03-02T08:00", "2026-03-02T18:00", "2026-03-03T10:00"),  # but never at night
        ("2026-03-02T08:00", "2026-03-05T03:00", "2026-03-05T10:00"),
        ("2026-12-31T12:00", "2026-12-31T12:00", "2027-01-01T10:00"),
    ],
)
def test_the_next_digest(ready: str, now: str, told: str) -> None:
    given_ready, given_now, expected = (
        datetime.fromisoformat(text).replace(tzinfo=TZ) for text in (ready, now, told)
    )
    assert next_digest(given_ready, given_now) == expected


@given(instants, instants)
def test_nobody_is_told_before_it_is_ready_before_now_or_at_night(ready: datetime, now: datetime) -> None:
    told = next_digest(ready, now)
    assert told >= now and told >= ready
    assert civil(told)
    assert told - max(ready, now) <= timedelta(hours=24)


@given(instants)
def test_a_morning_is_ten_oclock(now: datetime) -> None:
    morning = next_morning(now)
    assert (morning.hour, morning.minute) == (10, 0)
    assert timedelta() <= morning - now < timedelta(days=1)
