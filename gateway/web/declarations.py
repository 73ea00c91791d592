"""登记不恢复婚姻的声明: the registrar's page for a declaration under Civil Code 51."""

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api, Refused
from gateway.web.controls import INSTANT_PARTS, Control, read_instant
from gateway.web.counter import counter_page
from gateway.web.rendering import PageRoute, go_to
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Registrar = Annotated[Visit, Depends(Visitor(Action.DECLARE_UNWILLING))]

_WORDS = {
    "action": "/marriage-declarations", "title": "登记不恢复婚姻的声明", "title_en": "Not to resume a marriage",
    "lead": "配偶被宣告死亡后，在世的一方书面声明不愿恢复婚姻关系的，在这里登记（民法典第五十一条）。"
    "将来法院撤销死亡宣告时，婚姻关系不自行恢复。",
    "lead_en": "Recorded here, the marriage does not resume by itself when a court revokes the declaration of death.",
    "button": "登记声明",
}  # fmt: skip
_SAID = ("声明已经登记。", "The declaration is on record.")
_PARTIES = (
    ("/survivor/name", "声明人（在世一方）的姓名", "Name of who declares", 100),
    ("/survivor/id_number", "声明人的证件号码", "Number of who declares", 40),
    ("/spouse/name", "被宣告死亡的配偶的姓名", "Name of the spouse", 100),
    ("/spouse/id_number", "配偶的证件号码", "Number of the spouse", 40),
)


def _controls(visit: Visit) -> list[Control]:
    parties = [
        Control(
            name, label, "text", label_en=label_en, required=True, longest=longest, value=visit.value(name)
        )
        for name, label, label_en, longest in _PARTIES
    ]
    at = {part: visit.value(f"/declared_at#{part}") for part, _ in INSTANT_PARTS}
    return [
        *parties,
        Control(
            "/declared_at", "作出声明的时间", "instant", label_en="When it was made", required=True, value=at,
            parts=INSTANT_PARTS, help="写声明书上的日期和时间；补录的，写当时的时间。",
        ),
    ]  # fmt: skip


@router.get("/marriage-declarations")
async def declaration_page(visit: Registrar) -> Response:
    said = _SAID if visit.request.query_params.get("said") == "declared" else None
    return counter_page(visit, _controls(visit), _WORDS, said=said)


@router.post("/marriage-declarations")
async def declare(visit: Registrar) -> Response:
    party = {
        who: {name: visit.value(f"/{who}/{name}") for name in ("id_number", "name")}
        for who in ("survivor", "spouse")
    }
    body = {**party, "declared_at": read_instant(visit, "/declared_at") or ""}
    try:
        await Api(visit).post("/api/v1/marriage-declarations", body, key=visit.value("key") or None)
    except Refused as refused:
        return counter_page(visit, _controls(visit), _WORDS, refused=refused)
    return go_to("/marriage-declarations?said=declared")
