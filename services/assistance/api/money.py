"""Internal routes of the money: payment runs, and what comes back of an overpayment. For the treasury's systems, under
the service key; persons appear as keys, never by name or account."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field

from casework.recovery_routes import add_overpayment_routes
from contracts.money import (
    Overpayment,
    OverpaymentPage,
    PaymentRun,
    PaymentRuns,
    Words,
)
from contracts.terms import Frozen
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.assistance.commands.overpayments import Movement, move, record_repayment
from services.assistance.commands.releases import Line, lines_of, prepare, preview, release_file
from services.assistance.queries.overpayments import list_overpayments, overpayment_shown, overpayments_of
from services.assistance.queries.payment_files import list_files, read_file, run_of

router = Router(prefix="/internal/v1/money", tags=["money"], dependencies=[Depends(service_only())])
ThisKey = Annotated[RequestKey, Depends(request_key)]
_REGION, _FIRST, _LAST = r"^\d{6}(\d{6})?$", date(1990, 1, 1), date(2200, 1, 1)
Region = Annotated[str, Field(pattern=_REGION)]
Month = Annotated[date, Field(ge=_FIRST, lt=_LAST)]
_ACTOR = "treasury"


class FileAsked(Frozen):
    """A payment file for all that is due in a region up to and with a month (its first day)."""

    id: UUID
    region: Region
    month: Month
    acted_by: Words = _ACTOR


class PaymentLine(Frozen):
    """One payment of a file, in fen: whose it is, who draws it, which fund pays. `held_for`: why it stays behind."""

    payment: UUID
    holding: UUID
    kind: str
    household: UUID | None
    beneficiary: UUID | None
    payee: UUID
    month: date
    amount_fen: int
    arrears: bool
    funding_source: str
    held_for: str | None


class PaymentLines(Frozen):
    """All lines of a file, as the treasury's system pays them."""

    lines: tuple[PaymentLine, ...]


class Release(Frozen):
    """Who pays a prepared file out."""

    acted_by: Words = _ACTOR


class Repayment(Frozen):
    """`amount_fen` > 0 came back from the payee, < 0 was returned to them. `id` makes a repeated message one."""

    id: UUID
    amount_fen: int = Field(ge=-1_000_000_000, le=1_000_000_000)
    moved_on: Month


@router.get("/runs/preview")
async def preview_run(
    region: Annotated[str, Query(pattern=_REGION)],
    month: Annotated[date, Query(ge=_FIRST, lt=_LAST)],
    service: ThisService,
) -> PaymentRun:
    """What a file made now would pay, and what it would hold back. Nothing is written."""
    first = month.replace(day=1)
    async with service.transactions.begin() as tx:
        return run_of(
            await preview(tx, region=region, month=first), region=region, month=first, state="preview"
        )


@router.get("/files")
async def read_files(
    service: ThisService,
    region: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
    after: UUID = UUID(int=0),
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PaymentRuns:
    """Payment files of a region (a prefix of its code), newest first."""
    async with service.transactions.begin() as tx:
        items = await list_files(tx, region=region, after=after, limit=limit)
    return PaymentRuns(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/files/{file}")
async def read_one_file(file: UUID, service: ThisService) -> PaymentRun:
    """A payment file with its sums by kind and what stays behind. 404."""
    async with service.transactions.begin() as tx:
        return await _shown(tx, file)


@router.get("/files/{file}/lines")
async def read_lines(file: UUID, service: ThisService) -> PaymentLines:
    """Every payment of a file, for the treasury's system. 404."""
    async with service.transactions.begin() as tx:
        await read_file(tx, file)
        lines = await lines_of(tx, file)
    return PaymentLines(
        lines=tuple(PaymentLine(**{name: getattr(line, name) for name in Line.__slots__}) for line in lines)
    )


@router.post("/files", response_model=PaymentRun, status_code=201)
async def prepare_file(asked: FileAsked, service: ThisService, key: ThisKey) -> Response:
    """Write a payment file with its lines. Nothing has gone out yet."""
    async with service.transactions.begin() as tx, idempotent(tx, asked.acted_by, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        month, at = asked.month.replace(day=1), service.clock.now()
        await prepare(tx, file=asked.id, region=asked.region, month=month, at=at, by=asked.acted_by)
        return await slot.keep(201, await _shown(tx, asked.id))


@router.post("/files/{file}/release", response_model=PaymentRun)
async def release_payments(
    file: UUID, service: ThisService, key: ThisKey, release: Release | None = None
) -> Response:
    """Pay out a prepared file: each line is looked at again, each payment booked. A second release changes nothing."""
    by = (release or Release()).acted_by
    async with service.transactions.begin() as tx, idempotent(tx, by, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        await release_file(tx, file=file, at=service.clock.now(), by=by)
        return await slot.keep(200, await _shown(tx, file))


async def _shown(tx: Transaction, file: UUID) -> PaymentRun:
    values = await read_file(tx, file)
    month = date.fromisoformat(f"{values['month']}-01")
    return run_of(
        await lines_of(tx, file), region=values["region"], month=month, state=values["state"], file=values
    )


add_overpayment_routes(router, listed=list_overpayments, shown=overpayment_shown, repay=record_repayment)


@router.get("/people/{subject}/overpayments")
async def read_overpayments_of(subject: UUID, service: ThisService) -> OverpaymentPage:
    """What was paid for months after this person's death, and what became of it, oldest first."""
    async with service.transactions.begin() as tx:
        return OverpaymentPage(items=await overpayments_of(tx, subject), next=None)


@router.post("/overpayments/{overpayment}/movements", response_model=Overpayment)
async def record_movement(
    overpayment: UUID, repayment: Repayment, service: ThisService, key: ThisKey
) -> Response:
    """Money came back, or too much of it was returned. 409 while the county has not signed, and for more than that."""
    async with service.transactions.begin() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        movement = Movement(repayment.id, overpayment, repayment.amount_fen, repayment.moved_on)
        await move(tx, movement, at=service.clock.now())
        return await slot.keep(200, await overpayment_shown(tx, overpayment))
