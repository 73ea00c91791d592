"""Once at each start of a worker: whatever stands on an older calendar is reckoned again (decision 0012)."""

import asyncio

from casework.new_calendar import NewCalendar


class CalendarLoop:
    """Moves this database to the calendar of this process, then waits for the end."""

    def __init__(self, new_calendar: NewCalendar) -> None:
        self._new_calendar = new_calendar

    async def run(self, stop: asyncio.Event) -> None:
        done = False
        while not done and not stop.is_set():
            done = (await self._new_calendar.once()).done
        await stop.wait()
