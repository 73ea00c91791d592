"""Settled: every outbox empty, every message handled, no answer of a prompt or slow department to come."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.demo.moving import GatewayPlace, Moving, OwnerPlace, Place
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
    """All databases: the services', and the gateway's last."""

    owners: tuple[OwnerPlace, ...]
    gateway: GatewayPlace

    @classmethod
    def of(cls, exchange: Exchange) -> "Places":
        owners = exchange.desk.owners
        return cls(
            tuple(OwnerPlace(name, owners) for name in owners.names),
            GatewayPlace(exchange.desk, exchange.pushed),
        )

    @property
    def all(self) -> tuple[Place, ...]:
        return (*self.owners, self.gateway)

    async def moving(self) -> list[Moving]:
        """What is under way. Looked at there and back: a message that hops between two looks is seen by the second,
        and one that went there and back has left a change on the board."""
        found = [one for place in self.all for one in await place.moving()]
        if found:
            return found
        before = self.gateway.changes
        found = [one for place in reversed(self.all) for one in await place.moving()]
        await self.gateway.moving()
        if not found and self.gateway.changes != before:
            return [Moving(self.gateway.name, "changes", self.gateway.changes - before)]
        return found


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
        seen = (moving, places.gateway.changes)
        if seen != last:
            last, since = seen, time.monotonic()
        elif time.monotonic() - since >= stuck_seconds:
            listed = [{"where": one.where, "what": one.what, "count": one.count} for one in moving]
            raise DoesNotSettle(extra={"moving": listed})
        await asyncio.sleep(wait)
        wait = min(_MOST_WAIT_SECONDS, wait * 1.5)
