"""The demo's clock: every due check at its own instant, in order over all databases, settled between (design 6)."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.demo.durations import too_far
from gateway.demo.settling import STUCK_SECONDS, DoesNotSettle, Places, settle_or_stuck
from gateway.desk import Desk
from kernel.public_service.clock import TZ, ClockGoesForwardOnly

MOST = timedelta(days=400)
_AGAIN_SECONDS = 0.1
_one_at_a_time = asyncio.Lock()


async def advance(desk: Desk, places: Places, aim: Callable[[datetime], datetime], *, field: str) -> int:
    """Move to what `aim` makes of now (a call before this one may have moved it); how many due checks ran.

    Raises ClockGoesForwardOnly, DoesNotSettle; Unprocessable about `field` past 400 days.
    """
    async with _one_at_a_time:
        async with desk.open():
            start = desk.clock.now()
        target = aim(start)
        if target < start:
            raise ClockGoesForwardOnly()
        if target - start > MOST:
            raise too_far(field)
        fired = 0
        await settle_or_stuck(places)
        patience = Patience()
        while (due := await _earliest(places)) is not None and due <= target:
            some = await _run(desk, places, due)
            await patience.after(some, due)
            fired += some
            await settle_or_stuck(places)
        await _set(desk, places, target)
        await settle_or_stuck(places)
        return fired


class Patience:
    """How long checks that are due have not run: another worker may hold their rows for a moment."""

    def __init__(self, *, stuck_seconds: float = STUCK_SECONDS) -> None:
        self._stuck_seconds = stuck_seconds
        self._since = time.monotonic()

    async def after(self, fired: int, due: datetime) -> None:
        """Wait a moment when nothing ran. Raises DoesNotSettle when nothing has run for so long."""
        now = time.monotonic()
        if fired:
            self._since = now
        elif now - self._since >= self._stuck_seconds:
            listed = [{"where": "clock", "what": "checks", "due_at": due.isoformat(timespec="seconds")}]
            raise DoesNotSettle(extra={"moving": listed})
        else:
            await asyncio.sleep(_AGAIN_SECONDS)


async def _earliest(places: Places) -> datetime | None:
    found = [await place.next_check() for place in places.all]
    return min((at.astimezone(TZ) for at in found if at is not None), default=None)


async def _run(desk: Desk, places: Places, due: datetime) -> int:
    """All checks of this instant, wherever they are."""
    await _set(desk, places, due)
    return sum([await place.run_checks(due) for place in places.all])


async def _set(desk: Desk, places: Places, instant: datetime) -> None:
    """Owners first: nobody is asked to run a check that lies ahead of his clock. Real time may have passed it."""
    if instant <= desk.clock.now():
        return
    for place in places.all:
        await place.set_clock(instant)
