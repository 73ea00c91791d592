"""When a department's answer is due, and when its silence becomes a person's task."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.limits import Times, times
from contracts.catalog import Department
from contracts.terms import Limit
from kernel.public_service.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Limits:
    """The calendar and what `departments.yaml` says of silence."""

    calendar: WorkingCalendar
    departments: Mapping[str, Department]

    def of(self, limit: Limit, *, event: datetime, accepted: datetime, step: datetime) -> Times:
        """The instants of a row's limit; all none when the row has no limit (it never colours)."""
        return times(
            limit, starts={"event": event, "accepted": accepted, "step": step}, calendar=self.calendar
        )

    def silent_at(self, department: str, since: datetime) -> datetime | None:
        """From when a request without an answer is asked for by a person (G7); none for an unknown department."""
        known = self.departments.get(department)
        if known is None:
            return None
        starts = {"event": since, "accepted": since, "step": since}
        return times(known.silence, starts=starts, calendar=self.calendar).due_at
