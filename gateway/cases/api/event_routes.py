"""Server-sent events: one case for its readers, all cases for the operator (api.md)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Header
from starlette.responses import StreamingResponse

from gateway.cases.api.case_routes import readable, shown
from gateway.cases.feed import Change, Feed, parse_cursor
from gateway.cases.readers import sight_of
from gateway.desk import Desk, ThisDesk
from kernel.public_service.access import Action, Actor, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1/cases", tags=["cases"])

_BEAT_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=60)]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "server-sent events",
        "content": {
            "text/event-stream": {"schema": {"type": "string"}, "example": "id: 812-41\nevent: case\ndata: {…}\n\n"}
        },
    }
}  # fmt: skip


class EventStream(StreamingResponse):
    """A stream that ends when the client leaves or the service stops."""

    media_type = "text/event-stream"


@router.get(
    "/events", response_class=EventStream, responses=_STREAM, dependencies=[Depends(requires(Action.OPERATOR_FEED))]
)  # fmt: skip
async def operator_feed(desk: ThisDesk, last_event_id: LastEventId = None) -> EventStream:
    """每次变动的办件编号、版本、状态。Number, version, status and open types of each case that changed.

    `Last-Event-ID` 可续传七天内的变动；更早的，先逐件告知现状。`Last-Event-ID` resumes what changed within seven days;
    whoever was away for longer is told every case once as it stands, and then what comes.
    """
    return EventStream(_all_changes(desk.feed, parse_cursor(last_event_id)), headers=_HEADERS)


async def _all_changes(feed: Feed, cursor: tuple[int, int] | None) -> AsyncIterator[bytes]:
    """First what was missed, then what comes. A listener too slow is let go and resumes by its last id."""
    async with feed.listen() as queue:
        yield b": connected\n\n"
        told = cursor
        if cursor is not None:
            async for one, resumes in _missed(feed, cursor):
                yield _event(one.cursor if resumes else None, one.as_dict())
                told = one.position
        async for change in _changes(queue):
            if change is None:
                yield b": still here\n\n"
            elif told is None or change.position > told:
                yield _event(change.cursor, change.as_dict())


async def _missed(feed: Feed, cursor: tuple[int, int]) -> AsyncIterator[tuple[Change, bool]]:
    """What was missed, and whether one may resume after it.

    Where some of it has been forgotten, every case as it stands: only the last of them has an id, so that a listener
    cut off half-way is told them all again.
    """
    while missed := await feed.missed(cursor):
        for one in missed:
            yield one, True
        cursor = missed[-1].position
    if missed is None:
        last: Change | None = None
        async for one in feed.every_case():
            if last is not None:
                yield last, False
            last = one
        if last is not None:
            yield last, True


async def _changes(queue: "asyncio.Queue[Change | None]") -> AsyncIterator[Change | None]:
    """Changes as they come; None every fifteen seconds without one. Ends when the feed lets the listener go."""
    while True:
        change: Change | None = None
        with suppress(TimeoutError):
            change = await asyncio.wait_for(queue.get(), _BEAT_SECONDS)
            if change is None:
                return
        yield change


def _event(cursor: str | None, data: object) -> bytes:
    """One event; without a cursor it has no id, and the listener keeps its last one."""
    head = "" if cursor is None else f"id: {cursor}\n"
    return f"{head}event: case\n".encode() + b"data: " + orjson.dumps(data) + b"\n\n"


@router.get("/{case_no}/events", response_class=EventStream, responses=_STREAM)
async def case_feed(
    case_no: str, desk: ThisDesk, actor: Annotated[Actor, Depends(requires(Action.READ_CASE))],
    last_event_id: LastEventId = None,
) -> EventStream:  # fmt: skip
    """一个联办件的进展。The case as this reader sees it, now and after each change; `Last-Event-ID` resumes."""
    async with desk.open() as tx:
        standing = await readable(tx, case_no, desk, actor)
    stream = _one_case(desk, actor, case_no, standing.id, last_event_id)
    return EventStream(stream, headers=_HEADERS)


async def _one_case(
    desk: Desk, actor: Actor, case_no: str, case: UUID, last_event_id: str | None
) -> AsyncIterator[bytes]:
    """The id of an event is the case's progress: who has seen the present one is told the next."""
    async with desk.feed.listen() as queue:
        seen = last_event_id or ""
        present, data = await _present(desk, actor, case_no)
        if present != seen:
            yield _event(present, data)
            seen = present
        else:
            yield b": up to date\n\n"
        async for change in _changes(queue):
            if change is None:
                yield b": still here\n\n"
            elif change.case == case and str(change.progress) != seen:
                present, data = await _present(desk, actor, case_no)
                if present != seen:
                    yield _event(present, data)
                    seen = present


async def _present(desk: Desk, actor: Actor, case_no: str) -> tuple[str, dict[str, object]]:
    """The case as this reader sees it, and what names that state.

    To somebody whose kinship is not proven, the mere arrival of an event, or a number that has risen, would tell that
    a row he must not know of has moved: for him the state is what he reads.
    """
    async with desk.open() as tx:
        standing = await readable(tx, case_no, desk, actor)
        data = await shown(tx, standing, actor, desk.clock.now())
    if not sight_of(actor, standing).unproven:
        return str(standing.progress), data
    return sha256(orjson.dumps(data)).hexdigest()[:32], data
