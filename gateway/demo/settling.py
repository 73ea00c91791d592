"""Settled: every outbox empty, every message handled, no answer of a prompt or slow department to come."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.clocks import Clocks
from gateway.demo.moving import BusPlace, GatewayPlace, Moving, OwnerPlace, Place
from gateway.exchange.exchange import Exchange
from kernel.errors import Conflict

STUCK_SECONDS = 60.0
_FIRST_WAIT_SECONDS = 0.01
_MOST_WAIT_SECONDS = 0.25


class DoesNotSettle(Conflict):
    """系统 60 秒没有进展，还有未处理完的内容。
    Nothing has moved for 60 seconds, and something is still under way."""

    how = "请查看 moving 列出的单位；修复后再拨动时钟。"
    how_en = "Look at the places listed in moving; set the clock again when they are mended."


@dataclass(frozen=True, slots=True)
class Places:
    """All databases: the services', and the gateway's last; and the bus between them (none: nothing was given one)."""

    owners: tuple[OwnerPlace, ...]
    gateway: GatewayPlace
    bus: BusPlace | None = None

    @classmethod
    def of(cls, exchange: Exchange) -> "Places":
        owners, bus = exchange.desk.owners, exchange.desk.service.bus
        return cls(
            tuple(OwnerPlace(name, owners) for name in owners.names),
            GatewayPlace(exchange.desk, exchange.pushed, Clocks(exchange.desk.moves, exchange.limits)),
            BusPlace(bus, owners.names) if bus is not None else None,
        )

    @property
    def all(self) -> tuple[Place, ...]:
        return (*self.owners, self.gateway)

    @property
    def changes(self) -> int:
        """How much had moved by messages at the last look."""
        return sum(place.changes for place in self.all)

    async def moving(self) -> list[Moving]:
        """What is under way. Two looks at every place, and one at the bus between them.

        A message under way between the looks was written before the first (then it lay on the bus, or was handled
        before the bus was asked and its answer is seen by the second) or after it (then `changes` differ).
        """
        if found := await self._look():
            return found
        before = self.changes
        if found := list(await self.bus.moving()) if self.bus is not None else []:
            return found
        if found := await self._look():
            return found
        return [Moving("bus", "changes", self.changes - before)] if self.changes != before else []

    async def _look(self) -> list[Moving]:
        found = await asyncio.gather(*(place.moving() for place in self.all))
        return [one for place in found for one in place]


async def settle(places: Places, *, timeout_seconds: float) -> list[Moving]:
    """What is still under way when everything has settled (nothing) or the time is over."""
    end = time.monotonic() + timeout_seconds
    wait = _FIRST_WAIT_SECONDS
    while True:
        moving = await places.moving()
        if not moving or time.monotonic() >= end:
            return moving
        await asyncio.sleep(wait)
        wait = min(_MOST_WAIT_SECONDS, wait * 1.5)


async def settle_or_stuck(places: Places, *, stuck_seconds: float = STUCK_SECONDS) -> None:
    """Wait as long as something moves. Raises DoesNotSettle after so long without any change."""
    last: tuple[Sequence[Moving], int] | None = None
    since = time.monotonic()
    wait = _FIRST_WAIT_SECONDS
    while moving := await places.moving():
        seen = (moving, places.changes)
        if seen != last:
            last, since = seen, time.monotonic()
        elif time.monotonic() - since >= stuck_seconds:
            listed = [{"where": one.where, "what": one.what, "count": one.count} for one in moving]
            raise DoesNotSettle(extra={"moving": listed})
        await asyncio.sleep(wait)
        wait = min(_MOST_WAIT_SECONDS, wait * 1.5)
