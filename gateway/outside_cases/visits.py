"""Visits to where somebody rests, booked by the hour through the case's memorial (row 23, FN-019)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import text

from gateway.cases.api.case_routes import readable
from gateway.cases.api.models import Strict
from gateway.cases.readers import NotYoursToChange, persons_of, regions_of
from gateway.desk import Desk, ThisDesk
from gateway.passing_on import Errand, kept, pass_on
from kernel.errors import NotFound
from kernel.idempotency import RequestKey, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, may, requires
from kernel.public_service.clock import TZ
from kernel.web.routing import Router

router = Router(prefix="/api/v1", tags=["outside cases"])
Booker = Annotated[Actor, Depends(requires(Action.BOOK_VISIT))]
Key = Annotated[RequestKey, Depends(request_key)]
OWNER = "funeral"
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=TZ), datetime(2200, 1, 1, tzinfo=TZ)
_CASE_OF = text(
    """SELECT c.case_no FROM case_procedures p JOIN cases c ON c.id = p.case_id
        WHERE p.id = :procedure AND p.type = 'funeral.memorial'"""
)


class MemorialNotFound(NotFound):
    """没有这个纪念，或者不在您可以查看的范围内。
    There is no such memorial, or it is not yours to know of."""

    how = "请从办理进度页的“网上纪念”进入。"
    how_en = "Open it from the memorial on the case's progress page."


class VisitGiven(Strict):
    """A whole hour within the opening hours, at most a year ahead, and how many come."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"starts_at": "2026-04-04T09:00:00+08:00", "people": 4}},
    )  # fmt: skip

    starts_at: Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
    people: Annotated[int, Field(strict=True, ge=1, le=20)]


class VisitTaken(BaseModel):
    """The visit as it was booked."""

    id: UUID
    starts_at: datetime
    people: int


class VisitList(BaseModel):
    """Visits to come, by the hour: a family's own, all of them for staff."""

    items: list[VisitTaken]


async def _case_of(tx: Transaction, desk: Desk, actor: Actor, procedure: UUID) -> str:
    """The case whose memorial it is. Raises MemorialNotFound, NotYoursToChange."""
    case_no: str | None = (await tx.execute(_CASE_OF, {"procedure": procedure})).scalar()
    if case_no is None:
        raise MemorialNotFound()
    try:
        standing = await readable(tx, case_no, desk, actor)
    except NotFound:
        raise MemorialNotFound() from None
    persons = persons_of(standing, Action.ANSWER_OFFER)
    if not may(actor, Action.BOOK_VISIT, region=regions_of(standing), persons=persons, owner=OWNER):
        raise NotYoursToChange(extra={"action": Action.BOOK_VISIT.value})
    return case_no


@router.get("/memorials/{procedure}/visits", responses={200: {"model": VisitList}}, response_model=None)
async def list_visits(procedure: UUID, desk: ThisDesk, actor: Booker) -> dict[str, Any]:
    """已约的祭扫。Visits to come: a family's own, all of them for staff."""
    async with desk.open() as tx:
        await _case_of(tx, desk, actor, procedure)
    found = await desk.owners.call(OWNER, "GET", f"/internal/v1/memorials/{procedure}/visits")
    mine = [one for one in found["items"] if _is_theirs(one, actor)]
    return {"items": [{name: one[name] for name in VisitTaken.model_fields} for one in mine]}


def _is_theirs(visit: dict[str, Any], actor: Actor) -> bool:
    """Whether this reader may see and cancel it: what others of the family booked is theirs."""
    return actor.kind != "citizen" or bool(visit["booked_by"] == actor.user)


@router.post(
    "/memorials/{procedure}/visits", status_code=201, responses={201: {"model": VisitTaken}}, response_model=None
)  # fmt: skip
async def book_visit(procedure: UUID, given: VisitGiven, desk: ThisDesk, actor: Booker, key: Key) -> Response:
    """预约现场祭扫，按整点。Book a visit for a whole hour; a full hour is refused."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    async with desk.open() as tx:
        await _case_of(tx, desk, actor, procedure)
    body = {**given.model_dump(mode="json"), "acted_by": actor.user}
    path = f"/internal/v1/memorials/{procedure}/visits"
    errand = Errand(OWNER, path, body, "book_visit", f"procedure:{procedure}", status=201)
    return await pass_on(desk, actor, key, errand)


@router.delete("/memorial-visits/{visit}", status_code=204)
async def cancel_visit(visit: UUID, desk: ThisDesk, actor: Booker) -> None:
    """取消祭扫预约。Cancel a visit to come; again: 404, nothing changes."""
    found = await desk.owners.call(OWNER, "GET", f"/internal/v1/visits/{visit}")
    async with desk.open() as tx:
        await _case_of(tx, desk, actor, UUID(found["procedure"]))
    if not _is_theirs(found, actor):
        raise MemorialNotFound()
    await desk.owners.call(OWNER, "DELETE", f"/internal/v1/visits/{visit}")
    async with desk.open() as tx:
        await audit.record(
            tx, [audit.AuditLine(desk.clock.now(), actor.user, "cancel_visit", f"visit:{visit}")]
        )
