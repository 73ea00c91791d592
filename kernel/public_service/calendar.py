"""Working days and the end of time limits (rules R00; Civil Code Arts 201-203).

The day of the event is not counted. A period in calendar days or months whose last day is a rest day ends on the next
working day; months end on the corresponding day, or on the month's last. Make-up Saturdays and Sundays are working
days. Holidays come from the State Council's yearly notice: `chinesecalendar` and the dated file beside this module;
past the last year known, weekends alone count and the result is `provisional`.

A pause moves what had not passed when it began, in the limit's own unit (docs/decisions/0012): the day on which it
begins and the day on which it ends are one day together; the end then rolls over anew from the day it had before any
rest day was jumped.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Protocol

import chinese_calendar
import yaml

from kernel.public_service.clock import TZ
from kernel.public_service.months import corresponding_day
from kernel.public_service.pauses import Pause, merged

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

    @cached_property
    def years(self) -> dict[str, str]:
        """What each known year says, as a short print of its working days: two calendars differ where these do."""
        return {str(year): self._print(year) for year in sorted(self._known)}

    def _print(self, year: int) -> str:
        first = date(year, 1, 1)
        days = (date(year + 1, 1, 1) - first).days
        working = bytes(self.is_working_day(first + timedelta(days=offset)) for offset in range(days))
        return hashlib.sha256(working).hexdigest()[:16]

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
        end = corresponding_day(day, n)
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

    def milestones(self, limit: Limit, from_instant: datetime, pauses: Iterable[Pause] = ()) -> Milestones:
        """Hours to the second; days rounded up to whole days, or to the hour where that were the last day.

        A month is counted in the calendar days from the start to the day it ends. A milestone is no end of a period:
        it may fall on a rest day. `pauses` that have ended move what lay after their beginning.
        """
        amount, unit = _amount(limit)
        start = from_instant.astimezone(TZ)
        due = self._at(amount, unit, start)
        count = (due.at.date() - start.date()).days if unit == "month" else amount
        half, eighty = (self._share(part, of, count, unit, start) for part, of in ((1, 2), (4, 5)))
        marks = Milestones(half, eighty, due)
        stood_still = merged(pauses, after=start)
        if not stood_still:
            return marks
        if unit == "hour":
            return _later_by_the_second(marks, stood_still)
        return self._paused(marks, self._last_day(amount, unit, start.date()), unit, stood_still)

    def _paused(self, marks: Milestones, last: date, unit: str, pauses: Iterable[Pause]) -> Milestones:
        """`last` is the limit's last day before it rolled over."""
        half, eighty, due = marks.half, marks.eighty, marks.due
        for pause in pauses:
            days = self.days_taken(pause, unit)
            half, eighty = (self._later(mark, days, unit, pause) for mark in (half, eighty))
            if due.at > pause.since:
                last = self._add(max(last, pause.since.date()), days, unit)
                due = self._end_of(last if unit == "WD" else self.next_working_day(last))
        if unit == "month":  # its days had been counted up to an end that had jumped rest days
            eighty = self._before(eighty, due)
            half = self._before(half, eighty)
        return Milestones(half, eighty, due)

    def days_taken(self, pause: Pause, unit: str) -> int:
        """Days of the unit that a pause takes: those between its first and last day, and these two as one."""
        first, last = pause.since.astimezone(TZ).date(), pause.until.astimezone(TZ).date()
        if unit != "WD" or first == last:
            return (last - first).days
        between = self.count_working_days(first, last - timedelta(days=1))
        return between + (self.is_working_day(first) or self.is_working_day(last))

    def _later(self, mark: Due, days: int, unit: str, pause: Pause) -> Due:
        if mark.at <= pause.since:
            return mark
        day = self._add(mark.at.date(), days, unit)
        return Due(datetime.combine(day, mark.at.timetz()), provisional=not self.knows(day))

    def _before(self, mark: Due, end: Due) -> Due:
        """The mark, or the end of the day before `end` where it lies later."""
        return min(mark, self._end_of(end.at.date() - timedelta(days=1)), key=lambda each: each.at)

    def _add(self, day: date, days: int, unit: str) -> date:
        return self.add_working_days(day, days) if unit == "WD" else day + timedelta(days=days)

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
        last = self._last_day(amount, unit, day)
        return self._end_of(last if unit == "WD" else self.next_working_day(last))

    def _last_day(self, amount: int, unit: str, day: date) -> date:
        """The last day of a limit, before it rolls over rest days."""
        if unit == "month":
            return corresponding_day(day, amount)
        if unit not in ("WD", "CD"):
            raise ValueError(f"unit {unit!r} is none of hour, WD, CD, month")
        return self._add(day, amount, unit)

    def _end_of(self, day: date) -> Due:
        return Due(datetime.combine(day, _END_OF_DAY, TZ), provisional=not self.knows(day))


def _later_by_the_second(marks: Milestones, pauses: Iterable[Pause]) -> Milestones:
    """Hours lost to pauses, given back to the second."""
    instants = [marks.half.at, marks.eighty.at, marks.due.at]
    for pause in pauses:
        took = pause.until - pause.since
        instants = [instant + took if instant > pause.since else instant for instant in instants]
    half, eighty, due = (Due(instant, provisional=False) for instant in instants)
    return Milestones(half, eighty, due)


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
