"""An owner's desk in a test: orders go in as the gateway would send them, on a real database, without a bus."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from casework.office import Office
from casework.orders import carry_out
from contracts.acts import TaskDecision
from contracts.catalog_files import load_catalogue
from contracts.orders import Evidence, Order, OrdersIssued, Verb
from contracts.outcomes import Outcome
from contracts.terms import UndoReason
from deploy.local.people.generate import Population
from deploy.local.people.model import Place, SyntheticHousehold
from kernel.messaging.transaction import Transaction
from kernel.migrations import upgrade_async
from kernel.public_service.clock import TZ, FixedClock
from kernel.service import Service
from kernel.settings import ServiceSettings
from tests.conftest import NewDatabase, TemplateDatabase

NOW = datetime(2026, 11, 22, 9, tzinfo=TZ)
COUNTY = "331022"
PLACES = (Place(COUNTY, (f"{COUNTY}901000",)),)
PAID_MONTH = date(2026, 11, 1)


@dataclass
class Report:
    """One case about one person, with the orders sent so far."""

    subject: UUID
    died_at: datetime
    persons: Mapping[str, UUID] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False
    evidence: tuple[Evidence, ...] = ()
    case: UUID = field(default_factory=uuid4)
    version: int = 1
    procedures: dict[str, UUID] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass
class Desk:
    """A service with its office; `outcomes` keeps the newest outcome of each procedure."""

    service: Service
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        office: Office = self.service.app.state.office
        return office

    @property
    def clock(self) -> FixedClock:
        assert isinstance(self.service.clock, FixedClock)
        return self.service.clock

    def pass_time(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    async def send(
        self,
        verb: Verb,
        kind: str,
        report: Report,
        *,
        reason: UndoReason | None = None,
        tx: Transaction | None = None,
    ) -> Outcome:
        """One order; gives its outcome."""
        return (await self.send_many([(verb, kind, report)], reason=reason, tx=tx))[0]

    async def send_many(
        self,
        orders: Sequence[tuple[Verb, str, Report]],
        *,
        reason: UndoReason | None = None,
        tx: Transaction | None = None,
    ) -> list[Outcome]:
        """Many orders in one batch, as one poll of the bus would bring them."""
        issued = [self._issued(verb, kind, report, reason) for verb, kind, report in orders]
        if tx is None:
            async with self.service.transactions.begin() as own:
                reports = await carry_out(issued, tx=own, office=self.office, at=self.clock.now())
        else:
            reports = await carry_out(issued, tx=tx, office=self.office, at=self.clock.now())
        self.outcomes |= {outcome.procedure: outcome for each in reports for outcome in each.outcomes}
        return [self.outcomes[report.procedures[kind]] for _, kind, report in orders]

    def _issued(self, verb: Verb, kind: str, report: Report, reason: UndoReason | None) -> OrdersIssued:
        terms = load_catalogue().life_events["death"].row(kind).terms if verb is Verb.OPEN else None
        procedure = report.procedures.setdefault(kind, uuid4())
        report.numbers[kind] = report.numbers.get(kind, 0) + 1
        sealed = self.service.sealer.seal(dict(report.fields), report.case, self.service.name)
        order = Order(
            procedure=procedure, type=kind, verb=verb, number=report.numbers[kind], region=COUNTY, terms=terms,
            undo_reason=(reason or UndoReason.WRONG_MATCH) if verb is Verb.UNDO else None,
        )  # fmt: skip
        return OrdersIssued(
            case=report.case, case_no="D-TEST", case_version=report.version, life_event="death",
            owner=self.service.name, round=report.numbers[kind], subject=report.subject, persons=dict(report.persons),
            occurred_at=report.died_at, effective_on=report.died_at.astimezone(TZ).date(), confirmed=report.confirmed,
            region=COUNTY, issued_at=self.clock.now(), sealed=sealed, orders=(order,), evidence=report.evidence,
        )  # fmt: skip

    async def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """What the database holds."""
        async with self.service.transactions.begin() as tx:
            return list((await tx.execute(text(statement), parameters)).all())

    async def write(self, statement: str, **parameters: Any) -> None:
        async with self.service.transactions.begin() as tx:
            await tx.execute(text(statement), parameters)

    def http(self) -> httpx.AsyncClient:
        """A client of the service's own routes, with the service key."""
        key = self.service.settings.service_key.get_secret_value()
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.service.app),
            base_url="http://owner",
            headers={"X-Service-Key": key},
        )

    def act(self, kind: str, report: Report, decision: str, **more: Any) -> tuple[UUID, TaskDecision]:
        """A human's decision on the newest outcome known here, as the gateway would pass it on: (task, act)."""
        outcome = self.outcomes[report.procedures[kind]]
        assert outcome.task is not None, f"{kind} has no task in state {outcome.state}"
        act = TaskDecision(
            decision=decision, version=more.pop("version", outcome.version), acted_by="tester",
            role=more.pop("role", outcome.task.role), region=COUNTY, acted_at=self.clock.now(), **more,
        )  # fmt: skip
        return outcome.task.id, act

    async def decide(self, kind: str, report: Report, decision: str, **more: Any) -> httpx.Response:
        """A human's decision over the internal API."""
        return await self.pass_on(*self.act(kind, report, decision, **more))

    async def pass_on(self, task: UUID, act: TaskDecision) -> httpx.Response:
        """Send an act; the newest outcome is kept when it is taken."""
        async with self.http() as client:
            answer = await client.post(
                f"/internal/v1/tasks/{task}/decision", json=act.model_dump(mode="json")
            )
        if answer.status_code == 200:
            after = Outcome.model_validate(answer.json()["outcome"])
            self.outcomes[after.procedure] = after
        return answer


def desk_of(settings: type[ServiceSettings], make_service: Callable[..., Service]) -> Any:
    """The fixture of one service's desk, on a migrated database of the test's own: `desk = desk_of(…)`."""
    name = settings.service

    @pytest.fixture
    async def desk(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[Desk]:
        template = await template_database(name, partial(upgrade_async, name))
        url = await new_database(name, template=template)
        service = make_service(settings(database_url=url), clock=FixedClock(NOW))
        yield Desk(service)
        await service.close()

    return desk


def households_of(load_people: Callable[[Transaction, Any], Awaitable[int]]) -> Any:
    """The fixture of one household of each shape, imported at the `desk`; by shape."""

    @pytest.fixture
    async def households(desk: Desk) -> Mapping[str, SyntheticHousehold]:
        made = list(Population(PLACES, PAID_MONTH, households=18))
        async with desk.service.transactions.begin() as tx:
            await load_people(tx, made)
        return {household.shape: household for household in made}

    return households
