"""Slots of cremators, and what a hold forbids. Pure; instants are aware, days and hours those of Shanghai.

A slot is not stored before it is booked: it is a cremator and a start on the home's grid (opening time plus whole
slots), written `CREMATOR@2026-11-23T08:00`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from contracts.terms import HoldKind
from kernel.public_service.clock import TZ

HORIZON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Cremator:
    """`code` is unique over all homes."""

    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Home:
    """A funeral home with its cremators that work; the last slot ends at or before `closes_at`."""

    id: UUID
    name: str
    region: str
    opens_at: time
    closes_at: time
    slot_minutes: int
    cremators: tuple[Cremator, ...] = ()


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

    def is_taken(self, slot: Slot) -> bool:
        return (slot.cremator.id, slot.starts_at) in self.taken

    def _of_day(self, midnight: datetime) -> Iterator[Slot]:
        for home in self.homes:
            length = timedelta(minutes=home.slot_minutes)
            start = midnight.replace(hour=home.opens_at.hour, minute=home.opens_at.minute)
            end = midnight.replace(hour=home.closes_at.hour, minute=home.closes_at.minute)
            while start + length <= end:
                yield from (Slot(home, cremator, start) for cremator in home.cremators)
                start += length


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold that has not been released, on a case or on a person."""

    id: UUID
    kind: HoldKind
    case: UUID | None = None
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A procedure's slot; `started_at` once it cannot be given back."""

    cremator: UUID
    starts_at: datetime
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verbs of this service see: standing holds of the case and its person, the booking, the timetable."""

    holds: tuple[StandingHold, ...] = ()
    booking: Booking | None = None
    timetable: Timetable = field(default_factory=Timetable)

    def forbidding(self, held_by: tuple[HoldKind, ...]) -> tuple[HoldKind, ...]:
        """The kinds of standing hold that a catalogue row heeds, each once."""
        return tuple(sorted({hold.kind for hold in self.holds if hold.kind in held_by}))


# -- effects


@dataclass(frozen=True, slots=True)
class Book:
    """Take this slot."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Release:
    """Give the slot back."""


@dataclass(frozen=True, slots=True)
class Start:
    """The cremation starts: the slot is used. Two operators have checked the identity."""

    operators: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finish:
    """The cremation has ended: a record for good."""
