"""Filing at the county's desk: what townships decided by a delegated power, and the county's word on each (R01, X6)."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api, Refused
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
County = Annotated[Visit, Depends(Visitor(Action.FILE_DECISIONS))]

STATES = {"to_file": "待备案", "filed": "已备案"}
FINDINGS = {"filed": "备案", "upheld": "核查后维持", "annulled": "核查后撤销"}


@router.get("/filings")
async def filings_page(visit: County) -> Response:
    return await _listed(visit)


async def _listed(visit: Visit, refused: Refused | None = None) -> Response:
    query = visit.request.query_params
    state = query.get("state", "to_file")
    state = state if state in STATES else "to_file"
    found = await Api(visit).get("/api/v1/filings", state=state, after=query.get("after"), limit=50)
    return page(
        visit, "filings.html", status=refused.status if refused else 200, title="下放权限备案", found=found,
        state=state, states=STATES, findings=FINDINGS, refused=refused, key=uuid4().hex, faulty=refused is not None,
    )  # fmt: skip


@router.post("/filings/{procedure}")
async def say(procedure: UUID, visit: County) -> Response:
    version = visit.value("version")
    body = {
        "finding": visit.value("finding"), "reason": visit.value("reason") or None,
        "version": int(version) if version.isdigit() else 0,
    }  # fmt: skip
    try:
        await Api(visit).post(f"/api/v1/filings/{procedure}", body, key=visit.value("key") or None)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        return await _listed(visit, refused)
    return go_to("/filings")
