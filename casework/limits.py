"""When a procedure is due, half way and nearly due, and what a legal pause adds (R00, design 5 "Clocks")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.terms import Limit
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.pauses import Pause


@dataclass(frozen=True, slots=True)
class Times:
    """The three instants of a limit; all none for a limit that never colours."""

    due_at: datetime | None = None
    half_at: datetime | None = None
    warn_at: datetime | None = None
    provisional: bool = False


NEVER = Times()


def times(
    limit: Limit,
    *,
    starts: Mapping[str, datetime],
    calendar: WorkingCalendar,
    pauses: Iterable[Pause] = (),
) -> Times:
    """The instants of `limit`. `starts` gives the instant of `accepted`, `event` and `step`.

    50 and 80 % always lie apart and before the end (docs/decisions/0005); `provisional`: a calendar not yet published.
    `pauses` are those that have ended; one from before the start moves nothing (docs/decisions/0012).
    """
    if limit.none is not None or limit.counted_from is None:
        return NEVER
    marks = calendar.milestones(limit, starts[limit.counted_from], pauses)
    return Times(marks.due.at, marks.half.at, marks.eighty.at, marks.due.provisional)


def keeping_fired(given: Times, anew: Times, fired: int) -> Times:
    """The instants after a new reckoning: marks that have fired (the first `fired` of 50, 80, 100 %) stay."""
    return Times(
        due_at=given.due_at if fired > 2 else anew.due_at,
        half_at=given.half_at if fired > 0 else anew.half_at,
        warn_at=given.warn_at if fired > 1 else anew.warn_at,
        provisional=anew.provisional,
    )
