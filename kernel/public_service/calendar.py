"""Working days and the end of time limits (rules R00; Civil Code Arts 201-203).

The day of the event is not counted. A period in calendar days or months whose last day is a rest day ends on the next
working day; months end on the corresponding day, or on the month's last. Make-up Saturdays and Sundays are working
days. Holidays come from the State Council's yearly notice: `chinesecalendar` and the dated file beside this module;
past the last year known, weekends alone count and the result is `provisional`.
"""

import calendar as gregorian
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

import chinese_calendar
import yaml

from kernel.public_service.clock import TZ

Unit = Literal["hour", "WD", "CD", "month"]
YEARS_FILE = Path(__file__).with_name("calendar_years.yaml")
_END_OF_DAY = time(23, 59, 59)
_SATURDAY = 5
_DAY_HOURS, _HOUR_SECONDS = 24, 3600


class Limit(Protocol):
    """Anything with an amount (> 0) and a unit: `hour`, `WD` working days, `CD` calendar days, `month`."""

    @property
    def amount(self) -> int | None: ...
    @property
    def unit(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Period:
    """A plain limit."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Due:
    """`at`: the last moment inside the limit. `provisional`: it may move when the year's notice is published."""

    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Milestones:
    """When 50, 80 and 100 % of a limit have passed; `half` < `eighty` < `due` (docs/decisions/0005)."""

    half: Due
    eighty: Due
    due: Due


class LimitWithoutAmount(ValueError):
    """没有办理时限的事项不计算到期时间。
    A limit of `none` has no due instant."""


@dataclass(frozen=True, slots=True)
class YearNotice:
    """One year of the dated file: days off that are no weekend, and weekend days on which one works."""

    rest: frozenset[date] = field(default_factory=frozenset)
    work: frozenset[date] = field(default_factory=frozenset)


class WorkingCalendar:
    """`notices` by year overrule the library; `known_until` is the last year that either of them knows."""

    def __init__(self, notices: Mapping[int, YearNotice] | None = None) -> None:
        self._notices = dict(notices or {})
        library = {day.year for day in chinese_calendar.constants.holidays}
        self._known = frozenset(library | set(self._notices))
        self._earliest = min(self._known)
        self.known_until = max(self._known)
        self._due = lru_cache(maxsize=8192)(self._due_on)

    @classmethod
    def load(cls, path: Path = YEARS_FILE) -> "WorkingCalendar":
        """The library's years and those of the dated file. Raises ValueError for a day outside its year."""
        years = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return cls({int(year): _notice(int(year), entry) for year, entry in years.items()})

    def knows(self, day: date) -> bool:
        """Whether the year's notice is known; years before the first are long past and count as known."""
        return day.year in self._known or day.year < self._earliest

    def is_working_day(self, day: date) -> bool:
        notice = self._notices.get(day.year)
        weekend = day.weekday() >= _SATURDAY
        if notice is not None:
            return day in notice.work or (not weekend and day not in notice.rest)
        if day.year in self._known:
            return bool(chinese_calendar.is_workday(day))
        return not weekend

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself is not counted; n ≥ 0."""
        while n > 0:
            day += timedelta(days=1)
            n -= self.is_working_day(day)
        return day

    def count_working_days(self, after: date, until: date) -> int:
        """Working days after `after` up to and with `until`."""
        days = (until - after).days
        return sum(self.is_working_day(after + timedelta(days=offset)) for offset in range(1, days + 1))

    def add_calendar_days(self, day: date, n: int, *, roll: bool = True) -> date:
        end = day + timedelta(days=n)
        return self.next_working_day(end) if roll else end

    def add_months(self, day: date, n: int, *, roll: bool = True) -> date:
        """The corresponding day n months later; 31 January + 1 month is the last of February (Art 202)."""
        months = day.year * 12 + day.month - 1 + n
        year, month = divmod(months, 12)
        last = gregorian.monthrange(year, month + 1)[1]
        end = date(year, month + 1, min(day.day, last))
        return self.next_working_day(end) if roll else end

    def next_working_day(self, day: date) -> date:
        """`day` itself if one works on it, else the first day after the rest days (Art 203)."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def due(self, limit: Limit, from_instant: datetime) -> Due:
        """When a limit that begins at an instant ends: 23:59:59 of its last day, Asia/Shanghai; hours to the second.

        Raises LimitWithoutAmount for `{none: reason}`.
        """
        amount, unit = _amount(limit)
        return self._at(amount, unit, from_instant.astimezone(TZ))

    def milestones(self, limit: Limit, from_instant: datetime) -> Milestones:
        """Hours to the second; days rounded up to whole days, or to the hour where that were the last day.

        A month is counted in the calendar days from the start to the day it ends. A milestone is no end of a period:
        it may fall on a rest day.
        """
        amount, unit = _amount(limit)
        start = from_instant.astimezone(TZ)
        due = self._at(amount, unit, start)
        if unit == "month":
            amount = (due.at.date() - start.date()).days
        half, eighty = (self._share(part, of, amount, unit, start) for part, of in ((1, 2), (4, 5)))
        return Milestones(half, eighty, due)

    def _share(self, part: int, of: int, amount: int, unit: str, start: datetime) -> Due:
        """When `part`/`of` of so many units have passed."""
        if unit == "hour":
            return Due(start + timedelta(seconds=_HOUR_SECONDS * amount * part // of), provisional=False)
        days = -(-amount * part // of)
        day = start.date() + timedelta(days=days)
        if unit == "WD":
            day = self._due(days, unit, start.date()).at.date()
        if days < amount:
            return Due(datetime.combine(day, _END_OF_DAY, TZ), provisional=not self.knows(day))
        hours = -(-_DAY_HOURS * (amount * part - (days - 1) * of) // of)
        return Due(datetime.combine(day, time(hours), TZ), provisional=not self.knows(day))

    def _at(self, amount: int, unit: str, start: datetime) -> Due:
        if unit == "hour":
            return Due(start + timedelta(hours=amount), provisional=False)
        return self._due(amount, unit, start.date())

    def _due_on(self, amount: int, unit: str, day: date) -> Due:
        if unit == "WD":
            last = self.add_working_days(day, amount)
        elif unit == "CD":
            last = self.add_calendar_days(day, amount)
        elif unit == "month":
            last = self.add_months(day, amount)
        else:
            raise ValueError(f"unit {unit!r} is none of hour, WD, CD, month")
        return Due(datetime.combine(last, _END_OF_DAY, TZ), provisional=not self.knows(last))


def _amount(limit: Limit) -> tuple[int, str]:
    if limit.amount is None or limit.unit is None:
        raise LimitWithoutAmount()
    return limit.amount, str(limit.unit)


def _notice(year: int, entry: Mapping[str, object]) -> YearNotice:
    unknown = set(entry) - {"source", "rest", "work"}
    if unknown or not entry.get("source"):
        raise ValueError(
            f"calendar year {year}: give source, rest and work only (found {sorted(map(str, entry))})"
        )
    return YearNotice(_days(year, entry.get("rest")), _days(year, entry.get("work")))


def _days(year: int, listed: object) -> frozenset[date]:
    if not isinstance(listed, Collection):
        raise ValueError(f"calendar year {year}: rest and work are lists of dates")
    days = frozenset(day for day in listed if isinstance(day, date))
    if len(days) != len(listed) or any(day.year != year for day in days):
        raise ValueError(f"calendar year {year}: every entry is a date of that year, once")
    return days
