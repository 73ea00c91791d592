"""Holds: placed and released by the department, handed to the funeral service in the same request."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from gateway.exchange.api.models import HoldPlaced, HoldReleased, HoldStanding
from gateway.exchange.api.task_routes import Key, department_of
from gateway.exchange.exchange import Exchange, ThisExchange
from gateway.exchange.holds import Hold
from gateway.people import relatives
from gateway.people.problems import PersonUnknown
from kernel.idempotency import RequestKey, idempotent
from kernel.public_service.access import Action, Actor, requires
from kernel.public_service.clock import TZ
from kernel.web.routing import Router

router = Router(prefix="/exchange/v1", tags=["exchange"])
Holder = Annotated[Actor, Depends(requires(Action.EXCHANGE_HOLD))]


@router.post("/holds", status_code=201, response_model=HoldStanding)
async def place(given: HoldPlaced, exchange: ThisExchange, actor: Holder, key: Key) -> Response:
    """201 once the funeral service has it too; 503 when it is away: the hold stands all the same, and is retried.

    403 `hold_not_yours`: another department places this kind (`catalog/departments.yaml`); `placed_by` names them.
    """
    desk = exchange.desk
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        if given.person is not None and await relatives.read(tx, given.person) is None:
            raise PersonUnknown()
        hold = await exchange.holds.place(
            tx, department=department_of(actor), source_no=given.source_no, kind=given.kind, reason=given.reason,
            case_no=given.case_no, person=given.person, at=desk.clock.now(),
        )  # fmt: skip
    return await _handed(exchange, hold, actor, key, status=201)


@router.post("/holds/{hold_id}/release", response_model=HoldStanding)
async def release(
    hold_id: UUID, given: HoldReleased, exchange: ThisExchange, actor: Holder, key: Key
) -> Response:
    """Only by the department that placed it."""
    desk = exchange.desk
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        hold = await exchange.holds.release(
            tx, hold_id, department=department_of(actor), release_no=given.release_no, version=given.version,
            at=desk.clock.now(),
        )  # fmt: skip
    return await _handed(exchange, hold, actor, key, status=200)


async def _handed(exchange: Exchange, hold: Hold, actor: Actor, key: RequestKey, *, status: int) -> Response:
    """The answer is kept only after the funeral service has confirmed: a repetition tries again until then."""
    await exchange.holds.hand(hold)
    async with exchange.desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        return await slot.keep(status, standing(hold))


def _local(instant: datetime) -> datetime:
    return instant.astimezone(TZ).replace(microsecond=0)


def standing(hold: Hold) -> HoldStanding:
    """The hold as departments see it."""
    return HoldStanding(
        id=hold.id, kind=hold.kind, state="released" if hold.released_at else "standing", source_no=hold.source_no,
        placed_at=_local(hold.placed_at), released_at=hold.released_at and _local(hold.released_at),
        version=hold.version,
    )  # fmt: skip
