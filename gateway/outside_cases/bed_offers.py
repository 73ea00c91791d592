"""Offered beds: a home keeps a freed bed for whoever is next, who accepts or declines it until a day (R56, EC-022)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from gateway.cases.api.models import Reason, Strict, Version
from gateway.desk import Desk, ThisDesk
from gateway.outside_cases.people import listed
from gateway.passing_on import Errand, kept, pass_on
from kernel.idempotency import RequestKey, request_key
from kernel.public_service.access import Action, Actor, authorize, may, reach, region_prefix, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1/bed-offers", tags=["outside cases"])
Reader = Annotated[Actor, Depends(requires(Action.READ_BED_OFFERS))]
Answerer = Annotated[Actor, Depends(requires(Action.ANSWER_BED_OFFER))]
Key = Annotated[RequestKey, Depends(request_key)]
OWNER = "eldercare"
_AT = "/internal/v1/care/bed-offers"
_OFFER: dict[str, JsonValue] = {
    "id": "5b0f6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "person": "3f0c6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "name": "林**",
    "home_name": "示范县敬老院", "bed": "203-1", "region": "331022901000", "state": "open", "offered_on": "2026-03-02",
    "answer_by": "2026-03-09", "version": 1, "may_answer": True,
}  # fmt: skip


class BedOfferShown(BaseModel):
    """An offered bed, kept for the person through `answer_by`. `name` is masked for who may not read the person."""

    model_config = ConfigDict(json_schema_extra={"example": _OFFER})

    id: UUID
    person: UUID
    name: str
    home_name: str
    bed: str
    region: str
    state: Literal["open", "accepted", "declined", "lapsed", "withdrawn"]
    offered_on: date
    answer_by: date
    version: int
    may_answer: bool


class BedOfferPage(BaseModel):
    """By the last day of the answer; `next` goes into `after` for the next page."""

    items: list[BedOfferShown]
    next: UUID | None


class BedAnswerGiven(Strict):
    """The family's answer; `since`: when they move in (today if left out)."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"answer": "accept", "reason": "家属同意入住", "version": 1}},
    )  # fmt: skip

    answer: Literal["accept", "decline"]
    reason: Reason | None = None
    since: date | None = None
    version: Version


class BedAnswerTaken(BaseModel):
    """The stay that began; none after a refusal."""

    stay: UUID | None


@router.get("", responses={200: {"model": BedOfferPage}}, response_model=None)
async def list_bed_offers(
    desk: ThisDesk, actor: Reader,
    ended: Annotated[bool, Query(description="已答复、已失效的也列出 / answered and lapsed ones, too")] = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """为轮候老人保留的床位。Beds kept for whoever is next: one's own, or those of homes in the reader's region."""
    found, following = await listed(
        desk, actor, OWNER, _AT, seen_as="read_bed_offers",
        ended=ended, limit=limit, after=after, **_scope(actor),
    )  # fmt: skip
    return {"items": [_view(one, actor) for one in found], "next": following}


def _scope(actor: Actor) -> dict[str, Any]:
    """What of the list is the reader's. Raises NotFound for who belongs to another owner."""
    if reach(actor.role, Action.READ_BED_OFFERS) == "own":
        authorize(actor, Action.READ_BED_OFFERS, persons=[actor.person] if actor.person else [])
        return {"person": actor.person}
    authorize(actor, Action.READ_BED_OFFERS, region=actor.region, owner=OWNER)
    return {"region": region_prefix(actor.region)}


def _view(one: dict[str, Any], actor: Actor) -> dict[str, Any]:
    members = [name for name in BedOfferShown.model_fields if name != "may_answer"]
    mine = may(
        actor, Action.ANSWER_BED_OFFER, region=one["region"], owner=OWNER, persons=[UUID(one["person"])]
    )
    return {**{member: one[member] for member in members}, "may_answer": mine and one["state"] == "open"}


@router.post("/{offer}/answer", responses={200: {"model": BedAnswerTaken}}, response_model=None)
async def answer_bed_offer(
    offer: UUID, given: BedAnswerGiven, desk: ThisDesk, actor: Answerer, key: Key
) -> Response:
    """接受或不接受保留的床位；不接受的，保留位次，问下一位。Accept, or decline and let the next be asked."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    await _check(desk, actor, offer)
    body = {**given.model_dump(mode="json", exclude_none=True), "acted_by": actor.user}
    return await pass_on(
        desk, actor, key,
        Errand(OWNER, f"{_AT}/{offer}/answer", body, "answer_bed_offer", f"bed_offer:{offer}", given.answer),
    )  # fmt: skip


async def _check(desk: Desk, actor: Actor, offer: UUID) -> None:
    """Raises Forbidden or NotFound, and what the service says of an unknown offer."""
    found = await desk.owners.call(OWNER, "GET", f"{_AT}/{offer}")
    authorize(
        actor, Action.ANSWER_BED_OFFER, region=found["region"], owner=OWNER, persons=[UUID(found["person"])]
    )
