"""Visits to where somebody rests, booked by the hour through the memorial (FN-019). Under the service key."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import Field

from contracts.terms import Frozen
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.funeral.api.holds import Instant
from services.funeral.commands.visits import book_visit, cancel_visit
from services.funeral.problems import VisitUnknown
from services.funeral.queries.visits import read_visit, visits_to_come

router = Router(prefix="/internal/v1", tags=["funeral"], dependencies=[Depends(service_only())])


class VisitWanted(Frozen):
    """A whole hour of a day, and how many come. `acted_by` booked it."""

    starts_at: Instant
    people: int = Field(gt=0, le=20)
    acted_by: str | None = Field(default=None, min_length=1, max_length=100)


class VisitBooked(Frozen):
    """The visit as it stands."""

    id: UUID
    starts_at: datetime
    people: int


class VisitShown(VisitBooked):
    """A visit to come, of which memorial's procedure, and who booked it."""

    procedure: UUID
    booked_by: str | None

    @classmethod
    def of(cls, row: Any) -> "VisitShown":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class VisitsToCome(Frozen):
    """By the hour."""

    items: tuple[VisitShown, ...]


@router.get("/memorials/{procedure}/visits")
async def read_visits(procedure: UUID, service: ThisService) -> VisitsToCome:
    """Visits to come of a memorial; none for one that is unknown or deleted."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        found = await visits_to_come(tx, procedure, at=service.clock.now())
    return VisitsToCome(items=tuple(VisitShown.of(row) for row in found))


@router.get("/visits/{visit}")
async def read_one(visit: UUID, service: ThisService) -> VisitShown:
    """A visit to come. 404 when it is over, cancelled or unknown."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        found = await read_visit(tx, visit, at=service.clock.now())
    if found is None:
        raise VisitUnknown()
    return VisitShown.of(found)


@router.post("/memorials/{procedure}/visits", status_code=201, response_model=VisitBooked)
async def book(
    procedure: UUID,
    wanted: VisitWanted,
    service: ThisService,
    key: Annotated[RequestKey, Depends(request_key)],
) -> Response:
    """Book a visit. 404 `memorial_unknown`, 409 `hour_full`, 422 for an hour in which the home is closed."""
    by = wanted.acted_by or "service"
    async with service.transactions.begin() as tx, idempotent(tx, by, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        visit = await book_visit(
            tx, procedure, starts_at=wanted.starts_at, people=wanted.people, at=service.clock.now(), by=by
        )
        return await slot.keep(201, VisitBooked(id=visit, starts_at=wanted.starts_at, people=wanted.people))


@router.delete("/visits/{visit}", status_code=204)
async def cancel(visit: UUID, service: ThisService) -> None:
    """Cancel a visit; again, or an unknown one: nothing changes."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        await cancel_visit(tx, visit, at=service.clock.now())
