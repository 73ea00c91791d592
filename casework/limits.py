"""When a procedure is due, half way and nearly due, and what a legal pause adds (R00, design 5 "Clocks")."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.terms import Limit, LimitUnit
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ


@dataclass(frozen=True, slots=True)
class Times:
    """The three instants of a limit; all none for a limit that never colours."""

    due_at: datetime | None = None
    half_at: datetime | None = None
    warn_at: datetime | None = None
    provisional: bool = False


NEVER = Times()


def times(limit: Limit, *, starts: Mapping[str, datetime], calendar: WorkingCalendar) -> Times:
    """The instants of `limit`. `starts` gives the instant of `accepted`, `event` and `step`.

    50 and 80 % always lie apart and before the end (docs/decisions/0005); `provisional`: a calendar not yet published.
    """
    if limit.none is not None or limit.counted_from is None:
        return NEVER
    marks = calendar.milestones(limit, starts[limit.counted_from])
    return Times(marks.due.at, marks.half.at, marks.eighty.at, marks.due.provisional)


def after_pause(
    given: Times, limit: Limit, *, paused_at: datetime, resumed_at: datetime, calendar: WorkingCalendar
) -> Times:
    """The instants moved by what the pause took, in the limit's own unit."""

    def moved(moment: datetime | None) -> datetime | None:
        if moment is None or moment <= paused_at:
            return moment
        return _moved(moment, limit, paused_at.astimezone(TZ), resumed_at.astimezone(TZ), calendar)

    return replace(
        given, due_at=moved(given.due_at), half_at=moved(given.half_at), warn_at=moved(given.warn_at)
    )


def _moved(
    moment: datetime, limit: Limit, paused_at: datetime, resumed_at: datetime, calendar: WorkingCalendar
) -> datetime:
    if limit.unit is LimitUnit.HOUR:
        return moment + (resumed_at - paused_at)
    days = (resumed_at.date() - paused_at.date()).days
    local = moment.astimezone(TZ)
    if limit.unit is not LimitUnit.WORKING_DAY:
        return local + timedelta(days=days)
    lost = calendar.count_working_days(paused_at.date(), resumed_at.date())
    later = calendar.add_working_days(local.date(), lost)
    return datetime.combine(later, local.timetz())
