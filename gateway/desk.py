"""The desk: everything a route or a loop of the gateway works with, made once in `gateway/main.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from casework.office import Office
from contracts.catalog_files import Catalogue
from gateway.cases.corrections import Corrections
from gateway.cases.decisions import Decisions
from gateway.cases.feed import Feed
from gateway.cases.moves import Moves
from gateway.cases.owners import Owners
from gateway.cases.plans import Plans
from gateway.cases.reports import Reports
from gateway.notices.teller import Teller
from gateway.people.register import Register
from gateway.settings import GatewaySettings
from gateway.sign_in.directory import Directory
from kernel.messaging.transaction import Transaction, Transactions
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import Clock
from kernel.public_service.sealing import Sealer
from kernel.service import Service


@dataclass(frozen=True, slots=True)
class Desk:
    """`office` is the gateway as an owner (`gateway.*` procedures); `owners` reaches the services over HTTP."""

    service: Service
    settings: GatewaySettings
    catalogue: Catalogue
    calendar: WorkingCalendar
    plans: Plans
    register: Register
    moves: Moves
    reports: Reports
    corrections: Corrections
    decisions: Decisions
    office: Office
    owners: Owners
    directory: Directory
    feed: Feed
    teller: Teller

    @property
    def transactions(self) -> Transactions:
        return self.service.transactions

    @property
    def clock(self) -> Clock:
        return self.service.clock

    @property
    def sealer(self) -> Sealer:
        return self.service.sealer

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transaction]:
        """A transaction that knows the legal time."""
        async with self.transactions.begin() as tx:
            await self.clock.refresh(tx)
            yield tx


def this_desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


ThisDesk = Annotated[Desk, Depends(this_desk)]
