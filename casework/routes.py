"""The internal API that every owner serves to the gateway, under the service key (design 6)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import AwareDatetime, Field
from sqlalchemy import text

from casework.deadlines import next_check, run_due
from casework.office import Office
from casework.people_view import Holdings, PersonView
from casework.rows import read_procedures
from casework.settle import outcome_of
from casework.tasks import decide
from contracts.acts import DecisionAnswer, TaskDecision
from contracts.outcomes import Outcome
from contracts.terms import Frozen, Terms
from kernel.errors import Conflict, NotFound
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router

router = Router(prefix="/internal/v1", tags=["internal"], dependencies=[Depends(service_only())])

_MOVING = text(
    """SELECT (SELECT count(*) FROM outbox o WHERE NOT EXISTS
                   (SELECT 1 FROM parked_outbox p WHERE p.topic = o.topic AND p.key = o.key)) AS outbox,
              (SELECT count(*) FROM mail) AS mail,
              (SELECT last_value + CAST(is_called AS integer) FROM outbox_seq_seq) AS emitted,
              (SELECT count(*) FROM parked_keys) AS parked"""
)


class CheckAheadOfClock(Conflict):
    """检查时刻晚于本单位的时钟。
    The check lies ahead of this owner's clock."""

    how = "请先拨动时钟，再运行检查。"
    how_en = "Set the clock first, then run the checks."


class ClockActFails(Conflict):
    """到期动作执行失败，已推迟一小时重试。
    An act that was due failed; it is tried again an hour later."""

    how = "请查看本单位日志中的原因，修复后再拨动时钟。"
    how_en = "Look at this owner's log for the cause; mend it, then move the clock again."


class NextCheck(Frozen):
    """`next_check_at`: when the clock must look at something next; none: nothing waits."""

    next_check_at: datetime | None


class ChecksDue(Frozen):
    """Run what is due at `now`, at most `limit` checks."""

    now: AwareDatetime
    limit: int = Field(default=500, gt=0, le=5000)


class ChecksFired(Frozen):
    """How many checks ran; call again until it is zero."""

    fired: int


class ClockSet(Frozen):
    """The legal instant of this owner's database from now on (demo profile, forward only)."""

    now: AwareDatetime


class PersonsAsked(Frozen):
    """Up to 1,000 person keys."""

    persons: tuple[UUID, ...] = Field(max_length=1000)


class PeopleAnswer(Frozen):
    """One view per person asked for; a person unknown here holds nothing."""

    people: tuple[PersonView, ...]


class Moving(Frozen):
    """What is still under way here. `waiting`: mail of the local bus that no consumer has handled yet (what waits in
    Kafka, Kafka knows). `emitted` grows with every message ever written: between two looks, whether something moved."""

    outbox: int
    waiting: int
    parked: int
    emitted: int

    @property
    def settled(self) -> bool:
        return self.outbox == 0 and self.waiting == 0


class ProcedureStanding(Frozen):
    """A procedure as it stands at its owner, for `lianban explain`."""

    case: UUID
    case_version: int
    outcome: Outcome
    terms: Terms
    next_check_at: datetime | None


def this_office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def these_holdings(request: Request) -> Holdings:
    holdings: Holdings = request.app.state.holdings
    return holdings


ThisOffice = Annotated[Office, Depends(this_office)]
TheseHoldings = Annotated[Holdings, Depends(these_holdings)]


@router.post("/tasks/{task}/decision", response_model=DecisionAnswer)
async def decide_task(
    task: UUID,
    act: TaskDecision,
    service: ThisService,
    office: ThisOffice,
    key: Annotated[RequestKey, Depends(request_key)],
) -> Response:
    """A human's decision, passed on by the gateway: answered with the procedure as it stands after it."""
    async with service.transactions.begin() as tx, idempotent(tx, act.acted_by, key) as slot:
        if slot.replay:
            return slot.response
        answer, reports = await decide(task, act, tx=tx, office=office, at=act.acted_at)
        for report in reports:
            tx.emit(report)
        return await slot.keep(200, answer)


@router.get("/checks/next")
async def read_next_check(service: ThisService, office: ThisOffice) -> NextCheck:
    """The earliest due check."""
    async with service.transactions.begin() as tx:
        return NextCheck(next_check_at=await next_check(tx, office.also_due))


@router.post("/checks/run")
async def run_checks(due: ChecksDue, service: ThisService, office: ThisOffice) -> ChecksFired:
    """Run due checks, each at its own instant. 409 when `now` lies ahead of the clock, or when an act fails."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        if due.now > service.clock.now():
            raise CheckAheadOfClock()
        fired = await run_due(tx, office=office, now=due.now, limit=due.limit)
        for report in fired.reports:
            tx.emit(report)
    if fired.failed:
        raise ClockActFails(extra={"failed": len(fired.failed)}) from fired.failed[0]
    return ChecksFired(fired=fired.count)


@router.post("/clock")
async def set_clock(clock: ClockSet, service: ThisService) -> ClockSet:
    """Set this database's clock. 409 outside the demo profile and when it would go back."""
    async with service.transactions.begin() as tx:
        await service.clock.set(tx, clock.now)
        return ClockSet(now=service.clock.now())


@router.get("/people/{person}")
async def read_person(person: UUID, service: ThisService, holdings: TheseHoldings) -> PersonView:
    """What this person holds here."""
    async with service.transactions.begin() as tx:
        return (await _views(tx, holdings, (person,)))[0]


@router.post("/people/holds")
async def read_people(asked: PersonsAsked, service: ThisService, holdings: TheseHoldings) -> PeopleAnswer:
    """What these people hold here, in the order asked."""
    async with service.transactions.begin() as tx:
        return PeopleAnswer(people=tuple(await _views(tx, holdings, asked.persons)))


async def _views(tx: Transaction, holdings: Holdings, persons: tuple[UUID, ...]) -> list[PersonView]:
    found = await holdings(tx, persons)
    return [found.get(person) or PersonView(person=person) for person in persons]


@router.get("/settle")
async def read_moving(service: ThisService) -> Moving:
    """What is under way: outbox rows (parked keys aside) and messages not yet handled."""
    async with service.transactions.begin() as tx:
        row = (await tx.execute(_MOVING)).one()
    return Moving(outbox=row.outbox, waiting=row.mail, parked=row.parked, emitted=row.emitted)


@router.get("/procedures/{procedure}")
async def read_procedure(procedure: UUID, service: ThisService) -> ProcedureStanding:
    """A procedure as it stands here."""
    async with service.transactions.begin() as tx:
        found = (await read_procedures(tx, [procedure])).get(procedure)
    if found is None:
        raise NotFound()
    row, case = found
    return ProcedureStanding(
        case=row.case_id,
        case_version=case.case_version,
        outcome=outcome_of(row, at=row.changed_at),
        terms=row.terms,
        next_check_at=row.next_check_at,
    )
