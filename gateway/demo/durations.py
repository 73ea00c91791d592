"""ISO 8601 durations as people write them: P30D, P2M, PT36H, P1Y6M. Years and months follow the calendar (R00)."""

import re
from datetime import datetime, timedelta

from kernel.errors import Unprocessable, invalid
from kernel.public_service.calendar import WorkingCalendar

_FORM = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)


def after(start: datetime, duration: str, calendar: WorkingCalendar) -> datetime:
    """The instant that lies so far ahead. Raises Unprocessable for anything that is no duration."""
    found = _FORM.fullmatch(duration)
    if found is None or not any(found.groups()):
        raise _no_duration()
    amount = {name: int(value or 0) for name, value in found.groupdict().items()}
    months = amount.pop("years") * 12 + amount.pop("months")
    try:
        moved = calendar.add_months(start.date(), months, roll=False) if months else start.date()
        return datetime.combine(moved, start.timetz()) + timedelta(**amount)
    except (OverflowError, ValueError) as error:  # past the year 9999
        raise too_far() from error


def too_far(field: str = "/advance") -> Unprocessable:
    """Past 400 days a call would take too long to be answered."""
    return invalid(
        field, "too_far", "一次最多拨动 400 天。", "At most 400 days a call.",
        "请分几次拨动。", "Set it in several calls.",
    )  # fmt: skip


def _no_duration() -> Unprocessable:
    return invalid(
        "/advance", "not_a_duration", "时长应写作 ISO 8601 格式。", "Not an ISO 8601 duration.",
        "例如 P30D、PT12H 或 P2M。", "Write P30D, PT12H or P2M, for example.",
    )  # fmt: skip
