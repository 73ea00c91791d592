"""Farewells in halls and remote rooms: what is free when. Pure; a hall's time is kept in quarters of an hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hall:
    """`kind` is hall or remote, as the family wishes it; a farewell takes `minutes`."""

    id: UUID
    home: UUID
    code: str
    name: str
    kind: str
    minutes: int
    taken: frozenset[datetime] = frozenset()

    def answers_to(self, name: str) -> bool:
        """By code, by name, or by the name people use (一号厅 for 一号告别厅)."""
        return name.strip() in {self.code, self.name, self.name.replace("告别", "")}

    def end_of(self, starts_at: datetime) -> datetime:
        return starts_at + timedelta(minutes=self.minutes)

    def free_at(self, starts_at: datetime) -> bool:
        return self.taken.isdisjoint(quarters(starts_at, self.end_of(starts_at)))


@dataclass(frozen=True, slots=True)
class HallBooking:
    """A procedure's time in a hall that has not been given back; `held_at` once the farewell was held."""

    procedure: UUID
    hall: UUID
    kind: str
    starts_at: datetime
    ends_at: datetime
    held_at: datetime | None = None


def quarters(starts_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    """Every quarter of an hour that is touched, as its first instant."""
    start = starts_at.astimezone(UTC)
    quarter = start - timedelta(
        minutes=start.minute % 15, seconds=start.second, microseconds=start.microsecond
    )
    while quarter < ends_at:
        yield quarter
        quarter += QUARTER
