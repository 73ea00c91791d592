"""Meetings, orders, vouchers and assessments: what happens between a person and those who serve them."""

from typing import Literal
from uuid import UUID

from fastapi import Depends, Response
from pydantic import Field, model_validator

from casework.office import Office
from casework.procedure import Act
from casework.routes import ThisOffice
from casework.tasks import act_on
from contracts.terms import Frozen
from kernel.idempotency import idempotent
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import service_only
from kernel.service import Service, ThisService
from kernel.web.routing import Router
from services.eldercare.api.requests import ACTOR, Day, Fen, Instant, Made, RegionCode, ThisKey
from services.eldercare.commands.grants import ask_for_assessment, assess
from services.eldercare.commands.meetings import Meeting, met
from services.eldercare.commands.providers import start_order, use_voucher

router = Router(prefix="/internal/v1/care", tags=["care"], dependencies=[Depends(service_only())])


class MeetingReport(Frozen):
    """Somebody met the person at the instant `at`: a visit, a meal, a decision in person, the delivery of `order`.

    `at` is when it happened, not when it is told: a sign of life is an instant.
    """

    person: UUID
    kind: Literal["visit", "meal", "delivery", "decision"]
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


class OrderStart(Frozen):
    """Somebody of `provider` has come at `at` and begins; `planned_minutes`: how long it takes."""

    provider: UUID
    at: Instant
    planned_minutes: int | None = Field(default=None, gt=0, le=1440)


class VoucherUseRequest(Frozen):
    """A service of `provider` at the instant `at`, paid with a voucher."""

    provider: UUID
    amount_fen: Fen
    at: Instant


class AssessmentRequest(Frozen):
    """The person asks for an ability assessment (R50)."""

    person: UUID
    region: RegionCode
    asked_on: Day


class AssessmentResult(Frozen):
    """The assessors met the person at `at` and came to this level."""

    level: Literal["intact", "mild", "moderate", "severe", "complete"]
    at: Instant


@router.post("/meetings", response_model=MeetingTaken)
async def report_meeting(
    meeting: MeetingReport, service: ThisService, office: ThisOffice, key: ThisKey
) -> Response:
    """A visit, meal, decision or delivery: a sign of life. 409 when the order is not open any more."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        now = service.clock.now()
        pauses = await met(tx, meeting.person, meeting.kind, at=meeting.at, now=now, order=meeting.order)
        await _tell(tx, pauses, service, office)
        return await slot.keep(200, MeetingTaken(told=len(pauses)))


async def _tell(tx: Transaction, pauses: list[UUID], service: Service, office: Office) -> None:
    """The planner hears of it from whoever holds the person for dead."""
    acts: dict[UUID, Act] = dict.fromkeys(pauses, Act("answer", "sign_of_life"))
    for report in await act_on(acts, tx=tx, office=office, at=service.clock.now(), done_too=True):
        tx.emit(report)


@router.post("/orders/{order}/start", response_model=Made)
async def begin_order(order: UUID, start: OrderStart, service: ThisService, key: ThisKey) -> Response:
    """Somebody has come and begins. 409 `order_not_open`."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await start_order(
            tx, order, provider=start.provider, at=start.at, planned_minutes=start.planned_minutes
        )
        return await slot.keep(200, Made(id=order))


@router.post("/vouchers/{voucher}/uses", response_model=Made, status_code=201)
async def pay_with_voucher(
    voucher: UUID, use: VoucherUseRequest, service: ThisService, key: ThisKey
) -> Response:
    """Pay a provider with a voucher. 404 unknown, 409 `voucher_not_usable`."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        made = await use_voucher(
            tx, voucher, provider=use.provider, amount_fen=use.amount_fen, at=use.at, now=service.clock.now()
        )
        return await slot.keep(201, Made(id=made))


@router.post("/assessments", response_model=Made, status_code=201)
async def request_assessment(asked: AssessmentRequest, service: ThisService, key: ThisKey) -> Response:
    """Ask for an ability assessment. 409 `dead_from_then`."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        made = await ask_for_assessment(tx, asked.person, region=asked.region, asked_on=asked.asked_on)
        return await slot.keep(201, Made(id=made))


@router.post("/assessments/{assessment}/result", response_model=MeetingTaken)
async def report_assessment(
    assessment: UUID, result: AssessmentResult, service: ThisService, office: ThisOffice, key: ThisKey
) -> Response:
    """The result of an assessment: the assessors met the person, a sign of life. 409 `assessment_not_open`."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        person = await assess(tx, assessment, level=result.level, at=result.at)
        kind: Meeting = "assessment"
        pauses = await met(tx, person, kind, at=result.at, now=service.clock.now())
        await _tell(tx, pauses, service, office)
        return await slot.keep(200, MeetingTaken(told=len(pauses)))
