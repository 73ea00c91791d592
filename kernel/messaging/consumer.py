"""The consumer: a batch of messages, one transaction, each message once (design 6).

fetch → {inbox claim; parked keys passed over; handler; outbox rows; settle} → commit → settled.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from enum import Enum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.messaging import inbox, parking
from kernel.messaging.bus.interface import Delivery, Subscription
from kernel.messaging.failures import HandlerTooSlow, LostOffset, describe, is_systemic
from kernel.messaging.message import Message
from kernel.messaging.metrics import (
    CONSUMER_BATCHES,
    CONSUMER_HALTED,
    CONSUMER_MESSAGES,
    CONSUMER_WAITING,
    HANDLER_SECONDS,
)
from kernel.messaging.parking import Key
from kernel.messaging.transaction import Transaction, Transactions
from kernel.messaging.waiting import PACE_SECONDS, Backoff, Pace, wait_until

log = structlog.get_logger(__name__)


class ConsumerTransaction(Transaction):
    """The transaction a handler is given: it may set single messages aside and go on with the rest."""

    def __init__(self, connection: AsyncConnection, *, source: str, consumer: str) -> None:
        super().__init__(connection, source=source)
        self.consumer = consumer
        self.parked: dict[UUID, str] = {}

    async def park(self, message: Message, reason: str | Exception) -> None:
        """Set this message's key aside, with the reason; the rest of the batch commits.

        To be called before any SQL for this message has run. Later messages of the same key in the same
        batch may be handled or not: if one was, the batch is rolled back and comes again without them.
        """
        self.parked[message.id] = reason if isinstance(reason, str) else describe(reason)


Handler = Callable[[Sequence[Message], ConsumerTransaction], Awaitable[None]]


class _Overtaken(Exception):
    """The handler parked a message and handled later ones of its key: do it again without those."""

    def __init__(self, ids: Collection[UUID]) -> None:
        super().__init__("later messages of a parked key were handled in the same batch")
        self.ids = frozenset(ids)


class _Place(Enum):
    """Where the subscription stands."""

    CLOSED = "not opened"
    READY = "at the next message"
    ASTRAY = "past a message that was not handled"


class Consumer:
    """One consumer of one service: `name` is its inbox name and its bus group.

    The handler gets the fresh messages of a batch in order of arrival, and a ConsumerTransaction. It must
    not commit, wait for anything outside the database, or take longer than handler_seconds.

    pace_seconds: at most one batch in this time, so that under load several messages share a transaction.
    """

    def __init__(
        self,
        name: str,
        subscription: Subscription,
        transactions: Transactions,
        handler: Handler,
        *,
        most_messages: int = 500,
        wait_seconds: float = 0.5,
        handler_seconds: float = 60.0,
        pace_seconds: float = PACE_SECONDS,
        backoff: Backoff | None = None,
    ) -> None:
        self.name = name
        self.subscription = subscription
        self.handler = handler
        self.halted = False
        self._transactions = transactions
        self._most_messages = most_messages
        self._wait_seconds = wait_seconds
        self._handler_seconds = handler_seconds
        self._pace = Pace(pace_seconds)
        self._backoff = backoff or Backoff()
        self._at = _Place.CLOSED

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop; a batch begun is finished. Surroundings that fail are waited out.

        A lost offset halts: an alarm, no jump, until somebody has set the position and starts again.
        """
        self._at, self.halted = _Place.CLOSED, False
        CONSUMER_HALTED.labels(self.name).set(0)
        try:
            while not stop.is_set() and not self.halted:
                try:
                    await self._make_ready()
                    await self._pace.next_round(stop)
                    await self._step()
                    self._well()
                except LostOffset as error:
                    self._halt(error)
                except Exception as error:  # noqa: BLE001 - it is logged, counted and tried again
                    await self._wait_out(error, stop)
            await stop.wait()
        finally:
            await self.subscription.close()

    async def _make_ready(self) -> None:
        """Open the subscription at first; after a failure go back to the last settled message."""
        if self._at is _Place.CLOSED:
            await self.subscription.open()
        elif self._at is _Place.ASTRAY:
            await self.subscription.rewind()
        self._at = _Place.READY

    async def _step(self) -> None:
        deliveries = await self.subscription.fetch(limit=self._most_messages, wait_seconds=self._wait_seconds)
        if not deliveries:
            return
        self._pace.begun()
        try:
            await self._batch(deliveries)
        except Exception as error:
            if is_systemic(error):
                raise
            log.warning("batch_failed_goes_one_by_one", consumer=self.name, reason=describe(error))
            await self._one_by_one(deliveries)

    async def _batch(self, deliveries: Sequence[Delivery]) -> None:
        withheld: frozenset[UUID] = frozenset()
        while True:
            try:
                await self._attempt(deliveries, withheld)
                break
            except _Overtaken as overtaken:
                withheld |= overtaken.ids
        CONSUMER_BATCHES.labels(self.name).inc()
        await self.subscription.settled(deliveries)

    async def _attempt(self, deliveries: Sequence[Delivery], withheld: frozenset[UUID]) -> None:
        async with self._transactions.begin_as(ConsumerTransaction, consumer=self.name) as tx:
            fresh = await self._claim(tx, deliveries)
            passed, rest = await self._pass_over_parked(tx, fresh)
            await self._handle([each for each in rest if each.message.id not in withheld], tx)
            await self._set_aside(tx, rest, withheld)
            await self.subscription.settle(tx, deliveries)
        self._count(tx, duplicates=len(deliveries) - len(fresh), passed=len(passed), handled=len(rest))

    async def _claim(self, tx: ConsumerTransaction, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """The deliveries whose message nobody has handled, in order, each message once."""
        claimed = await inbox.claim(tx.connection, self.name, (each.message.id for each in deliveries))
        fresh = []
        for delivery in deliveries:
            if delivery.message.id in claimed:
                claimed.discard(delivery.message.id)
                fresh.append(delivery)
        return fresh

    async def _pass_over_parked(
        self, tx: ConsumerTransaction, fresh: Sequence[Delivery]
    ) -> tuple[list[Delivery], list[Delivery]]:
        """Append what belongs to a parked key behind it; (those, the rest)."""
        if not fresh:
            return [], []
        parked = await parking.parked_among(tx.connection, self.name, (each.message for each in fresh))
        if not parked:
            return [], list(fresh)
        passed = [each for each in fresh if _key(each) in parked]
        await parking.append(tx.connection, self.name, passed)
        return passed, [each for each in fresh if _key(each) not in parked]

    async def _handle(self, deliveries: Sequence[Delivery], tx: ConsumerTransaction) -> None:
        if not deliveries:
            return
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._handler_seconds) as bound:
                await self.handler([each.message for each in deliveries], tx)
        except TimeoutError:
            if not bound.expired():
                raise
            raise HandlerTooSlow(f"{len(deliveries)} messages took over {self._handler_seconds} s") from None
        finally:
            HANDLER_SECONDS.labels(self.name).observe(time.perf_counter() - started)

    async def _set_aside(
        self, tx: ConsumerTransaction, rest: Sequence[Delivery], withheld: frozenset[UUID]
    ) -> None:
        """Park the keys the handler named, each with everything of it from the first parked one on."""
        for each in rest:  # singly: what parks now stops the next of its key
            if each.message.id in withheld and _key(each) not in _parked_keys(rest, tx.parked):
                await self._handle([each], tx)
        if not tx.parked:
            return
        aside, overtaking = _from_first_parked(rest, tx.parked, withheld)
        if overtaking:
            raise _Overtaken(overtaking)
        for key, reason in _reasons(aside, tx.parked).items():
            await parking.park_key(tx.connection, self.name, key, reason)
            log.error("key_parked", consumer=self.name, topic=key[0], key=key[1], reason=reason)
        await parking.append(tx.connection, self.name, aside)

    async def _one_by_one(self, deliveries: Sequence[Delivery]) -> None:
        """Each message alone; the one that fails alone parks its key. Systemic errors go up."""
        for delivery in deliveries:
            try:
                await self._batch([delivery])
            except Exception as error:
                if is_systemic(error):
                    raise
                await self._park_alone(delivery, describe(error))

    async def _park_alone(self, delivery: Delivery, reason: str) -> None:
        async with self._transactions.begin_as(ConsumerTransaction, consumer=self.name) as tx:
            fresh = await self._claim(tx, [delivery])
            if fresh:
                await parking.park_key(tx.connection, self.name, _key(delivery), reason)
                await parking.append(tx.connection, self.name, fresh)
            await self.subscription.settle(tx, [delivery])
        topic, key = _key(delivery)
        log.error("key_parked", consumer=self.name, topic=topic, key=key, reason=reason)
        CONSUMER_MESSAGES.labels(self.name, "parked").inc()
        await self.subscription.settled([delivery])

    async def _wait_out(self, error: Exception, stop: asyncio.Event) -> None:
        if self._at is _Place.READY:
            self._at = _Place.ASTRAY
        seconds = self._backoff.next_seconds()
        CONSUMER_WAITING.labels(self.name).set(self._backoff.failures)
        if self._backoff.failures in (1, 5) or self._backoff.failures % 20 == 0:
            log.error(
                "consumer_waits",
                consumer=self.name,
                reason=describe(error),
                failures=self._backoff.failures,
                again_in_seconds=seconds,
            )
        await wait_until(stop, seconds)

    def _well(self) -> None:
        if self._backoff.failures:
            log.info("consumer_goes_on", consumer=self.name, after_failures=self._backoff.failures)
            self._backoff.reset()
            CONSUMER_WAITING.labels(self.name).set(0)

    def _halt(self, error: LostOffset) -> None:
        self.halted = True
        CONSUMER_HALTED.labels(self.name).set(1)
        log.critical("consumer_halted", consumer=self.name, reason=describe(error))

    def _count(self, tx: ConsumerTransaction, *, duplicates: int, passed: int, handled: int) -> None:
        parked = len(tx.parked)
        outcomes: dict[str, Any] = {
            "duplicate": duplicates,
            "passed_over": passed,
            "parked": parked,
            "handled": handled - parked,
        }
        for outcome, number in outcomes.items():
            if number:
                CONSUMER_MESSAGES.labels(self.name, outcome).inc(number)


def _key(delivery: Delivery) -> Key:
    return delivery.message.topic, delivery.message.key


def _parked_keys(rest: Sequence[Delivery], parked: dict[UUID, str]) -> set[Key]:
    return {_key(each) for each in rest if each.message.id in parked}


def _from_first_parked(
    rest: Sequence[Delivery], parked: dict[UUID, str], withheld: frozenset[UUID]
) -> tuple[list[Delivery], list[UUID]]:
    """(everything of a parked key from its first parked message on, those of it that were handled)."""
    keys: set[Key] = set()
    aside: list[Delivery] = []
    overtaking: list[UUID] = []
    for delivery in rest:
        if delivery.message.id in parked:
            keys.add(_key(delivery))
        if _key(delivery) in keys:
            aside.append(delivery)
            if delivery.message.id not in parked and delivery.message.id not in withheld:
                overtaking.append(delivery.message.id)
    return aside, overtaking


def _reasons(aside: Sequence[Delivery], parked: dict[UUID, str]) -> dict[Key, str]:
    """The first reason of each key."""
    reasons: dict[Key, str] = {}
    for delivery in aside:
        if delivery.message.id in parked:
            reasons.setdefault(_key(delivery), parked[delivery.message.id])
    return reasons
