"""Slots of cremators. Pure; instants are aware, days and hours those of Shanghai.

A slot is not stored before it is booked: it is a cremator and a start on the home's grid (opening time plus whole
slots), written `CREMATOR@2026-11-23T08:00`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from kernel.public_service.clock import TZ

HORIZON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Cremator:
    """`code` is unique over all homes."""

    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Hours:
    """Other opening hours from one day through another: longer before Qingming and the winter solstice."""

    from_on: date
    through_on: date
    opens_at: time
    closes_at: time


@dataclass(frozen=True, slots=True)
class Home:
    """A funeral home with its cremators that work; the last slot ends at or before closing time.

    `hours` are the days with other hours; where two rules hold one day, the one that begins later counts.
    """

    id: UUID
    name: str
    region: str
    opens_at: time
    closes_at: time
    slot_minutes: int
    cremators: tuple[Cremator, ...] = ()
    code: str = ""
    hours: tuple[Hours, ...] = ()

    def open_on(self, day: date) -> tuple[time, time]:
        """When it opens and closes that day."""
        rules = [rule for rule in self.hours if rule.from_on <= day <= rule.through_on]
        if not rules:
            return self.opens_at, self.closes_at
        rule = max(rules, key=lambda rule: rule.from_on)
        return rule.opens_at, rule.closes_at


@dataclass(frozen=True, slots=True)
class Slot:
    """A time on a cremator."""

    home: Home
    cremator: Cremator
    starts_at: datetime

    @property
    def name(self) -> str:
        return f"{self.cremator.code}@{self.starts_at.astimezone(TZ):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Timetable:
    """The homes of a county and what is booked there: (cremator, start)."""

    homes: tuple[Home, ...] = ()
    taken: frozenset[tuple[UUID, datetime]] = frozenset()

    def free(self, not_before: datetime) -> Iterator[Slot]:
        """Free slots that start at or after an instant, earliest first, for HORIZON_DAYS."""
        first = not_before.astimezone(TZ)
        for day in range(HORIZON_DAYS):
            midnight = datetime.combine(first.date() + timedelta(days=day), time(), TZ)
            for slot in sorted(self._of_day(midnight), key=lambda slot: (slot.starts_at, slot.cremator.code)):
                if slot.starts_at >= not_before and not self.is_taken(slot):
                    yield slot

    def at(self, home: UUID) -> "Timetable":
        """The same of one home alone."""
        return replace(self, homes=tuple(each for each in self.homes if each.id == home))

    def find(self, name: str) -> Slot | None:
        """The slot of that name, if the homes have such a time, booked or not."""
        code, _, start = name.partition("@")
        try:
            midnight = datetime.combine(datetime.fromisoformat(start).date(), time(), TZ)
        except ValueError:
            return None
        return next(
            (slot for slot in self._of_day(midnight) if slot.name == name and slot.cremator.code == code),
            None,
        )

    def slot_of(self, cremator: UUID, starts_at: datetime) -> Slot | None:
        """The slot of a booking; none when its cremator works no more."""
        for home in self.homes:
            for each in home.cremators:
                if each.id == cremator:
                    return Slot(home, each, starts_at)
        return None

    def is_taken(self, slot: Slot) -> bool:
        return (slot.cremator.id, slot.starts_at) in self.taken

    def _of_day(self, midnight: datetime) -> Iterator[Slot]:
        for home in self.homes:
            length = timedelta(minutes=home.slot_minutes)
            opens_at, closes_at = home.open_on(midnight.date())
            start = midnight.replace(hour=opens_at.hour, minute=opens_at.minute)
            end = midnight.replace(hour=closes_at.hour, minute=closes_at.minute)
            while start + length <= end:
                yield from (Slot(home, cremator, start) for cremator in home.cremators)
                start += length
