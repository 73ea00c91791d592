"""待签批的津贴: grants that came after a death was recorded, signed or refused by the county."""

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
Signer = Annotated[Visit, Depends(Visitor(Action.CHECK_GRANT))]
_SAID = {
    "pay": ("已签批，补发到去世当月。", "Signed: paid through the month of death."),
    "refuse": ("已签批，不发。", "Signed: refused."),
}


@router.get("/grant-checks")
async def grant_checks(visit: Signer) -> Response:
    return await _page(visit)


async def _page(visit: Visit, refused: Refused | None = None) -> Response:
    query = visit.request.query_params
    found: Any = await Api(visit).get("/api/v1/allowances/in-check", after=query.get("after"), limit=50)
    return page(
        visit, "grant_checks.html", status=refused.status if refused else 200, title="待签批的津贴", found=found,
        refused=refused, faulty=refused is not None, said=_SAID.get(query.get("said", "")), key=uuid4().hex,
    )  # fmt: skip


@router.post("/grant-checks/{allowance}")
async def check(allowance: UUID, visit: Signer) -> Response:
    decision = "pay" if visit.value("decision") == "pay" else "refuse"
    body = {"decision": decision, "reason": visit.value("reason")}
    key = visit.value("key")
    try:
        await Api(visit).post(
            f"/api/v1/allowances/{allowance}/check", body, key=f"{key}-{decision}" if key else None
        )
    except Refused as refused:
        return await _page(visit, refused)
    return go_to(f"/grant-checks?said={decision}")
