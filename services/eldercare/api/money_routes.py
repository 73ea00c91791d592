"""Allowances and their payment, and the recovery of what was paid too much."""

from typing import Literal
from uuid import UUID

from fastapi import Depends, Response
from pydantic import Field, model_validator

from casework.recovery_routes import add_overpayment_routes
from contracts.money import Overpayment
from contracts.terms import Frozen
from kernel.idempotency import idempotent
from kernel.public_service.access import service_only
from kernel.public_service.months import month_from_text, month_text
from kernel.service import ThisService
from kernel.web.routing import Router
from services.eldercare.api.requests import (
    ACTOR,
    Day,
    Fen,
    Instant,
    Made,
    Month,
    RegionCode,
    ThisKey,
    Words,
)
from services.eldercare.commands.grants import AllowanceGrant, check_grant, grant_allowance
from services.eldercare.commands.overpayments import RecoveryAct, act_on_overpayment
from services.eldercare.commands.payments import pay_month, record_payment
from services.eldercare.commands.repayments import record_repayment
from services.eldercare.domain.overpayments import Action
from services.eldercare.queries.overpayments import list_overpayments, overpayment_shown

router = Router(prefix="/internal/v1/care", tags=["care"], dependencies=[Depends(service_only())])


class GrantRequest(Frozen):
    """An allowance from the month of `granted_on`; `amount_fen` per month, paid `period_months` in advance."""

    person: UUID
    kind: Literal["old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy"]
    payee: UUID
    amount_fen: Fen
    granted_on: Day
    region: RegionCode
    period_months: Literal[1, 3, 6] = 1


class GrantCheck(Frozen):
    """The county's signature on a grant that came after the death was recorded."""

    decision: Literal["pay", "refuse"]
    acted_by: Words
    role: Words
    region: RegionCode
    acted_at: Instant
    reason: Words | None = None


class PaymentRun(Frozen):
    """Pay what is due with this month to at most `limit` people."""

    month: Month
    limit: int = Field(default=500, gt=0, le=5000)


class Paid(Frozen):
    """How many allowances were paid; call again until it is zero."""

    paid: int


class PaymentByHand(Frozen):
    """A payment that finance made by hand for these months, told after the fact."""

    from_month: Month
    through_month: Month

    @model_validator(mode="after")
    def _months_in_order(self) -> "PaymentByHand":
        if self.through_month < self.from_month:
            raise ValueError("the last month does not come before the first")
        return self


class PaymentTaken(Frozen):
    """Months that were new, and months that are paid twice now."""

    new: tuple[str, ...]
    twice: tuple[str, ...]


class RecoveryRequest(Frozen):
    """One act of a person on an overpayment: `acted_by` with `role` in `region`, at the legal instant `acted_at`.

    `decision`: `recover` or `waive` to propose, `sign` or `return` to decide.
    """

    version: int = Field(ge=1, le=1_000_000)
    acted_by: Words
    role: Words
    region: RegionCode
    acted_at: Instant
    decision: Literal["recover", "waive", "sign", "return"] | None = None
    instalments: int | None = Field(default=None, ge=1, le=120)
    reason: Words | None = None


@router.post("/allowances", response_model=Made, status_code=201)
async def make_grant(grant: GrantRequest, service: ThisService, key: ThisKey) -> Response:
    """Grant an allowance. 409 `dead_from_then` for a month after the person's death."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        made = await grant_allowance(tx, AllowanceGrant(**grant.model_dump()), at=service.clock.now())
        return await slot.keep(201, Made(id=made))


@router.post("/allowances/{allowance}/check", response_model=Made)
async def sign_grant(allowance: UUID, check: GrantCheck, service: ThisService, key: ThisKey) -> Response:
    """Pay or refuse a grant that came after the death. 403 another's signature, 404, 409 `grant_not_in_check`."""
    async with service.transactions.begin() as tx, idempotent(tx, check.acted_by, key) as slot:
        if slot.replay:
            return slot.response
        await check_grant(
            tx, allowance, check.decision, role=check.role, region=check.region, at=check.acted_at, by=check.acted_by,
            reason=check.reason,
        )  # fmt: skip
        return await slot.keep(200, Made(id=allowance))


@router.post("/payments", response_model=Paid)
async def run_payments(run: PaymentRun, service: ThisService, key: ThisKey) -> Response:
    """The payment of a month, in bounded steps: suspended and stopped allowances are left out."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        month = month_from_text(run.month)
        return await slot.keep(
            200, Paid(paid=await pay_month(tx, month, at=service.clock.now(), limit=run.limit))
        )


@router.post("/allowances/{allowance}/payments", response_model=PaymentTaken)
async def take_payment(
    allowance: UUID, payment: PaymentByHand, service: ThisService, key: ThisKey
) -> Response:
    """A payment by hand, told late: months paid already are on record as paid twice. 404, 409 for a gap."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        paid = await record_payment(
            tx, allowance, first=month_from_text(payment.from_month),
            through=month_from_text(payment.through_month), at=service.clock.now(),
        )  # fmt: skip
        new, twice = (tuple(month_text(month) for month in months) for months in (paid.new, paid.twice))
        return await slot.keep(200, PaymentTaken(new=new, twice=twice))


# Before the route with a free last part.
add_overpayment_routes(router, listed=list_overpayments, shown=overpayment_shown, repay=record_repayment)


@router.post("/overpayments/{overpayment}/{action}", response_model=Overpayment)
async def act_on_record(
    overpayment: UUID, action: Action, act: RecoveryRequest, service: ThisService, key: ThisKey
) -> Response:
    """Propose, decide or notify. 403 role or region, 404, 409 state, version or quiet period, 422 content."""
    async with service.transactions.begin() as tx, idempotent(tx, act.acted_by, key) as slot:
        if slot.replay:
            return slot.response
        done = RecoveryAct(
            action, act.version, act.acted_by, act.role, act.region, act.acted_at, act.decision, act.instalments,
            act.reason,
        )  # fmt: skip
        await act_on_overpayment(tx, overpayment, done)
        return await slot.keep(200, await overpayment_shown(tx, overpayment))
