"""床位通知: beds kept for whoever is next, with the two answers that can be given."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api, Refused
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Reader = Annotated[Visit, Depends(Visitor(Action.READ_BED_OFFERS))]
Answerer = Annotated[Visit, Depends(Visitor(Action.ANSWER_BED_OFFER))]

# (sign, Chinese, English): the sign tells a state without colour
STATES: Mapping[str, tuple[str, str, str]] = {
    "open": ("○", "等答复", "Waits for an answer"),
    "accepted": ("✓", "已接受", "Accepted"),
    "declined": ("–", "没有接受，位次保留", "Declined; the place is kept"),
    "lapsed": ("–", "过了期限，已问下一位", "Ran out; the next was asked"),
    "withdrawn": ("↩", "床位已不空，位次保留", "The bed is not free after all"),
}
_SAID: Mapping[str, tuple[str, str]] = {
    "accept": ("已经登记入住，床位不再保留给别人。", "The stay is on record."),
    "decline": ("已经记下，位次保留，现在问下一位。", "Noted; the place is kept, the next is asked."),
}


@router.get("/bed-offers")
async def bed_offers(visit: Reader) -> Response:
    return await _page(visit)


async def _page(visit: Visit, refused: Refused | None = None) -> Response:
    query = visit.request.query_params
    ended = query.get("ended") == "1"
    found: Any = await Api(visit).get(
        "/api/v1/bed-offers", ended="true" if ended else None, after=query.get("after"), limit=50
    )
    return page(
        visit, "bed_offers.html", status=refused.status if refused else 200, title="床位通知", found=found,
        states=STATES, ended=ended, said=_SAID.get(query.get("said", "")), refused=refused, key=uuid4().hex,
        faulty=refused is not None,
    )  # fmt: skip


@router.post("/bed-offers/{offer}")
async def answer(offer: UUID, visit: Answerer) -> Response:
    chosen = "accept" if visit.value("answer") == "accept" else "decline"
    version = visit.value("version")
    body = {"answer": chosen, "version": int(version) if version.isdigit() else 0}
    if reason := visit.value("reason"):
        body["reason"] = reason
    key = visit.value("key")
    try:
        await Api(visit).post(
            f"/api/v1/bed-offers/{offer}/answer", body, key=f"{key}-{chosen}" if key else None
        )
    except Refused as refused:
        return await _page(visit, refused)
    return go_to(f"/bed-offers?said={chosen}")
