"""The feed of committed changes, for pages and load generators (api.md: server-sent events).

Rows of `case_changes` are read by (xid, seq) strictly below the oldest running transaction, so that nothing that
commits later can lie behind the cursor. One poller a process serves all its listeners; what is told is always the
case's present state, so a listener who was away misses nothing that still matters. Changes are kept for seven days
(`feed_retention.py`): a listener who was away for longer is told every case as it stands.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from kernel.messaging.failures import describe
from kernel.messaging.transaction import Transactions
from kernel.messaging.waiting import Backoff, wait_until

log = structlog.get_logger(__name__)

_MOST = 500
_QUEUE = 20_000
_READ = text("""
    SELECT ch.xid::text AS xid, ch.seq, ch.case_id, c.case_no, c.version, c.status, c.progress, c.open_types
    FROM case_changes ch JOIN cases c ON c.id = ch.case_id
    WHERE (ch.xid, ch.seq) > (CAST(CAST(:xid AS text) AS xid8), :seq)
      AND ch.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY ch.xid, ch.seq LIMIT :most""")
_END = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
_OLDEST = text("SELECT xid::text AS xid, seq FROM case_changes ORDER BY xid, seq LIMIT 1")
_STATES = text("""
    SELECT id AS case_id, case_no, version, status, progress, open_types FROM cases
    WHERE CAST(:after AS uuid) IS NULL OR id > :after ORDER BY id LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change with the case's present state. `cursor` resumes after it."""

    cursor: str
    case: UUID
    case_no: str
    version: int
    status: str
    progress: int
    open: tuple[str, ...]

    @property
    def position(self) -> tuple[int, int]:
        """The cursor as a value that can be compared."""
        return position(self.cursor)

    def as_dict(self) -> dict[str, Any]:
        """What the operator's feed tells."""
        return {
            "case_no": self.case_no,
            "version": self.version,
            "status": self.status,
            "open": list(self.open),
        }


class Lagging(Exception):
    """监听方读取过慢，已断开：请用 Last-Event-ID 重新连接。

    The listener reads too slowly and was let go: connect again with Last-Event-ID.
    """


class Feed:
    """Listeners of committed changes. Runs as one of the app's resources (`running()`)."""

    def __init__(self, transactions: Transactions, *, poll_seconds: float = 0.05) -> None:
        self._transactions = transactions
        self._poll_seconds = poll_seconds
        self._listeners: set[asyncio.Queue[Change | None]] = set()
        self._waiting = asyncio.Event()
        self._cursor: tuple[int, int] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Feed"]:
        """Poll as long as the app runs, and only while somebody listens."""
        stop = asyncio.Event()
        poller = asyncio.create_task(self._poll(stop), name="gateway:feed")
        try:
            yield self
        finally:
            stop.set()
            self._waiting.set()
            await poller
            for queue in self._listeners:
                queue.put_nowait(None)

    async def _poll(self, stop: asyncio.Event) -> None:
        backoff = Backoff()
        while not stop.is_set():
            if not self._listeners:
                self._cursor = None
                self._waiting.clear()
                await self._waiting.wait()
                continue
            try:
                found = await self._next()
                backoff.reset()
                pause = 0.0 if len(found) == _MOST else self._poll_seconds
            except Exception as error:  # noqa: BLE001 - told, counted, and tried again: listeners only wait longer
                log.warning("feed_waits", reason=describe(error))
                found, pause = [], backoff.next_seconds()
            for change in {change.case: change for change in found}.values():
                self._tell(change)
            if pause:
                await wait_until(stop, pause)

    async def _next(self) -> list[Change]:
        """What has been committed since the cursor; the first call sets the cursor to now."""
        found = await self.since(await self._set_cursor())
        if found:
            self._cursor = found[-1].position
        return found

    async def _set_cursor(self) -> tuple[int, int]:
        """Where the poller stands; at first, now. A listener waits for it, so that it misses nothing from then on."""
        if self._cursor is None:
            end = await self.end()
            self._cursor = self._cursor or end
        return self._cursor

    def _tell(self, change: Change) -> None:
        for queue in list(self._listeners):
            if queue.qsize() >= _QUEUE:
                self._listeners.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(change)

    async def end(self) -> tuple[int, int]:
        """The cursor of now: everything committed from here on lies behind it."""
        async with self._transactions.begin() as tx:
            xid = (await tx.execute(_END)).scalar_one()
        return int(xid), 0

    async def since(self, cursor: tuple[int, int]) -> list[Change]:
        """Up to 500 changes after the cursor that are safe to read."""
        async with self._transactions.begin() as tx:
            rows = (await tx.execute(_READ, {"xid": str(cursor[0]), "seq": cursor[1], "most": _MOST})).all()
        return [_change(f"{row.xid}-{row.seq}", row) for row in rows]

    async def missed(self, cursor: tuple[int, int]) -> list[Change] | None:
        """As `since`, for a listener who was away; None when changes after its cursor have been forgotten.

        The oldest is looked up after reading: what is forgotten in between is not missing from what was read.
        """
        found = await self.since(cursor)
        async with self._transactions.begin() as tx:
            oldest = (await tx.execute(_OLDEST)).first()
        return None if oldest is not None and (int(oldest.xid), oldest.seq) > cursor else found

    async def every_case(self) -> AsyncIterator[Change]:
        """Each case as it stands, in the order of their keys; `cursor` resumes after the last of them."""
        xid, seq = await self.end()
        after: UUID | None = None
        while True:
            async with self._transactions.begin() as tx:
                rows = (await tx.execute(_STATES, {"after": after, "most": _MOST})).all()
            for row in rows:
                yield _change(f"{xid}-{seq}", row)
            if len(rows) < _MOST:
                return
            after = rows[-1].case_id

    @asynccontextmanager
    async def listen(self) -> AsyncIterator["asyncio.Queue[Change | None]"]:
        """A queue of every change from now on; None says that the feed ends or the listener was too slow."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            await self._set_cursor()
            self._waiting.set()
            yield queue
        finally:
            self._listeners.discard(queue)


def _change(cursor: str, row: Any) -> Change:
    return Change(
        cursor, row.case_id, row.case_no, row.version, row.status, row.progress, tuple(row.open_types)
    )


def parse_cursor(last_event_id: str | None) -> tuple[int, int] | None:
    """The cursor of a Last-Event-ID; None for none or for one that is not ours."""
    if last_event_id is None or not re.fullmatch(r"[0-9]{1,19}-[0-9]{1,18}", last_event_id):
        return None
    return position(last_event_id)


def position(cursor: str) -> tuple[int, int]:
    """`812-41` as (transaction, sequence)."""
    xid, _, seq = cursor.partition("-")
    return int(xid), int(seq)
