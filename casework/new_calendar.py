"""A new working calendar: what is unfinished and ends in a year that it changes is reckoned again (decision 0012).

`calendar_standing` says which calendar every limit of this database stands on and how far a move to another has come.
A page locks that row, so that several workers share the pages and a move that was cut short goes on where it stopped;
a page run twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import text

from casework.office import Office
from casework.procedure import RUNNING
from casework.rows import json_text, lock_procedures, write_procedures
from casework.settle import on_calendar, outcome_of
from casework.work import reports
from kernel.messaging.transaction import Transaction, Transactions
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ, Clock

PAGE = 500
_FIRST = UUID(int=0)

_FOUND = text(
    """INSERT INTO calendar_standing (id, years, stage) VALUES (1, CAST(CAST(:years AS text) AS jsonb), 0)
       ON CONFLICT (id) DO NOTHING"""
)
_STANDING = text(
    """SELECT CAST(years AS text) AS years, CAST(target AS text) AS target, since, stage, after
         FROM calendar_standing WHERE id = 1 FOR UPDATE"""
)
_MOVE = text(
    """UPDATE calendar_standing SET years = CAST(CAST(:years AS text) AS jsonb),
              target = CAST(CAST(:target AS text) AS jsonb), since = :since, stage = :stage, after = :after
        WHERE id = 1"""
)
_PAGE = text(
    """SELECT id FROM procedures
        WHERE ended_at IS NULL AND (due_at >= :since OR task_due_at >= :since) AND id > :after
        ORDER BY id LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one kind of row: the last key looked at (none: there are no more), and how many moved."""

    last: UUID | None
    moved: int = 0


class Stage(Protocol):
    """One kind of row that has limits: reckons a page of those due on or after `since` again, `after` that key."""

    async def __call__(
        self, tx: Transaction, *, since: datetime, after: UUID, limit: int, at: datetime
    ) -> Page: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What one page did. `done`: everything stands on the present calendar."""

    moved: int
    done: bool


class NewCalendar:
    """Moves one database to the calendar of this process, page by page, kind by kind."""

    def __init__(
        self,
        transactions: Transactions,
        clock: Clock,
        calendar: WorkingCalendar,
        stages: Sequence[Stage],
        *,
        page: int = PAGE,
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._calendar = calendar
        self.stages = tuple(stages)
        self._page = page

    async def run_through(self) -> int:
        """Until everything stands on this calendar; how many procedures, tasks and requests moved."""
        moved = 0
        while not (progress := await self.once()).done:
            moved += progress.moved
        return moved + progress.moved

    async def once(self) -> Progress:
        """One page in a transaction of its own."""
        async with self._transactions.begin() as tx:
            await self._clock.refresh(tx)
            return await self._step(tx)

    async def _step(self, tx: Transaction) -> Progress:
        ours = self._calendar.years
        row = (await tx.execute(_STANDING)).first()
        if row is None:  # the first start: every limit was reckoned with what this process knows
            await tx.execute(_FOUND, {"years": json_text(ours)})
            return Progress(0, done=True)
        stood = orjson.loads(row.years)
        if stood == ours or stood.keys() - ours.keys():  # a process that knows fewer years moves nothing back
            return Progress(0, done=True)
        going_on = row.target is not None and orjson.loads(row.target) == ours
        since = row.since if going_on else _since(stood, ours)
        stage, after = (row.stage, row.after or _FIRST) if going_on else (0, _FIRST)
        start = datetime.combine(since, time(), TZ)
        page = await self.stages[stage](tx, since=start, after=after, limit=self._page, at=self._clock.now())
        if page.last is None:
            stage += 1
        done = stage == len(self.stages)
        await tx.execute(_MOVE, _standing(stood, ours, since, stage, page.last, done=done))
        return Progress(page.moved, done=done)


def _since(stood: Mapping[str, str], ours: Mapping[str, str]) -> date:
    """The first day of the first year that the two calendars tell differently: what ended before it is the same."""
    return date(min(int(year) for year in ours if ours[year] != stood.get(year)), 1, 1)


def _standing(
    stood: Mapping[str, str],
    ours: Mapping[str, str],
    since: date,
    stage: int,
    after: UUID | None,
    *,
    done: bool,
) -> dict[str, Any]:
    if done:
        return {"years": json_text(ours), "target": None, "since": None, "stage": 0, "after": None}
    return {
        "years": json_text(stood), "target": json_text(ours), "since": since, "stage": stage, "after": after,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Procedures:
    """The stage of an owner's procedures: marks, task and next check move, the board is told by outcome."""

    office: Office

    async def __call__(
        self, tx: Transaction, *, since: datetime, after: UUID, limit: int, at: datetime
    ) -> Page:
        ids = (await tx.execute(_PAGE, {"since": since, "after": after, "limit": limit})).scalars().all()
        if not ids:
            return Page(None)
        changed = []
        for row, case in (await lock_procedures(tx, ids)).values():
            moved = on_calendar(row, case, self.office.calendar) if row.state in RUNNING else None
            if moved is not None:
                moved.changed_at = at
                changed.append(moved)
        await write_procedures(tx, changed)
        told = [(row.case_id, outcome_of(row, at=at)) for row in changed]
        for report in reports(told, owner=self.office.owner):
            tx.emit(report)
        return Page(ids[-1], len(changed))
