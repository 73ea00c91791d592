"""Visits to where somebody rests, booked by the hour through the memorial (FN-019). Under the service key."""

from datetime import datetime
from uuid import UUID

from fastapi import Depends
from pydantic import Field

from contracts.terms import Frozen
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.funeral.api.holds import Instant
from services.funeral.commands.visits import book_visit, cancel_visit

router = Router(prefix="/internal/v1", tags=["funeral"], dependencies=[Depends(service_only())])


class VisitWanted(Frozen):
    """A whole hour of a day, and how many come."""

    starts_at: Instant
    people: int = Field(gt=0, le=20)


class VisitBooked(Frozen):
    """The visit as it stands."""

    id: UUID
    starts_at: datetime
    people: int


@router.post("/memorials/{procedure}/visits", status_code=201)
async def book(procedure: UUID, wanted: VisitWanted, service: ThisService) -> VisitBooked:
    """Book a visit. 404 `memorial_unknown`, 409 `hour_full`, 422 for an hour in which the home is closed."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        visit = await book_visit(
            tx, procedure, starts_at=wanted.starts_at, people=wanted.people, at=service.clock.now()
        )
    return VisitBooked(id=visit, starts_at=wanted.starts_at, people=wanted.people)


@router.delete("/visits/{visit}", status_code=204)
async def cancel(visit: UUID, service: ThisService) -> None:
    """Cancel a visit; again, or an unknown one: nothing changes."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        await cancel_visit(tx, visit, at=service.clock.now())
