"""Instants as people write them into a decision. Pure."""

from datetime import datetime, timedelta

MOST_DAYS_AHEAD = 366


def wished_instant(text: str, *, at: datetime) -> datetime | None:
    """An instant with its offset, at most a year ahead (no home plans further); none: it is none."""
    try:
        wished = datetime.fromisoformat(text)
    except ValueError:
        return None
    if wished.tzinfo is None or wished > at + timedelta(days=MOST_DAYS_AHEAD):
        return None
    return wished
