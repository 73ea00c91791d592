"""Routes that show every habit of the HTTP face once."""

from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel.errors import Conflict, StaleVersion
from kernel.idempotency import RequestKey, idempotent, request_key, required_request_key
from kernel.public_service.access import Action, Actor, authorize, public, requires, service_only
from kernel.service import Service, ThisService
from kernel.settings import ServiceSettings
from kernel.web.routing import Router

router = Router()
OPEN = [Depends(public("a test's own route"))]


class NoteTaken(Conflict):
    """这条记录已经存在。
    This note exists already."""

    how = "请换一个编号。"
    how_en = "Take another id."


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=5)
    born: date | None = None


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: int
    body: str
    small: int = 0
    inner: Inner | None = None
    at: AwareDatetime | None = None
    extra: dict[str, object] = {}


@router.post("/notes", status_code=201)
async def write_note(
    note: Note,
    service: ThisService,
    actor: Annotated[Actor, Depends(requires(Action.REPORT_CASE))],
    key: Annotated[RequestKey, Depends(required_request_key)],
) -> Response:
    async with service.transactions.begin() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        if note.body == "taken":
            raise NoteTaken()
        await tx.execute(
            text("INSERT INTO notes (id, body, small) VALUES (:id, :body, :small)"),
            {"id": note.id, "body": note.body, "small": note.small},
        )
        return await slot.keep(201, {"id": note.id}, {"Location": f"/notes/{note.id}"})


@router.post("/echoes", dependencies=OPEN)
async def echo(note: Note, key: Annotated[RequestKey, Depends(request_key)]) -> dict[str, str]:
    return {"body": note.body, "keyed": str(key.key is not None)}


@router.get("/notes/{id}", dependencies=OPEN)
async def read_note(
    id: int, service: ThisService, limit: Annotated[int, Query(le=200)] = 1
) -> dict[str, int]:
    async with service.transactions.begin() as tx:
        found = await tx.execute(text("SELECT count(*) FROM notes WHERE id = :id"), {"id": id})
        return {"count": found.scalar_one()}


@router.get("/named", dependencies=OPEN)
async def named(name: str, service: ThisService) -> dict[str, int]:
    async with service.transactions.begin() as tx:
        found = await tx.execute(text("SELECT count(*) FROM notes WHERE body = :name"), {"name": name})
        return {"count": found.scalar_one()}


@router.post("/materials", dependencies=OPEN)
async def take_material(file: UploadFile) -> dict[str, int]:
    return {"bytes": len(await file.read())}


@router.get("/cases/{person}")
async def read_case(
    person: UUID, region: str, actor: Annotated[Actor, Depends(requires(Action.READ_CASE))]
) -> dict[str, str]:
    authorize(actor, Action.READ_CASE, region=region, persons=[person])
    return {"user": actor.user}


@router.post("/stale", dependencies=OPEN)
async def stale() -> None:
    raise StaleVersion(7)


@router.post("/broken", dependencies=OPEN)
async def broken() -> None:
    raise ZeroDivisionError("somebody's number is 331003195001010011")


@router.get("/slow", dependencies=OPEN)
async def slow(service: ThisService) -> None:
    async with service.transactions.begin() as tx:
        await tx.execute(text("SET LOCAL statement_timeout = 20"))
        await tx.execute(text("SELECT pg_sleep(5)"))


@router.post("/internal/v1/ping", dependencies=[Depends(service_only())])
async def ping() -> dict[str, str]:
    return {"pong": "yes"}


def make_sample_service(settings: ServiceSettings, engine: AsyncEngine | None, migrations: Path) -> Service:
    return Service(
        "sample",
        settings,
        title="示例",
        title_en="Sample",
        routers=[router],
        engine=engine,
        migrations=migrations,
        large_paths=["/materials"],
    )
