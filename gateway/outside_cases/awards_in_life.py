"""Awards for an eco-burial enjoyed in life, given and taken back over the county's signature (FN-015)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from gateway.cases.api.models import Reason, Strict
from gateway.desk import ThisDesk
from gateway.outside_cases.declarations import Party
from gateway.outside_cases.people import identified, listed
from gateway.passing_on import Errand, kept, pass_on
from kernel.idempotency import RequestKey, request_key
from kernel.public_service.access import Action, Actor, authorize, may, region_prefix, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1/eco-awards/in-life", tags=["outside cases"])
Reader = Annotated[Actor, Depends(requires(Action.READ_AWARDS_IN_LIFE))]
Signer = Annotated[Actor, Depends(requires(Action.SIGN_AWARD_IN_LIFE))]
Key = Annotated[RequestKey, Depends(request_key)]
OWNER = "funeral"
_AT = "/internal/v1/eco-awards/in-life"
_AWARD: dict[str, JsonValue] = {
    "id": "5b0f6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "person": "3f0c6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "name": "林文海",
    "kind": "tree", "amount_fen": 300000, "region": "331022", "granted_at": "2026-03-02T10:00:00+08:00",
    "cancelled_at": None, "may_undo": True,
}  # fmt: skip


class AwardShown(BaseModel):
    """An award enjoyed in life. `name` is masked for who may not read the person; `cancelled_at`: taken back."""

    model_config = ConfigDict(json_schema_extra={"example": _AWARD})

    id: UUID
    person: UUID
    name: str
    kind: str
    amount_fen: int
    region: str
    granted_at: datetime
    cancelled_at: datetime | None
    may_undo: bool


class AwardPage(BaseModel):
    """The newest first; `next` goes into `after` for the next page."""

    items: list[AwardShown]
    next: UUID | None


class AwardWanted(Party):
    """Who agreed in life to an eco-burial of this kind. Amount and budget are the region's."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"id_number": "110101194005060019", "name": "李某", "kind": "tree"}},
    )  # fmt: skip

    kind: Literal["tree", "flower", "lawn", "sea", "wall"]


class AwardGiven(BaseModel):
    """The award as it was given, in fen."""

    id: UUID
    amount_fen: int


class AwardUndone(Strict):
    """Why the award is taken back; the submission is the signature."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"reason": "本人撤回生态安葬约定"}}
    )

    reason: Reason


class AwardRecoverable(BaseModel):
    """What the person has to give back, in fen."""

    id: UUID
    recoverable_fen: int


@router.get("", responses={200: {"model": AwardPage}}, response_model=None)
async def list_awards(
    desk: ThisDesk, actor: Reader,
    ended: Annotated[bool, Query(description="已撤销的也列出 / those taken back, too")] = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """生前享有的生态安葬奖补。Awards enjoyed in life, in the reader's region."""
    authorize(actor, Action.READ_AWARDS_IN_LIFE, region=actor.region, owner=OWNER)
    found, following = await listed(
        desk, actor, OWNER, _AT, seen_as="read_awards_in_life",
        region=region_prefix(actor.region), ended=ended, limit=limit, after=after,
    )  # fmt: skip
    items = [{**one, "may_undo": _may_undo(one, actor)} for one in found]
    return {"items": items, "next": following}


def _may_undo(award: Mapping[str, Any], actor: Actor) -> bool:
    return award["cancelled_at"] is None and may(actor, Action.SIGN_AWARD_IN_LIFE, region=award["region"])


@router.post("", status_code=201, responses={201: {"model": AwardGiven}}, response_model=None)
async def give_award(wanted: AwardWanted, desk: ThisDesk, actor: Signer, key: Key) -> Response:
    """给予生前享有的生态安葬奖补，一人一次。Given and booked once, where the person is registered."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    async with desk.open() as tx:
        who = await identified(tx, desk, id_number=wanted.id_number, name=wanted.name)
    authorize(actor, Action.SIGN_AWARD_IN_LIFE, region=who.region)
    body = {
        "person": str(who.person), "kind": wanted.kind, "region": (who.region or "")[:6], "decided_by": actor.user,
    }  # fmt: skip
    errand = Errand(OWNER, _AT, body, "give_award_in_life", f"person:{who.person}", wanted.kind, status=201)
    return await pass_on(desk, actor, key, errand)


@router.post("/{award}/undo", responses={200: {"model": AwardRecoverable}}, response_model=None)
async def undo_award(award: UUID, given: AwardUndone, desk: ThisDesk, actor: Signer, key: Key) -> Response:
    """撤销生前享有的奖补，应退的金额入账。Taken back over the county's signature; what is owed back is booked."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    found = await desk.owners.call(OWNER, "GET", f"{_AT}/{award}")
    authorize(actor, Action.SIGN_AWARD_IN_LIFE, region=found["region"], owner=OWNER)
    body = {"acted_by": actor.user, "reason": given.reason}
    errand = Errand(OWNER, f"{_AT}/{award}/undo", body, "undo_award_in_life", f"eco_award:{award}")
    return await pass_on(desk, actor, key, errand)
