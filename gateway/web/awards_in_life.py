"""生前享有的生态安葬奖补: the county gives and takes back; the funeral home looks."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.web import words
from gateway.web.api_client import Api, Refused
from gateway.web.controls import Control
from gateway.web.counter import faults_of, summary_of
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action, Role, role_may
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Reader = Annotated[Visit, Depends(Visitor(Action.READ_AWARDS_IN_LIFE))]
Signer = Annotated[Visit, Depends(Visitor(Action.SIGN_AWARD_IN_LIFE))]
_KINDS = ("tree", "flower", "lawn", "sea", "wall")
_SAID = {
    "given": ("奖补已经给予并入账。", "Given and booked."),
    "undone": ("已经撤销，应退的金额已经入账。", "Taken back; what is owed back is booked."),
}


def _controls(visit: Visit) -> list[Control]:
    return [
        Control("/name", "姓名", "text", label_en="Name", required=True, longest=100, value=visit.value("/name")),
        Control(
            "/id_number", "证件号码", "text", label_en="ID number", required=True, longest=40,
            value=visit.value("/id_number"),
        ),
        Control(
            "/kind", "约定的安葬方式", "one", label_en="Kind", required=True, value=(visit.value("/kind"),),
            choices=[(kind, words.code(kind)) for kind in _KINDS],
        ),
    ]  # fmt: skip


@router.get("/eco-awards")
async def awards(visit: Reader) -> Response:
    return await _page(visit)


async def _page(visit: Visit, refused: Refused | None = None) -> Response:
    query = visit.request.query_params
    ended = query.get("ended") == "1"
    found: Any = await Api(visit).get(
        "/api/v1/eco-awards/in-life", ended="true" if ended else None, after=query.get("after"), limit=50
    )
    controls = [replace(one, faults=faults_of(one, refused)) for one in _controls(visit)]
    lines = summary_of(controls, refused)
    return page(
        visit, "awards_in_life.html", status=refused.status if refused else 200, title="生前享有的生态安葬奖补",
        found=found, controls=controls, faults=lines, faulty=bool(lines), ended=ended, key=uuid4().hex,
        said=_SAID.get(query.get("said", "")),
        may_sign=role_may(Role(visit.who.role), Action.SIGN_AWARD_IN_LIFE),
    )  # fmt: skip


@router.post("/eco-awards")
async def give(visit: Signer) -> Response:
    body = {name: visit.value(f"/{name}") for name in ("name", "id_number", "kind")}
    try:
        await Api(visit).post("/api/v1/eco-awards/in-life", body, key=visit.value("key") or None)
    except Refused as refused:
        return await _page(visit, refused)
    return go_to("/eco-awards?said=given")


@router.post("/eco-awards/{award}/undo")
async def undo(award: UUID, visit: Signer) -> Response:
    try:
        await Api(visit).post(
            f"/api/v1/eco-awards/in-life/{award}/undo", {"reason": visit.value("reason")},
            key=visit.value("key") or None,
        )  # fmt: skip
    except Refused as refused:
        return await _page(visit, refused)
    return go_to("/eco-awards?said=undone")
