"""Holds from the gateway, in the request that the department made; the bus is not needed. Under the service key."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
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
from services.funeral.commands.holds import NewHold, concerned, place_hold, release_hold

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
