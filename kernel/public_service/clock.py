"""Legal time: Asia/Shanghai, shifted by one offset row per database (design 6).

Limits, dates and months come from `clock.now()`, never from `now()` in SQL. Outside the demo profile the offset is
always zero and no statement is ever run for it. Technical time (leases, back-off, tokens) is the real clock.
"""

import time
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import text

from kernel.errors import Conflict

TZ = ZoneInfo("Asia/Shanghai")
STANDS_STILL_SECONDS = 30.0

DDL = (
    """CREATE TABLE IF NOT EXISTS clock_offset (
        id integer PRIMARY KEY CHECK (id = 1),
        offset_seconds double precision NOT NULL DEFAULT 0 CHECK (offset_seconds >= 0)
    )""",
    "INSERT INTO clock_offset (id, offset_seconds) VALUES (1, 0) ON CONFLICT DO NOTHING",
)

_READ = text("SELECT offset_seconds FROM clock_offset WHERE id = 1")
_SET = text(
    "UPDATE clock_offset SET offset_seconds = :offset WHERE id = 1 AND offset_seconds <= :offset RETURNING 1"
)


class Executes(Protocol):
    """A transaction, as far as the kernel needs it."""

    async def execute(self, statement: Any, parameters: Any = None) -> Any: ...


class ClockGoesForwardOnly(Conflict):
    """时钟只能向前拨，不能拨回。
    The clock moves forward only."""

    how = "请给出晚于当前时间的时刻。"
    how_en = "Give an instant after the present one."


class DemoClockOnly(Conflict):
    """只有演示环境可以调整时钟。
    Only the demo profile may set the clock."""

    how = "请在演示环境中操作。"
    how_en = "Do this in the demo profile."


class Clock:
    """Real time plus the offset last read. `now()` costs no statement; `refresh(tx)` costs a tiny one (demo only)."""

    def __init__(self, *, demo: bool = False) -> None:
        self.demo = demo
        self._offset = timedelta()
        self._moved_at = float("-inf")

    def now(self) -> datetime:
        """The legal instant, aware, Asia/Shanghai."""
        return datetime.now(TZ) + self._offset

    def today(self) -> date:
        return self.now().date()

    @property
    def moved_lately(self) -> bool:
        """Whether somebody has set the demo's clock within half a minute (monotonic): he runs what is due at each
        instant himself, in order over all databases and counted, so the loops stand still."""
        return time.monotonic() - self._moved_at < STANDS_STILL_SECONDS

    async def refresh(self, tx: Executes) -> None:
        """Read the offset row: first thing of every transaction that needs legal time."""
        if not self.demo:
            return
        result = await tx.execute(_READ)
        self._shift(timedelta(seconds=result.scalar_one()))

    async def set(self, tx: Executes, instant: datetime) -> None:
        """Move the clock to `instant`. Raises ClockGoesForwardOnly; DemoClockOnly outside the demo profile."""
        if not self.demo:
            raise DemoClockOnly()
        offset = (instant - datetime.now(TZ)).total_seconds()
        result = await tx.execute(_SET, {"offset": max(offset, 0.0)})
        if offset < 0 or result.first() is None:
            raise ClockGoesForwardOnly()
        self._shift(timedelta(seconds=offset))

    def _shift(self, offset: timedelta) -> None:
        if offset != self._offset:
            self._offset, self._moved_at = offset, time.monotonic()


class FixedClock(Clock):
    """A clock that stands still until it is told: for tests and for checks that see the moment they were due."""

    def __init__(self, instant: datetime) -> None:
        super().__init__(demo=True)
        self.instant = instant.astimezone(TZ)

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by

    async def refresh(self, tx: Executes) -> None:
        """A standing clock has nothing to read."""

    async def set(self, tx: Executes, instant: datetime) -> None:
        """As the demo's clock is set: the loops stand still for a while. `advance` leaves them running."""
        if instant < self.instant:
            raise ClockGoesForwardOnly()
        self.instant, self._moved_at = instant.astimezone(TZ), time.monotonic()
