"""A gateway with cases, planner and exchange on a real database, and departments on real HTTP, for these tests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse

from contracts.forms import clean_form
from contracts.outcomes import Outcome, OwnerState
from deploy.local.people.model import Register as RegisterEntry
from gateway.cases.planner.inputs import Input, OutcomeArrived
from gateway.cases.reports import Filed, Report
from gateway.desk import Desk
from gateway.exchange.exchange import Exchange
from gateway.main import make_service
from gateway.settings import GatewaySettings
from kernel.public_service.access import Actor, Role
from kernel.public_service.clock import TZ, FixedClock
from kernel.service import Service

NOON = datetime(2026, 3, 2, 12, tzinfo=TZ)
COUNTY = "331022"
CERTIFICATE = "health.death_certificate"
CANCELLATION = "police.household_cancellation"


class Funeral:
    """The funeral service as holds see it, as an ASGI app; away while `away` is set."""

    def __init__(self) -> None:
        self.away = False
        self.heard: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        quiet = {"next_check_at": None, "fired": 0, "outbox": 0, "waiting": 0, "parked": 0, "emitted": 0}
        answer = JSONResponse(quiet, status_code=503 if self.away else 200)
        if not self.away and "/holds" in request.url.path:
            self.heard.append((request.url.path, await request.json()))
        await answer(scope, receive, send)


@dataclass
class House:
    """The gateway of one test."""

    service: Service
    exchange: Exchange
    clock: FixedClock
    funeral: Funeral
    people: dict[str, RegisterEntry] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return self.exchange.desk

    @property
    def url(self) -> str:
        """Of the gateway itself; set once it is served."""
        return self.desk.settings.departments_url.removesuffix("/departments")

    def token(self, department: str) -> str:
        """A bearer token of that department."""
        actor = Actor(f"department-{department}", Role.DEPARTMENT, "000000", owner=department)
        return self.service.tokens.issue(actor).text

    def as_department(self, department: str) -> httpx.AsyncClient:
        """A client that speaks for the department, straight into the app."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.service.app),
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {self.token(department)}"},
        )

    def as_staff(self, role: Role) -> httpx.AsyncClient:
        """A client of somebody of the county."""
        token = self.service.tokens.issue(Actor(f"{role.value}-{COUNTY}", role, COUNTY)).text
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.service.app),
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {token}"},
        )

    def as_clerk(self) -> httpx.AsyncClient:
        return self.as_staff(Role.WINDOW_CLERK)

    def as_supervisor(self) -> httpx.AsyncClient:
        return self.as_staff(Role.COUNTY_SUPERVISOR)

    def form(self, number: str, **deceased: Any) -> dict[str, Any]:
        """A clean death report about that number."""
        known = self.people[number]
        applicant = next(entry for entry in self.people.values() if entry.id_number != number)
        raw = {
            "deceased": {
                "name": known.name, "id_number": number, "died_at": "2026-03-01T08:00:00+08:00", "place": "home",
                "place_region": COUNTY, "hukou_region": COUNTY, **deceased,
            },
            "applicant": {
                "name": applicant.name, "id_number": applicant.id_number, "relation": "child", "phone": "13000000000",
            },
        }  # fmt: skip
        clean, faults = clean_form(self.desk.catalogue.life_events["death"], raw, now=self.clock.now())
        assert not faults, faults
        return clean

    async def report(self, number: str, **deceased: Any) -> Filed:
        """A death reported at a window."""
        report = Report("death", COUNTY, self.form(number, **deceased), "window", "window_clerk-331022")
        async with self.desk.open() as tx:
            filed = await self.desk.reports.file(tx, report, at=self.clock.now())
        await self.no_sign_of_life(filed.case)
        return filed

    async def no_sign_of_life(self, case: UUID) -> None:
        """What assistance and elder care answer: nothing was paid or visited after the death."""
        for kind in self.desk.catalogue.life_events["death"].evidence.life_signs:
            row = await self.row(case, kind)
            if row["state"] == "ordered":
                outcome = Outcome(
                    procedure=row["id"], type=kind, order=row["order_no"], version=1, state=OwnerState.DONE,
                    at=self.clock.now(),
                )  # fmt: skip
                await self.move(case, OutcomeArrived(outcome))

    async def move(self, case: UUID, *inputs: Input) -> None:
        """The case moves by these inputs."""
        async with self.desk.open() as tx:
            await self.desk.moves.move(tx, [(case, inputs)], at=self.clock.now(), actor="test")

    async def row(self, case: UUID, procedure_type: str) -> Mapping[str, Any]:
        """The newest round of that row on the board."""
        found = await self.all(
            "SELECT * FROM case_procedures WHERE case_id = :case AND type = :type ORDER BY round DESC LIMIT 1",
            case=case,
            type=procedure_type,
        )
        return found[0]

    async def deliveries(self, case: UUID, procedure_type: str) -> list[Mapping[str, Any]]:
        """All requests about that row, oldest first."""
        return await self.all(
            "SELECT * FROM deliveries WHERE case_id = :case AND type = :type ORDER BY id",
            case=case,
            type=procedure_type,
        )

    async def all(self, statement: str, **parameters: Any) -> list[Mapping[str, Any]]:
        async with self.desk.transactions.begin() as tx:
            return [row._mapping for row in await tx.execute(text(statement), parameters)]


def make_house(dsn: str, *, departments_url: str) -> House:
    """The gateway without the four services; the funeral service hears holds only."""
    settings = GatewaySettings(database_url=dsn, departments_url=departments_url, push_timeout_seconds=5.0)
    clock = FixedClock(NOON)
    service = make_service(settings, clock=clock)
    funeral = Funeral()
    service.app.state.desk.owners.add_app("funeral", funeral)
    return House(service, service.app.state.exchange, clock, funeral)


@asynccontextmanager
async def served(app: Any, port: int) -> AsyncIterator[None]:
    """The app on a real socket of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on"))
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await running
