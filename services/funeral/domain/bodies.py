"""A body and its tag. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kernel.public_service.clock import TZ
from services.funeral.domain.slots import Home


@dataclass(frozen=True, slots=True)
class Body:
    """A body of a case at a home, with its tag. `kept_from` empty: expected; `left_at`: no more there."""

    id: UUID
    case: UUID
    subject: UUID
    home: UUID
    tag: str
    kept_from: datetime | None = None
    kept_until: datetime | None = None
    left_at: datetime | None = None

    @property
    def here(self) -> bool:
        """Whether it lies in the home (or has just been cremated there): its home is then certain."""
        return self.kept_from is not None and self.left_at is None


@dataclass(frozen=True, slots=True)
class Numbering:
    """A number that is given now: of a home, in a series, in a year."""

    home: Home
    series: str
    year: int
    number: int

    @property
    def text(self) -> str:
        """`331022-T2026-00017`: the home's code, the series, the year, the number."""
        return f"{self.home.code or self.home.region}-{self.series}{self.year}-{self.number:05d}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The last number of each year in one series of a home, read under the home's lock."""

    home: Home
    series: str
    last: Mapping[int, int] = field(default_factory=dict)

    def next(self, at: datetime) -> Numbering:
        """The next number of the year of that instant (Asia/Shanghai)."""
        year = at.astimezone(TZ).year
        return Numbering(self.home, self.series, year, self.last.get(year, 0) + 1)


TAGS, CERTIFICATES = "T", "H"
