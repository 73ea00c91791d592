"""Brings answered lists into the database: whatever waits goes in together, one transaction for many cases."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from gateway.exchange import leases
from gateway.exchange.delivery import Delivery
from gateway.exchange.results import GivenAnswer, TakeAnswers
from kernel.messaging.failures import describe, is_systemic
from kernel.messaging.transaction import Transaction, Transactions
from kernel.messaging.waiting import Backoff
from kernel.public_service.clock import Clock

log = structlog.get_logger("lianban.exchange")
_MOST_TOGETHER = 1000
_ASIDE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one list: `sent` were in it, `answers` came at once. `failure` gives them all back."""

    department: str
    sent: Sequence[Delivery]
    answers: Sequence[GivenAnswer] = ()
    failure: str | None = None
    unreached: bool = False
    again_at: datetime | None = None
    applied: asyncio.Event = field(default_factory=asyncio.Event)


class Applier:
    """One at a time in this process: lists of several departments about the same cases never wait for each other."""

    def __init__(self, transactions: Transactions, take_answers: TakeAnswers, clock: Clock) -> None:
        self._transactions = transactions
        self._take_answers = take_answers
        self._clock = clock
        self._waiting: asyncio.Queue[Heard] = asyncio.Queue()

    async def put(self, heard: Heard) -> None:
        """Hand over one list and wait until it stands in the database."""
        self._waiting.put_nowait(heard)
        await heard.applied.wait()

    async def run(self) -> None:
        """Until cancelled. What is not applied then is given back by its lease."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and sum(len(heard.sent) for heard in batch) < _MOST_TOGETHER:
                batch.append(self._waiting.get_nowait())
            await self._apply_surely(batch)
            for heard in batch:
                heard.applied.set()

    async def _apply_surely(self, batch: Sequence[Heard]) -> None:
        """Together; when that fails for no systemic reason, list by list and then answer by answer."""
        backoff = Backoff()
        while True:
            try:
                await self._apply(batch)
                return
            except Exception as error:  # noqa: BLE001 - systemic waits, the rest is narrowed down and set aside
                if is_systemic(error):
                    log.warning("answers_wait", reason=describe(error))
                    await asyncio.sleep(backoff.next_seconds())
                    continue
                await self._narrow(batch, error)
                return

    async def _narrow(self, batch: Sequence[Heard], error: Exception) -> None:
        if len(batch) > 1:
            for heard in batch:
                await self._apply_surely([heard])
        elif len(batch[0].sent) > 1:
            for part in _one_by_one(batch[0]):
                await self._apply_surely([part])
        else:
            log.error("answer_set_aside", department=batch[0].department, reason=describe(error))
            await self._set_aside(batch[0].sent, describe(error))

    async def _set_aside(self, sent: Sequence[Delivery], reason: str) -> None:
        """An answer that our own code cannot take: the request stays, with the reason, and is asked again later."""
        async with self._transactions.begin() as tx:
            until = datetime.now(UTC) + _ASIDE
            await leases.failed(tx, [row.id for row in sent], failure=reason, until=until, unreached=False)

    async def _apply(self, batch: Sequence[Heard]) -> None:
        async with self._transactions.begin() as tx:
            await self._clock.refresh(tx)
            answers = [answer for heard in batch for answer in _own(heard)]
            if answers:
                await self._take_answers(tx, answers, at=self._clock.now())
            await _mark_taken(tx, batch)
            for heard in batch:
                if heard.failure is not None and heard.again_at is not None:
                    await leases.failed(
                        tx, [row.id for row in heard.sent], failure=heard.failure, until=heard.again_at,
                        unreached=heard.unreached,
                    )  # fmt: skip


async def _mark_taken(tx: Transaction, batch: Sequence[Heard]) -> None:
    """Those of a good list that were not answered: the department has them."""
    waiting: list[UUID] = []
    for heard in batch:
        if heard.failure is None:
            answered = {answer.id for answer in heard.answers}
            waiting += [row.id for row in heard.sent if row.id not in answered]
    if waiting:
        await leases.taken(tx, waiting)


def _own(heard: Heard) -> list[GivenAnswer]:
    """Answers to what was in the list; a department cannot answer another request in passing."""
    sent = {row.id for row in heard.sent}
    return [answer for answer in heard.answers if answer.id in sent]


def _one_by_one(heard: Heard) -> list[Heard]:
    return [
        Heard(
            heard.department, [row], [answer for answer in heard.answers if answer.id == row.id], heard.failure,
            heard.unreached, heard.again_at,
        )
        for row in heard.sent
    ]  # fmt: skip
