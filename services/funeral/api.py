"""Routes of the funeral service beside the internal API: holds from the gateway, free slots. Under the service key."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, Field, model_validator

from casework.office import Office
from casework.procedure import Act
from casework.routes import ThisOffice
from casework.tasks import act_on
from contracts.terms import Frozen, HoldKind
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.funeral.commands import NewHold, concerned, place_hold, release_hold
from services.funeral.domain import Timetable
from services.funeral.queries import timetables

router = Router(prefix="/internal/v1", tags=["funeral"], dependencies=[Depends(service_only())])


_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Instant = Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]


class HoldHandedOver(Frozen):
    """A hold with the gateway's id, on a case or on a person. The same id again is the same hold."""

    id: UUID
    kind: HoldKind
    source_no: str = Field(min_length=1, max_length=100)
    placed_at: Instant
    case_id: UUID | None = None
    person: UUID | None = None
    version: int = Field(default=1, gt=0, lt=2**31)

    @model_validator(mode="after")
    def _of_something(self) -> "HoldHandedOver":
        if self.case_id is None and self.person is None:
            raise ValueError("a hold names a case or a person")
        return self


class ReleaseHandedOver(Frozen):
    """The release of a hold; `version` is greater than the hold's."""

    release_no: str = Field(min_length=1, max_length=100)
    version: int = Field(gt=0, lt=2**31)


class HoldStanding(Frozen):
    """What became of it: the running procedures that heed it, and those it came too late for (already started)."""

    id: UUID
    standing: bool
    procedures: tuple[UUID, ...]
    too_late: tuple[UUID, ...] = ()


class FreeSlot(Frozen):
    """A slot that may be booked now."""

    slot: str
    home: str
    starts_at: datetime


class FreeSlots(Frozen):
    """The earliest free slots of a county."""

    items: tuple[FreeSlot, ...]


@router.post("/holds")
async def take_hold(handed: HoldHandedOver, service: ThisService, office: ThisOffice) -> HoldStanding:
    """Keep a hold and pause what heeds it. Idempotent by id; 409 `hold_differs` for another one of that id."""
    hold = NewHold(**handed.model_dump())
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        await place_hold(tx, hold)
        return await _tell(tx, hold, "hold", office=office, at=service.clock.now())


@router.post("/holds/{hold}/release")
async def take_release(
    hold: UUID, release: ReleaseHandedOver, service: ThisService, office: ThisOffice
) -> HoldStanding:
    """Release a hold and resume what waited for it. Idempotent; 404 when the hold never arrived."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        now = service.clock.now()
        kept = await release_hold(tx, hold, release_no=release.release_no, version=release.version, at=now)
        return await _tell(tx, kept, "release", office=office, at=now)


async def _tell(tx: Transaction, hold: NewHold, word: str, *, office: Office, at: datetime) -> HoldStanding:
    """The running procedures look again at the holds that stand; those past the point of no return say so."""
    ids = await concerned(tx, hold)
    reports = await act_on({each: Act("answer", word) for each in ids}, tx=tx, office=office, at=at)
    for report in reports:
        tx.emit(report)
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    too_late = tuple(each.procedure for each in outcomes if word == "hold" and each.state == "open")
    return HoldStanding(id=hold.id, standing=word == "hold", procedures=tuple(ids), too_late=too_late)


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
