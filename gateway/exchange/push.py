"""The pusher: leases what is to be sent, in lists per department, and sends them through a bounded pool each.

Several processes may run one: a row is leased to one of them at a time. Woken by the bell right after a commit that
wrote a delivery, else it looks every 50 ms.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from gateway.cases.plans import Plans
from gateway.exchange import leases
from gateway.exchange.applying import Applier, Heard
from gateway.exchange.bell import bell_of
from gateway.exchange.contents import CaseContent, cancellation, contents, items
from gateway.exchange.delivery import Delivery, DeliveryState
from gateway.exchange.department_client import DepartmentClient, DepartmentFailed
from gateway.exchange.results import GivenAnswer
from kernel.messaging.transaction import Transactions
from kernel.messaging.waiting import PACE_SECONDS, Backoff, Pace, first_of
from kernel.public_service.sealing import Sealer

log = structlog.get_logger("lianban.exchange")
LEASE_SECONDS = 30.0
POLL_SECONDS = 0.05
LISTS_IN_FLIGHT = 2


def technical_now() -> datetime:
    """Real time: leases and back-off do not follow the demo's clock."""
    return datetime.now(UTC)


@dataclass
class Line:
    """One department: lists under way, and when it may be tried again after a failure."""

    department: str
    in_flight: int = 0
    most: int = leases.MOST_IN_A_LIST
    resume_at: datetime | None = None
    backoff: Backoff = field(default_factory=lambda: Backoff(first_seconds=0.2, most_seconds=10.0))

    def free(self, now: datetime) -> bool:
        return self.in_flight < LISTS_IN_FLIGHT and (self.resume_at is None or self.resume_at <= now)


@dataclass(frozen=True, slots=True)
class _List:
    """Requests or cancellations that go out in one call."""

    line: Line
    cancel: bool
    deliveries: Sequence[Delivery]
    opened: dict[UUID, CaseContent]
    attempts: dict[UUID, int]


class Pusher:
    """A loop of the gateway's worker."""

    def __init__(
        self,
        transactions: Transactions,
        departments: Sequence[str],
        client: DepartmentClient,
        applier: Applier,
        *,
        plans: Plans,
        sealer: Sealer,
        now: Callable[[], datetime] = technical_now,
    ) -> None:
        self._transactions = transactions
        self._lines = {department: Line(department) for department in departments}
        self._client = client
        self._applier = applier
        self._plans = plans
        self._sealer = sealer
        self._now = now
        self._free = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._pace = Pace(PACE_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; calls under way get the time they need, at most their own timeout."""
        bell = bell_of(self._transactions.engine.sync_engine)
        applying = asyncio.create_task(self._applier.run())
        try:
            while not stop.is_set():
                await self._pace.next_round(stop)
                bell.clear()
                self._free.clear()
                if await self.push_once():
                    self._pace.begun()
                else:
                    await first_of(bell, self._free, stop, seconds=POLL_SECONDS)
                if applying.done():
                    applying.result()
            if self._calls:
                await asyncio.wait(self._calls)
        finally:
            await self._end(applying)

    async def _end(self, applying: "asyncio.Task[None]") -> None:
        for task in (*self._calls, applying):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await applying

    async def push_once(self) -> int:
        """Lease what is free and start the calls; how many deliveries went out."""
        now = self._now()
        lines = [line for line in self._lines.values() if line.free(now)]
        if not lines:
            return 0
        lists = await self._lease(lines, now)
        for ready in lists:
            ready.line.in_flight += 1
            call = asyncio.create_task(self._send(ready))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        return sum(len(ready.deliveries) for ready in lists)

    async def _lease(self, lines: Sequence[Line], now: datetime) -> list[_List]:
        async with self._transactions.begin() as tx:
            found, attempts = await leases.lease_for_push(
                tx, [(line.department, line.most) for line in lines], now=now,
                until=now + timedelta(seconds=LEASE_SECONDS),
            )  # fmt: skip
            requests = [row.case_id for row in found if row.state is DeliveryState.PENDING]
            opened = await contents(tx, requests, plans=self._plans, sealer=self._sealer) if requests else {}
        grouped: dict[tuple[str, bool], list[Delivery]] = {}
        for row in found:
            grouped.setdefault((row.department, row.state is DeliveryState.CANCELLING), []).append(row)
        return [
            _List(self._lines[department], cancel, rows, opened, attempts)
            for (department, cancel), rows in grouped.items()
        ]

    async def _send(self, ready: _List) -> None:
        """One call and what came of it; the line is free again once it stands in the database."""
        try:
            await self._applier.put(await self._call(ready))
        finally:
            ready.line.in_flight -= 1
            self._free.set()

    async def _call(self, ready: _List) -> Heard:
        line = ready.line
        try:
            answers = await self._post(ready)
        except DepartmentFailed as failed:
            return self._failed(ready, failed)
        line.backoff.reset()
        line.resume_at = None
        line.most = min(leases.MOST_IN_A_LIST, line.most * 2)
        return Heard(line.department, ready.deliveries, answers)

    async def _post(self, ready: _List) -> list[GivenAnswer]:
        department = ready.line.department
        if not ready.cancel:
            return await self._client.tasks(
                department, items(ready.deliveries, ready.opened, id_name="request_id")
            )
        return await self._client.cancellations(department, [cancellation(row) for row in ready.deliveries])

    def _failed(self, ready: _List, failed: DepartmentFailed) -> Heard:
        """The department fails: it rests. It refuses a list: shorter lists, and a refused request waits alone."""
        line, now = ready.line, self._now()
        again_at = now
        if failed.refused and len(ready.deliveries) > 1:
            line.most = max(1, len(ready.deliveries) // 4)
        elif failed.refused:
            attempts = ready.attempts[ready.deliveries[0].id]
            again_at = now + timedelta(seconds=min(600, 2 ** min(attempts, 10)))
        else:
            line.resume_at = now + timedelta(seconds=line.backoff.next_seconds())
        log.warning(
            "push_failed",
            department=line.department,
            deliveries=len(ready.deliveries),
            failure=failed.failure,
        )
        return Heard(
            line.department,
            ready.deliveries,
            failure=failed.failure,
            unreached=failed.unreached,
            again_at=again_at,
        )
