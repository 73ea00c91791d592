"""When people are told: once a day at a civil hour, never at night, on legal time (design 9). Pure."""

from datetime import date, datetime, time, timedelta

from kernel.public_service.clock import TZ

# [D] no source names the hour: after breakfast, before the midday rest.
_DIGEST = time(10, tzinfo=TZ)
_LAST = time(18, tzinfo=TZ)
_DAY = timedelta(days=1)


def digest_of(day: date) -> datetime:
    """The instant of that day's digest."""
    return datetime.combine(day, _DIGEST)


def civil(at: datetime) -> bool:
    """Whether somebody may be told at this instant: from the digest's hour to six in the evening."""
    return _DIGEST.replace(tzinfo=None) <= at.astimezone(TZ).time() < _LAST.replace(tzinfo=None)


def next_digest(ready_at: datetime, now: datetime) -> datetime:
    """When something that is ready since `ready_at` is told at the earliest, seen at `now`; never before `now`.

    A digest that was missed (the gateway was away) is made up on the same day while it is civil, else the next day.
    """
    day = ready_at.astimezone(TZ).date()
    first = digest_of(day) if ready_at <= digest_of(day) else digest_of(day + _DAY)
    if first >= now:
        return first
    return now.astimezone(TZ) if civil(now) else next_morning(now)


def next_morning(now: datetime) -> datetime:
    """The next digest's hour at or after `now`."""
    today = digest_of(now.astimezone(TZ).date())
    return today if today >= now else today + _DAY
