"""The exchange as one thing: made once in `gateway/main.py` from the desk, found by routes and loops."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from contracts.acts import DecisionAnswer, TaskDecision
from gateway.assets.collecting import CollectAnswers
from gateway.desk import Desk
from gateway.exchange.applying import Applier
from gateway.exchange.department_client import DepartmentClient, department_http
from gateway.exchange.funeral_client import HandOver
from gateway.exchange.holds import Holds
from gateway.exchange.issuer import IssuerCorrections
from gateway.exchange.life_events import LifeEventReports
from gateway.exchange.limits import Limits
from gateway.exchange.push import Pusher
from gateway.exchange.results import TakeAnswers
from gateway.exchange.tasks import DeliveryTasks
from kernel.messaging.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Exchange:
    """What routes need. `pushed` are the departments that are reached by push; the others pull."""

    desk: Desk
    limits: Limits
    take_answers: TakeAnswers
    decide_task: DeliveryTasks
    life_events: LifeEventReports
    holds: Holds

    @property
    def pushed(self) -> Sequence[str]:
        return [one.id for one in self.limits.departments.values() if one.reached_by == "push"]

    async def decide(self, tx: Transaction, task: UUID, act: TaskDecision, *, at: datetime) -> DecisionAnswer:
        """A county supervisor's decision on a delivery's task."""
        return await self.decide_task(tx, task, act, at=at)


def make_exchange(desk: Desk, limits: Limits, hand_over: HandOver) -> Exchange:
    """Wire the exchange, put it on the app, and give the service its loops: push, holds."""
    corrections = IssuerCorrections(desk.corrections)
    take_answers = TakeAnswers(desk.moves, limits, desk.sealer, corrections, CollectAnswers(desk.office))
    exchange = Exchange(
        desk=desk, limits=limits, take_answers=take_answers, decide_task=DeliveryTasks(desk.moves, limits),
        life_events=LifeEventReports(desk.reports, desk.register, corrections, take_answers),
        holds=Holds(desk.transactions, desk.moves, desk.sealer, desk.clock, hand_over, limits),
    )  # fmt: skip
    desk.service.app.state.exchange = exchange
    desk.service.add_loop("push", lambda: PushLoop(exchange))
    desk.service.add_loop("holds", lambda: exchange.holds)
    return exchange


class PushLoop:
    """The pusher with an HTTP client of its own."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def run(self, stop: asyncio.Event) -> None:
        async with pusher(self._exchange) as ready:
            await ready.run(stop)


@asynccontextmanager
async def pusher(exchange: Exchange) -> AsyncIterator[Pusher]:
    """A pusher for the exchange's departments; its connections close with it."""
    desk = exchange.desk
    settings = desk.settings
    async with department_http(timeout_seconds=settings.push_timeout_seconds) as http:
        client = DepartmentClient(http, settings.departments_url, settings.department_addresses)
        applier = Applier(desk.transactions, exchange.take_answers, desk.clock)
        yield Pusher(
            desk.transactions, exchange.pushed, client, applier, plans=desk.plans, sealer=desk.sealer
        )


def this_exchange(request: Request) -> Exchange:
    exchange: Exchange = request.app.state.exchange
    return exchange


ThisExchange = Annotated[Exchange, Depends(this_exchange)]
