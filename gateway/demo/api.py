"""The demo's routes (api.md, Demo profile only)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from gateway.demo.access import DEMO
from gateway.demo.advancing import advance
from gateway.demo.departments import DemoDepartment, Mode, departments, set_mode
from gateway.demo.durations import after as instant_after
from gateway.demo.durations import too_far
from gateway.demo.people import list_people, one_person
from gateway.demo.repeats import once
from gateway.demo.settling import Places, settle
from gateway.desk import ThisDesk
from gateway.exchange.exchange import ThisExchange
from gateway.notices.messages import sent
from kernel.errors import NotFound
from kernel.idempotency import RequestKey, request_key
from kernel.public_service.clock import TZ
from kernel.web.routing import Router

router = Router(prefix="/demo", tags=["demo"], dependencies=DEMO)
Key = Annotated[RequestKey, Depends(request_key)]


class ClockMove(BaseModel):
    """One of the two."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"advance": "P30D"}})

    advance: str | None = Field(default=None, max_length=40)
    set: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ClockMove":
        if (self.advance is None) == (self.set is None):
            raise ValueError("请给出 advance 或 set 其中一项 / give either advance or set")
        return self


class Settle(BaseModel):
    """How long to wait."""

    model_config = ConfigDict(extra="forbid")

    timeout_seconds: float = Field(default=30.0, ge=0, le=300)


class DepartmentMode(BaseModel):
    """How the simulator shall behave; `delay_seconds` before an answer."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode
    delay_seconds: float = Field(default=0.0, ge=0, le=3600)


@router.get("/users")
async def users(desk: ThisDesk) -> list[dict[str, Any]]:
    """演示登录用户。Whom one may sign in as."""
    async with desk.open() as tx:
        found = await desk.directory.users(tx)
    return [
        {
            "user": one.user, "title": one.title, "role": one.role.value, "region": one.region, "owner": one.owner,
            "person": one.person and str(one.person),
        }
        for one in found
    ]  # fmt: skip


@router.get("/people")
async def people(
    desk: ThisDesk,
    region: str | None = Query(None, pattern=r"^(\d{6}|\d{12})$"),
    holds: str | None = Query(None, max_length=40),
    limit: int = Query(50, ge=1, le=200),
    after: UUID | None = None,
) -> dict[str, Any]:
    """合成人员及其现有待遇。Synthetic people with what they hold."""
    page = await list_people(desk, region=region, holds=holds, limit=limit, after=after)
    return {"items": page.items, "next": page.next}


@router.get("/people/{person}")
async def person(person: UUID, desk: ThisDesk) -> dict[str, Any]:
    """One of them, as the services hold it now."""
    found = await one_person(desk, person)
    if found is None:
        raise NotFound()
    return found


@router.get("/clock")
async def clock(desk: ThisDesk) -> dict[str, Any]:
    """The legal time of this installation."""
    async with desk.open():
        return {"now": _shown(desk.clock.now()), "fired": 0}


@router.post("/clock", response_model=None)
async def move_clock(move: ClockMove, desk: ThisDesk, exchange: ThisExchange, key: Key) -> Response:
    """拨动时钟（只能向前）。Each due check runs at its own instant, in order over all databases."""

    def aim(now: datetime) -> datetime:
        return _in_our_zone(move.set) if move.set else instant_after(now, move.advance or "", desk.calendar)

    async def do() -> dict[str, Any]:
        fired = await advance(desk, Places.of(exchange), aim, field="/set" if move.set else "/advance")
        return {"now": _shown(desk.clock.now()), "fired": fired}

    return await once(desk, key, do)


def _in_our_zone(instant: datetime) -> datetime:
    try:
        return instant.astimezone(TZ)
    except OverflowError as error:  # the first or the last hours that a date can name
        raise too_far("/set") from error


@router.post("/settle", response_model=None)
async def settle_down(
    desk: ThisDesk, exchange: ThisExchange, key: Key, wanted: Settle | None = None
) -> Response:
    """Wait until nothing is under way, at most so long (30 seconds when nothing is said)."""

    async def do() -> dict[str, Any]:
        moving = await settle(Places.of(exchange), timeout_seconds=(wanted or Settle()).timeout_seconds)
        listed = [{"where": one.where, "what": one.what, "count": one.count} for one in moving]
        return {"settled": not listed, "moving": listed}

    return await once(desk, key, do)


@router.get("/departments")
async def list_departments(exchange: ThisExchange) -> list[DemoDepartment]:
    """The simulated departments and their moods."""
    return list(await departments(exchange))


@router.put("/departments/{department}")
async def put_department(department: str, wanted: DepartmentMode, exchange: ThisExchange) -> DemoDepartment:
    """Set a mood; it is stored and handed to the simulator."""
    if department not in exchange.limits.departments:
        raise NotFound()
    await set_mode(exchange.desk, department, wanted.mode, wanted.delay_seconds)
    return next(one for one in await departments(exchange) if one.id == department)


@router.get("/messages")
async def messages(desk: ThisDesk, case_no: str | None = Query(None, max_length=60)) -> list[dict[str, Any]]:
    """What was sent to whom."""
    async with desk.open() as tx:
        found = await sent(tx, case_no=case_no, sealer=desk.sealer)
    return [
        {"at": _shown(one.at), "to": one.to, "channel": one.channel, "text": one.text, "text_en": one.text_en}
        for one in found
    ]


def _shown(instant: datetime) -> str:
    return instant.astimezone(TZ).isoformat(timespec="seconds")
