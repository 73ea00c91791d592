"""The gateway with its four services in one process, on real databases and the local bus, for the tests beside."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from contracts.catalog_files import load_catalogue
from deploy.local.people.model import SyntheticHousehold, SyntheticPerson
from deploy.local.people.shapes import SHAPES
from deploy.local.system import SyntheticPeople, local_bus, make_services, working
from gateway.desk import Desk
from kernel.public_service.access import Actor, Role
from kernel.public_service.clock import TZ, FixedClock
from kernel.service import Service

NOW = datetime(2026, 3, 2, 10, tzinfo=TZ)
TODAY = date(2026, 3, 2)
COUNTY = "331022"
OTHER_COUNTY = "430121"
_COUNTIES = len(load_catalogue().tree.demo_counties)
HOUSEHOLDS = len(SHAPES) * _COUNTIES  # one of each shape in each demo county
COUPLES = 20 * _COUNTIES  # in turn in each demo county


def synthetic() -> SyntheticPeople:
    """The few households that every office has: every shape, and couples on dibao who may die in tests."""
    return SyntheticPeople(households=HOUSEHOLDS, bench=COUPLES, today=TODAY)


@cache
def couples() -> list[tuple[SyntheticPerson, SyntheticPerson]]:
    """A dibao elder with one allowance and the spouse who reports, in the county of the tests."""
    return [pair for pair in synthetic().population.bench_subjects() if pair[0].region.startswith(COUNTY)]


def household(shape: str) -> SyntheticHousehold:
    """The household of that shape in the county of the tests."""
    return next(one for one in synthetic().population if one.shape == shape and one.region.startswith(COUNTY))


@dataclass
class Office:
    """A running gateway. `couple`: a dibao elder and the spouse of one household, both alive."""

    services: Mapping[str, Service]
    clock: FixedClock
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    used: int = 0

    @property
    def desk(self) -> Desk:
        desk: Desk = self.services["gateway"].app.state.desk
        return desk

    def couple(self) -> tuple[SyntheticPerson, SyntheticPerson]:
        """The next couple that no report of this test has named."""
        self.used += 1
        return couples()[self.used - 1]

    def client(
        self,
        role: Role,
        *,
        region: str = COUNTY,
        owner: str | None = None,
        person: Any = None,
        user: str | None = None,
    ) -> httpx.AsyncClient:
        """A client with a token of that role."""
        actor = Actor(user or f"{role}-{region}", role, region, person, owner)
        token = self.services["gateway"].tokens.issue(actor).text
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.services["gateway"].app), base_url="http://gateway",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    @property
    def clerk(self) -> httpx.AsyncClient:
        return self.client(Role.WINDOW_CLERK)

    @property
    def supervisor(self) -> httpx.AsyncClient:
        return self.client(Role.COUNTY_SUPERVISOR)

    def form(self, dead: SyntheticPerson, applicant: SyntheticPerson, **wishes: Any) -> dict[str, Any]:
        """A death at home the day before, reported by the spouse."""
        form: dict[str, Any] = {
            "deceased": {
                "name": dead.name, "id_number": dead.id_number, "died_at": "2026-03-01T06:20:00+08:00", "place": "home",
            },
            "applicant": {
                "name": applicant.name, "id_number": applicant.id_number, "relation": "spouse", "phone": "13800000000",
            },
        }  # fmt: skip
        if wishes:
            form["wishes"] = wishes
        return form

    async def post_report(
        self,
        form: dict[str, Any],
        *,
        client: httpx.AsyncClient | None = None,
        key: str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """POST /api/v1/cases."""
        body = {"life_event": "death", "region": COUNTY, "form": form, **more}
        headers = {"Idempotency-Key": key or str(uuid4())}
        async with client or self.clerk as http:
            return await http.post("/api/v1/cases", json=body, headers=headers)

    async def report(self, **wishes: Any) -> dict[str, Any]:
        """A case of a fresh couple, as the clerk sees it right after the report."""
        answer = await self.post_report(self.form(*self.couple(), **wishes))
        assert answer.status_code == 201, answer.text
        case: dict[str, Any] = answer.json()
        return case

    async def health_reports(self, dead: SyntheticPerson) -> str:
        """The issuer's own report, which confirms; the case number."""
        form = {"deceased": {**self.form(dead, dead)["deceased"], "place_region": COUNTY}}
        body = {
            "life_event": "death", "source_no": f"D-{dead.person}", "source_version": 1,
            "occurred_at": form["deceased"]["died_at"], "form": form,
        }  # fmt: skip
        async with self.client(Role.DEPARTMENT, region="000000", owner="health") as http:
            answer = await http.post("/exchange/v1/life-events", json=body)
        assert answer.status_code == 202, answer.text
        case_no: str = answer.json()["case_no"]
        return case_no

    async def read(self, case_no: str, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        """GET the case."""
        async with client or self.clerk as http:
            answer = await http.get(f"/api/v1/cases/{case_no}")
        assert answer.status_code == 200, answer.text
        case: dict[str, Any] = answer.json()
        return case

    async def act(self, client: httpx.AsyncClient, case_no: str, path: str, **body: Any) -> httpx.Response:
        """POST to one of the case's acts."""
        async with client as http:
            return await http.post(f"/api/v1/cases/{case_no}/{path}", json=body)

    async def rows(self, statement: str, service: str = "gateway", **parameters: Any) -> list[Any]:
        """What a database holds."""
        async with self.services[service].transactions.begin() as tx:
            return list((await tx.execute(text(statement), parameters)).all())


def row(case: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The newest round of a procedure on a case."""
    found: dict[str, Any] = max(
        (one for one in case["procedures"] if one["type"] == kind), key=lambda one: one["round"]
    )
    return found


@asynccontextmanager
async def open_office(addresses: Mapping[str, str]) -> AsyncIterator[Office]:
    """Services whose resources are open; no worker runs and nothing leaves the gateway."""
    clock = FixedClock(NOW)
    services = make_services(addresses, clock=clock)
    async with AsyncExitStack() as stack:
        for service in services.values():
            stack.push_async_callback(service.close)
            await stack.enter_async_context(service.running())
        yield Office(services, clock)


@asynccontextmanager
async def working_office(addresses: Mapping[str, str]) -> AsyncIterator[Office]:
    """As `open_office`, with every worker at work on the local bus; departments are not there."""
    clock = FixedClock(NOW)
    services = make_services(addresses, clock=clock)
    async with working(list(services.values()), local_bus(services.values())):
        yield Office(services, clock)
