"""Visits: as many people an hour as the home has room for, in its opening hours, Qingming's longer ones included."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.funeral.domain.instants import MOST_DAYS_AHEAD
from services.funeral.domain.slots import Home
from services.funeral.problems import HourFull, MemorialUnknown, fault
from services.funeral.queries.timetables import locked_homes

_MEMORIAL = text(
    "SELECT id, home FROM memorials WHERE procedure = :procedure AND deleted_at IS NULL FOR SHARE"
)
_ROOM = text(
    """SELECT h.visitors_per_hour - coalesce(sum(v.people), 0) AS room FROM funeral_homes h
         LEFT JOIN visits v ON v.home = h.id AND v.starts_at = :starts_at AND v.cancelled_at IS NULL
        WHERE h.id = :home GROUP BY h.id"""
)
_BOOK = text(
    """INSERT INTO visits (id, memorial, home, starts_at, people, booked_at, booked_by)
       VALUES (:id, :memorial, :home, :starts_at, :people, :at, :by)"""
)
_CANCEL = text("UPDATE visits SET cancelled_at = :at WHERE id = :id AND cancelled_at IS NULL")


async def book_visit(
    tx: Transaction, procedure: UUID, *, starts_at: datetime, people: int, at: datetime, by: str | None = None
) -> UUID:
    """Book a visit for `by`.

    Raises MemorialUnknown, HourFull, or Unprocessable for an hour that is none of the home's.
    """
    memorial = (await tx.execute(_MEMORIAL, {"procedure": procedure})).first()
    if memorial is None or memorial.home is None:
        raise MemorialUnknown()
    homes = await locked_homes(tx, [memorial.home])
    _refuse_closed(homes[memorial.home], starts_at.astimezone(TZ), at)
    room = (await tx.execute(_ROOM, {"home": memorial.home, "starts_at": starts_at})).scalar_one()
    if room < people:
        raise HourFull(extra={"room": max(0, int(room))})
    visit = uuid4()
    values = {"memorial": memorial.id, "home": memorial.home, "starts_at": starts_at, "people": people}
    await tx.execute(_BOOK, {"id": visit, **values, "at": at, "by": by})
    return visit


def _refuse_closed(home: Home, hour: datetime, at: datetime) -> None:
    opens_at, closes_at = home.open_on(hour.date())
    whole = (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
    ahead = at <= hour <= at + timedelta(days=MOST_DAYS_AHEAD)
    if not (whole and ahead and opens_at <= hour.time() < closes_at):
        raise fault(
            "/starts_at", "hour_unknown", "请选择开放时间内的整点，最多提前一年。",
            "Choose a whole hour within the opening hours, at most a year ahead.",
            f"当天开放时间：{opens_at:%H:%M}–{closes_at:%H:%M}", f"Open that day: {opens_at:%H:%M}-{closes_at:%H:%M}",
        )  # fmt: skip


async def cancel_visit(tx: Transaction, visit: UUID, *, at: datetime) -> None:
    """The room is free again."""
    await tx.execute(_CANCEL, {"id": visit, "at": at})
