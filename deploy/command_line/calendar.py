"""calendar recompute: carry a new holiday notice into what is unfinished, in all five databases (decision 0012)."""

import asyncio
from collections.abc import AsyncIterator

import typer

from casework.new_calendar import NewCalendar
from deploy.command_line.opened import opened
from deploy.command_line.options import FOLDER, Data, installation
from deploy.local.installation import Installation

app = typer.Typer(no_args_is_help=True, help="工作日历 / the working calendar")


@app.callback()
def calendar() -> None:
    """工作日历。The working calendar."""


@app.command("recompute")
def recompute(data: Data = FOLDER) -> None:
    """放假安排公布后重算未办结事项的时限，可重复、可接着算。Reckon what is unfinished again; harmless twice."""
    asyncio.run(_say(installation(data)))


async def _say(place: Installation) -> None:
    async for name, moved in _recomputed(place):
        print(f"{name}: 移动 {moved} 项 · {moved} moved", flush=True)


async def _recomputed(place: Installation) -> AsyncIterator[tuple[str, int]]:
    """Database by database; a service's worker does the same at its start."""
    async with opened(place) as services:
        for name, service in services.items():
            new_calendar: NewCalendar = service.app.state.new_calendar
            yield name, await new_calendar.run_through()
