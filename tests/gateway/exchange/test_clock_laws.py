"""Laws of a request's clock: three rungs in order, never while it stands still, nothing lost to a pause (pure)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from contracts.terms import Limit, LimitUnit, UndoKind
from gateway.exchange.clock import checked, next_check, on_clock, reminder
from gateway.exchange.delivery import Delivery, DeliveryState
from gateway.exchange.limits import Limits
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ

LIMITS = Limits(WorkingCalendar.load(), load_catalogue().departments)
UNHURRIED = settings(deadline=None, max_examples=60)
STARTS = st.builds(
    datetime.combine, st.dates(date(2025, 1, 1), date(2026, 6, 1)), st.just(time(10, 30)), st.just(TZ)
)
LAWFUL = st.none() | st.builds(
    Limit, amount=st.integers(1, 30), unit=st.sampled_from(LimitUnit), counted_from=st.just("accepted")
)


def asked(at: datetime, limit: Limit | None, **more: object) -> Delivery:
    """A request written at that instant, with a limit of the law or without one."""
    due = LIMITS.since(limit or Limit(none="x"), at)
    key = UUID(int=7)
    request = Delivery(
        id=key, procedure=key, case_id=key, case_no="T-1", case_version=1, type="police.x", department="police",
        region="331022", kind="task", state=DeliveryState.SENT, order_no=1, version=1, outcome=OwnerState.OPEN,
        step="answer", undo=UndoKind.RESTORE, opened_at=at, asked_at=at, due_at=due.due_at, half_at=due.half_at,
        warn_at=due.warn_at, limit_amount=limit and limit.amount, limit_unit=limit and limit.unit and limit.unit.value,
        limit_at=at if limit else None, held_by=("court",),
    )  # fmt: skip
    return on_clock(replace(request, **more), at, LIMITS)  # type: ignore[arg-type]


@UNHURRIED
@given(STARTS, LAWFUL)
def test_silence_is_said_twice_and_then_asked_for_by_the_county(start: datetime, limit: Limit | None) -> None:
    request, instants, said = asked(start, limit), list[datetime](), list[object]()
    while request.next_check_at is not None:
        assert request.task_kind is None
        instants.append(request.next_check_at)
        request = checked(request, request.next_check_at, LIMITS)
        said.append(request.task_kind or reminder(request))
        assert request.outcome is OwnerState.OPEN  # never approval, never refusal
    assert said == ["half", "nearly", "silent"]
    assert start < instants[0] < instants[1] < instants[2]
    assert request.escalation == 3


@UNHURRIED
@given(STARTS, LAWFUL)
def test_a_reminder_sends_the_same_request_again(start: datetime, limit: Limit | None) -> None:
    request = asked(start, limit)
    assert request.next_check_at is not None
    again = checked(request, request.next_check_at, LIMITS)
    assert (again.id, again.state, again.leased_until) == (request.id, DeliveryState.PENDING, None)


@pytest.mark.parametrize("pause", ["papers", "hold"])
@UNHURRIED
@given(
    start=STARTS,
    limit=LAWFUL,
    before=st.integers(1, 600),
    length=st.integers(1, 600),
    fired=st.integers(0, 2),
)
def test_what_stands_still_is_not_checked_and_gets_its_time_back(
    pause: str, start: datetime, limit: Limit | None, before: int, length: int, fired: int
) -> None:
    request, last = asked(start, limit), start
    for _ in range(fired):
        assert request.next_check_at is not None
        last = request.next_check_at
        request = checked(request, last, LIMITS)
    since = last + timedelta(hours=before)
    until = since + timedelta(hours=length)
    if pause == "hold":
        stood = on_clock(request, since, LIMITS, held=True)
        after = on_clock(stood, until, LIMITS, held=False)
    else:
        stood = on_clock(replace(request, outcome=OwnerState.PAUSED), since, LIMITS)
        after = on_clock(replace(stood, outcome=OwnerState.OPEN), until, LIMITS)
    assert next_check(stood, LIMITS) is None
    assert [one.reason for one in after.pauses] == [pause]
    for name in ("half_at", "warn_at", "due_at"):
        was, now = getattr(request, name), getattr(after, name)
        assert was is None or was <= now
    assert after.escalation == request.escalation
    if request.next_check_at is not None and request.next_check_at > since:
        assert after.next_check_at is not None
        assert after.next_check_at.date() >= until.date()  # nobody is pressed for the time it stood still
