"""When a department's answer is due, and when its silence becomes a person's task."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.limits import NEVER, Times, times
from contracts.catalog import Department
from contracts.terms import Limit
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.pauses import Pause


@dataclass(frozen=True, slots=True)
class Limits:
    """The calendar and what `departments.yaml` says of silence."""

    calendar: WorkingCalendar
    departments: Mapping[str, Department]

    def since(self, limit: Limit, start: datetime, pauses: Iterable[Pause] = ()) -> Times:
        """The instants of a limit that began then; all none when it is none (it never colours)."""
        starts = {"event": start, "accepted": start, "step": start}
        return times(limit, starts=starts, calendar=self.calendar, pauses=pauses)

    def silence(self, department: str, asked_at: datetime, pauses: Iterable[Pause] = ()) -> Times:
        """50, 80 and 100 % of the time after which a person asks for an answer; none for an unknown department."""
        known = self.departments.get(department)
        return NEVER if known is None else self.since(known.silence, asked_at, pauses)
