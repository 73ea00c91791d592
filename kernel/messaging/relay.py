"""The relay: one leader per service database takes the outbox to the bus, in order (design 6).

Leadership is a session advisory lock on a connection of its own, outside the pool and outside any
transaction: when the process or the connection dies, PostgreSQL frees it. Two relays at once would not
lose anything, but they would send everything twice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kernel.messaging import outbox
from kernel.messaging.bus.interface import Publisher, SendResult
from kernel.messaging.failures import describe
from kernel.messaging.metrics import RELAY_BROKEN, RELAY_LEADER, RELAY_SENT
from kernel.messaging.waiting import Backoff, Pace, StoppedWaiting, first_of, unless_stopped, wait_until

log = structlog.get_logger(__name__)

# One number for all: the lock's scope is the database, and every service has its own.
LEADER_LOCK = 0x6C62_7265_6C61_79  # "lb relay"
_LEAD = text("SELECT pg_try_advisory_lock(:lock)")


class Relay:
    """One service's relay.

    poll_seconds: how often an empty outbox is looked at when nobody wakes the relay.
    idle_seconds: the same once it can be woken (`wake` given): only other processes' commits wait for it.
    pace_seconds: at most one send in this time, so that under load rows gather into larger batches; after a
    full read nothing more need gather.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        publisher: Publisher,
        *,
        service: str,
        wake: asyncio.Event | None = None,
        most_rows: int = 500,
        poll_seconds: float = 0.02,
        idle_seconds: float = 0.1,
        pace_seconds: float = 0.025,
        election_seconds: float = 0.5,
        stop_grace_seconds: float = 5.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._service = service
        self._wake = wake or asyncio.Event()
        self._most_rows = most_rows
        self._poll_seconds = idle_seconds if wake is not None else poll_seconds
        self._pace = Pace(pace_seconds)
        self._election_seconds = election_seconds
        self._stop_grace_seconds = stop_grace_seconds
        self._backoff = backoff or Backoff()
        self._open = False
        self.leading = False

    async def run(self, stop: asyncio.Event) -> None:
        """Lead whenever nobody else does, until told to stop. Failures are waited out, never given up."""
        while not stop.is_set():
            try:
                async with self._connection() as connection:
                    if await self._elected(connection, stop):
                        await self._lead(connection, stop)
            except StoppedWaiting:
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the rows stay and are tried again
                await self._wait_out(error, stop)
            finally:
                self._lead_changed(False)
                await self._close_publisher()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection of our own: taken out of the pool, which keeps its size; closing it frees the lock."""
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.run_sync(Connection.detach)
            yield connection

    async def _elected(self, connection: AsyncConnection, stop: asyncio.Event) -> bool:
        """Wait until this process leads; False when told to stop before."""
        while not stop.is_set():
            if (await connection.execute(_LEAD, {"lock": LEADER_LOCK})).scalar_one():
                self._lead_changed(True)
                return True
            await wait_until(stop, self._election_seconds)
        return False

    async def _lead(self, connection: AsyncConnection, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._wake.clear()  # before the read: what commits after it sets it again
            rows = await outbox.lowest(connection, most=self._most_rows)
            if not rows:
                await first_of(self._wake, stop, seconds=self._poll_seconds)
                continue
            self._pace.begun()
            if not self._open:
                await unless_stopped(self._publisher.open(), stop, grace_seconds=0)
                self._open = True
            result = await unless_stopped(
                self._publisher.send(rows), stop, grace_seconds=self._stop_grace_seconds
            )
            await self._settle(connection, result, stop)
            if result.broken is None and len(rows) < self._most_rows:
                await self._pace.next_round(stop)

    async def _settle(self, connection: AsyncConnection, result: SendResult, stop: asyncio.Event) -> None:
        """Delete what was acknowledged, park what can never pass, and never use a broken producer again."""
        if result.acknowledged:
            await outbox.delete(connection, result.acknowledged)
            RELAY_SENT.labels(self._service).inc(len(result.acknowledged))
        if result.refused:
            await outbox.park(connection, result.refused)
            log.error("outbox_key_parked", service=self._service, refused=_named(result.refused))
        if result.broken is None:
            self._backoff.reset()
            return
        RELAY_BROKEN.labels(self._service).inc()
        await self._renew()
        if not result.refused and not result.acknowledged:
            await self._wait_out(result.broken, stop)

    async def _renew(self) -> None:
        """After any send error the next read starts with a fresh producer at the lowest seq.

        Measured on aiokafka 0.14: after one refused record the same producer failed 122 innocent ones.
        """
        await self._close_publisher()

    async def _close_publisher(self) -> None:
        if self._open:
            self._open = False
            await self._publisher.close()

    async def _wait_out(self, error: Exception, stop: asyncio.Event) -> None:
        seconds = self._backoff.next_seconds()
        if self._backoff.failures in (1, 5) or self._backoff.failures % 20 == 0:
            log.error(
                "relay_waits",
                service=self._service,
                reason=describe(error),
                failures=self._backoff.failures,
                again_in_seconds=seconds,
            )
        await wait_until(stop, seconds)

    def _lead_changed(self, leading: bool) -> None:
        if leading == self.leading:
            return
        self.leading = leading
        RELAY_LEADER.labels(self._service).set(int(leading))
        log.info("relay_leader", service=self._service, leading=leading)


def _named(refused: Sequence[tuple[int, str]]) -> list[str]:
    return [f"{seq}: {reason}" for seq, reason in refused[:10]]
