"""Beds of care homes: stays, the waiting list, offers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field

from contracts.terms import Frozen
from kernel.idempotency import idempotent
from kernel.public_service.access import service_only
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_from_text
from kernel.service import ThisService
from kernel.web.routing import Router
from services.eldercare.api.requests import ACTOR, Day, Made, Month, ThisKey, Words
from services.eldercare.commands.bed_offers import Answered
from services.eldercare.commands.beds import (
    Contract,
    OfferUnknown,
    admit,
    answer_offer,
    ask_for_bed,
    leave_bed,
)
from services.eldercare.commands.offer_clock import lapse_offers
from services.eldercare.domain.waiting_list import Priority
from services.eldercare.queries.bed_offers import list_offers, read_offer

router = Router(prefix="/internal/v1/care", tags=["care"], dependencies=[Depends(service_only())])
# Only an error of ours gives the first place; nobody asks for it.
Asked = Literal[
    "poor_disabled", "demented", "old_old", "alone", "severely_disabled", "special_family", "ordinary"
]


class StayRequest(Frozen):
    """A bed for a person, with the contract: a deposit, a fee a month paid through a month."""

    person: UUID
    bed: UUID
    since: Day
    deposit_fen: int = Field(default=0, ge=0, le=100_000_000)
    fee_fen: int = Field(default=0, ge=0, le=10_000_000)
    fee_paid_through: Month | None = None


class StayEnd(Frozen):
    """The person moves out."""

    until: Day


class BedRequest(Frozen):
    """A place on a care home's waiting list."""

    person: UUID
    home: UUID
    asked_on: Day
    priority: Asked = "ordinary"


class OfferAnswer(Frozen):
    """The family's answer to an offered bed; `since` when they move in (today if left out).

    `acted_by` gave it, on the `version` that was seen.
    """

    answer: Literal["accept", "decline"]
    since: Day | None = None
    acted_by: Words | None = None
    reason: Words | None = None
    version: int | None = Field(default=None, ge=1, le=1_000_000)


class OfferAnswered(Frozen):
    """The stay that began, if any."""

    stay: UUID | None


class OfferShown(Frozen):
    """An offered bed: of which home, for whom, until which day."""

    id: UUID
    person: UUID
    state: str
    offered_on: date
    answer_by: date
    closed_at: datetime | None
    version: int
    home: UUID
    home_name: str
    bed: str
    region: str
    priority: str
    asked_on: date

    @classmethod
    def of(cls, row: Any) -> "OfferShown":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class OfferPage(Frozen):
    """Offers by their last day; `next` goes on behind the last one."""

    items: tuple[OfferShown, ...]
    next: UUID | None


class Lapsed(Frozen):
    """How many offers ran out; call again until it is zero."""

    lapsed: int


@router.post("/stays", response_model=Made, status_code=201)
async def make_stay(stay: StayRequest, service: ThisService, key: ThisKey) -> Response:
    """Give a bed. 404 unknown bed, 409 `bed_taken`, `bed_offered` or `dead_from_then`."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        paid: date | None = month_from_text(stay.fee_paid_through) if stay.fee_paid_through else None
        contract = Contract(stay.deposit_fen, stay.fee_fen, paid)
        made = await admit(
            tx, stay.person, stay.bed, since=stay.since, at=service.clock.now(), contract=contract
        )
        return await slot.keep(201, Made(id=made))


@router.post("/stays/{stay}/end", response_model=Made)
async def end_stay(stay: UUID, end: StayEnd, service: ThisService, key: ThisKey) -> Response:
    """The person moves out; the bed goes to whoever is next. 404 unknown or ended."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        await leave_bed(tx, stay, until=end.until, at=service.clock.now())
        return await slot.keep(200, Made(id=stay))


@router.post("/bed-requests", response_model=Made, status_code=201)
async def make_bed_request(request: BedRequest, service: ThisService, key: ThisKey) -> Response:
    """Join a waiting list. 404 unknown home, 409 `dead_from_then`."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        priority: Priority = request.priority
        made = await ask_for_bed(
            tx, request.person, request.home, asked_on=request.asked_on, priority=priority,
            at=service.clock.now(),
        )  # fmt: skip
        return await slot.keep(201, Made(id=made))


@router.get("/bed-offers")
async def read_offers(
    service: ThisService,
    region: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
    person: UUID | None = None,
    ended: bool = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OfferPage:
    """Offers of homes in a region (a prefix of its code), of one person if named; open ones unless `ended`."""
    async with service.transactions.begin() as tx:
        found = await list_offers(tx, region=region, person=person, ended=ended, after=after, limit=limit)
    items = tuple(OfferShown.of(row) for row in found)
    return OfferPage(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/bed-offers/{offer}")
async def read_one_offer(offer: UUID, service: ThisService) -> OfferShown:
    """One offer. 404 unknown."""
    async with service.transactions.begin() as tx:
        found = await read_offer(tx, offer)
    if found is None:
        raise OfferUnknown()
    return OfferShown.of(found)


@router.post("/bed-offers/lapse", response_model=Lapsed)
async def lapse(service: ThisService, key: ThisKey) -> Response:
    """Close what nobody answered in time and ask the next."""
    async with service.transactions.begin() as tx, idempotent(tx, ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        return await slot.keep(200, Lapsed(lapsed=await lapse_offers(tx, at=service.clock.now())))


@router.post("/bed-offers/{offer}/answer", response_model=OfferAnswered)
async def take_answer(offer: UUID, answer: OfferAnswer, service: ThisService, key: ThisKey) -> Response:
    """Accept or decline an offered bed. 404 unknown, 409 `offer_closed`, `stale_version` or `dead_from_then`."""
    by = answer.acted_by or ACTOR
    async with service.transactions.begin() as tx, idempotent(tx, by, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        now = service.clock.now()
        since = answer.since or now.astimezone(TZ).date()
        stay = await answer_offer(
            tx, offer, answer.answer, since=since, at=now, answered=Answered(by, answer.reason),
            version=answer.version,
        )  # fmt: skip
        return await slot.keep(200, OfferAnswered(stay=stay))
