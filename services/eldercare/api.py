"""Routes of elder care beside the internal API that every owner has: for providers' systems, under the service key."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Response
from pydantic import AwareDatetime, Field, model_validator

from casework.procedure import Act
from casework.routes import ThisOffice
from casework.tasks import act_on
from contracts.terms import Frozen
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.eldercare.commands.grants import AllowanceGrant, admit, ask_for_bed, grant_allowance, met
from services.eldercare.commands.money import pay_month

router = Router(prefix="/internal/v1/care", tags=["care"], dependencies=[Depends(service_only())])
ThisKey = Annotated[RequestKey, Depends(request_key)]
_ACTOR = "service"
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Instant = Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
Day = Annotated[date, Field(ge=_FIRST.date(), lt=_LAST.date())]


class MeetingReport(Frozen):
    """Somebody met the person at that instant: a visit, a meal, or the delivery of a home service (`order`)."""

    person: UUID
    kind: Literal["visit", "meal", "delivery"]
    at: Instant
    order: UUID | None = None

    @model_validator(mode="after")
    def _a_delivery_has_an_order(self) -> "MeetingReport":
        if (self.kind == "delivery") != (self.order is not None):
            raise ValueError("a delivery, and only a delivery, names its order")
        return self


class MeetingTaken(Frozen):
    """How many open reports of a death were told of this sign of life."""

    told: int


class GrantRequest(Frozen):
    """An allowance from the month of `granted_on`; `amount_fen` per month."""

    person: UUID
    kind: Literal["old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy"]
    payee: UUID
    amount_fen: int = Field(gt=0, le=10_000_000)
    granted_on: Day
    region: str = Field(pattern=r"^\d{6}(\d{6})?$")


class StayRequest(Frozen):
    """A bed for a person."""

    person: UUID
    bed: UUID
    since: Day


class BedRequest(Frozen):
    """A place on a care home's waiting list."""

    person: UUID
    home: UUID
    asked_on: Day


class Made(Frozen):
    """The key of what was made."""

    id: UUID


class PaymentRun(Frozen):
    """Pay what is due through this month to at most `limit` people."""

    month: str = Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")
    limit: int = Field(default=500, gt=0, le=5000)


class Paid(Frozen):
    """How many allowances were paid; call again until it is zero."""

    paid: int


@router.post("/meetings", response_model=MeetingTaken)
async def report_meeting(
    meeting: MeetingReport, service: ThisService, office: ThisOffice, key: ThisKey
) -> Response:
    """A visit, meal or delivery: a sign of life. 409 when the order is not open any more."""
    async with service.transactions.begin() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        pauses = await met(tx, meeting.person, meeting.kind, at=meeting.at, order=meeting.order)
        acts = {pause: Act("answer", "sign_of_life") for pause in pauses}
        for report in await act_on(acts, tx=tx, office=office, at=service.clock.now(), done_too=True):
            tx.emit(report)
        return await slot.keep(200, MeetingTaken(told=len(pauses)))


@router.post("/allowances", response_model=Made, status_code=201)
async def make_grant(grant: GrantRequest, service: ThisService, key: ThisKey) -> Response:
    """Grant an allowance. 409 `dead_from_then` for a month after the person's death."""
    async with service.transactions.begin() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        made = await grant_allowance(tx, AllowanceGrant(**grant.model_dump()), at=service.clock.now())
        return await slot.keep(201, Made(id=made))


@router.post("/stays", response_model=Made, status_code=201)
async def make_stay(stay: StayRequest, service: ThisService, key: ThisKey) -> Response:
    """Give a bed. 404 unknown bed, 409 `bed_taken` or `dead_from_then`."""
    async with service.transactions.begin() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        made = await admit(tx, stay.person, stay.bed, since=stay.since, at=service.clock.now())
        return await slot.keep(201, Made(id=made))


@router.post("/bed-requests", response_model=Made, status_code=201)
async def make_bed_request(request: BedRequest, service: ThisService, key: ThisKey) -> Response:
    """Join a waiting list. 404 unknown home, 409 `dead_from_then`."""
    async with service.transactions.begin() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        made = await ask_for_bed(tx, request.person, request.home, asked_on=request.asked_on)
        return await slot.keep(201, Made(id=made))


@router.post("/payments", response_model=Paid)
async def run_payments(run: PaymentRun, service: ThisService, key: ThisKey) -> Response:
    """The monthly payment, in bounded steps: suspended and stopped allowances are left out."""
    async with service.transactions.begin() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        month = date.fromisoformat(f"{run.month}-01")
        return await slot.keep(
            200, Paid(paid=await pay_month(tx, month, at=service.clock.now(), limit=run.limit))
        )
