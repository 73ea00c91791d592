"""Free slots of a county's homes. Under the service key."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query

from contracts.terms import Frozen
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.funeral.api.holds import Instant
from services.funeral.domain.slots import Timetable
from services.funeral.queries.timetables import timetables

router = Router(prefix="/internal/v1", tags=["funeral"], dependencies=[Depends(service_only())])


class FreeSlot(Frozen):
    """A slot that may be booked now."""

    slot: str
    home: str
    starts_at: datetime


class FreeSlots(Frozen):
    """The earliest free slots of a county."""

    items: tuple[FreeSlot, ...]


@router.get("/slots")
async def read_slots(
    service: ThisService,
    region: Annotated[str, Query(pattern=r"^\d{6}(\d{6})?$")],
    not_before: Instant | None = None,
    limit: Annotated[int, Query(gt=0, le=200)] = 20,
) -> FreeSlots:
    """Free slots of the county's funeral homes, earliest first."""
    county = region[:6]
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        now = service.clock.now()
        # No home plans further than a year: an instant beyond it finds what is free then.
        since = min(max(now, not_before or now), now + timedelta(days=366))
        table: Timetable = (await timetables(tx, {county}))[county]
    free = (slot for slot, _ in zip(table.free(since), range(limit), strict=False))
    return FreeSlots(
        items=tuple(FreeSlot(slot=slot.name, home=slot.home.name, starts_at=slot.starts_at) for slot in free)
    )
