"""Cases on the pages: the list, the receipt, and the progress page that moves by itself."""

import io
from typing import Annotated, Any

import segno
from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api, CaseNo
from gateway.web.board import board_of, timeline_of
from gateway.web.rendering import PageRoute, page
from gateway.web.visit import Visit, Visitor
from gateway.web.words import REVOCATION_KINDS
from kernel.public_service.access import Action, Role, role_may
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Reader = Annotated[Visit, Depends(Visitor(Action.READ_CASE))]
Lister = Annotated[Visit, Depends(Visitor(Action.LIST_CASES))]

_NO_MORE = frozenset({"withdrawn", "revoked"})
_SAID = {
    "decided": ("已经办理。", "Done."),
    "corrected": ("更正已收到，相关事项正在重新核对。", "The correction is in."),
    "withdrawn": ("撤回已收到。", "The withdrawal is in."),
    "revoked": ("撤销已收到，办过的事项正在恢复。", "The revocation is in."),
    "moved": (
        "已经转到正确的人名下；对原来的人办过的事项正在恢复。",
        "Moved; the first is being restored.",
    ),
    "accept": ("好的，这一项现在开始办。", "It begins now."),
    "decline": ("好的，这一项不办。", "It will not be done."),
}


@router.get("/cases")
async def list_cases(visit: Lister) -> Response:
    query = visit.request.query_params
    found = await Api(visit).get(
        "/api/v1/cases",
        status=query.get("status"),
        region=query.get("region"),
        after=query.get("after"),
        limit=50,
    )
    return page(
        visit, "cases.html", title="我的件" if visit.who.kind == "citizen" else "联办件", found=found,
        chosen_status=query.get("status", ""), may_report=role_may(visit.who.role, Action.REPORT_CASE),
    )  # fmt: skip


@router.get("/cases/{case_no}")
async def progress(case_no: CaseNo, visit: Reader) -> Response:
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    said = _SAID.get(visit.request.query_params.get("said", ""))
    return page(visit, "case.html", title=f"办理进度 {case_no}", **board_context(visit, case), said=said)


@router.get("/cases/{case_no}/board")
async def board_part(case_no: CaseNo, visit: Reader) -> Response:
    """The moving part alone, for the script."""
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    return page(visit, "board.html", title="", **board_context(visit, case))


def board_context(visit: Visit, case: dict[str, Any]) -> dict[str, Any]:
    """What the progress page needs; which buttons show follows from the role (the API decides again)."""
    family = visit.who.kind == "citizen"
    standing = case["status"] not in _NO_MORE
    role = visit.who.role
    return {
        "case": case, "board": board_of(case, family=family), "family": family,
        "timeline": timeline_of(case),
        "may_correct": standing and role_may(role, Action.CORRECT) and role is not Role.DEPARTMENT,
        "may_withdraw": standing and role_may(role, Action.WITHDRAW),
        "may_answer": standing and role_may(role, Action.ANSWER_OFFER),
        "may_revoke": standing and role is Role.COUNTY_SUPERVISOR,
        "revocation_kinds": REVOCATION_KINDS,
    }  # fmt: skip


@router.get("/cases/{case_no}/received")
async def received(case_no: CaseNo, visit: Reader) -> Response:
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    return page(visit, "received.html", title="已经受理", case=case, board=board_of(case, family=True))


@router.get("/cases/{case_no}/qr.svg")
async def receipt_code(case_no: CaseNo, visit: Reader) -> Response:
    """The address of the progress page as a QR code: it opens the sign-in first."""
    drawn = io.BytesIO()
    address = str(visit.request.base_url) + f"cases/{case_no}"
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, xmldecl=False, omitsize=False)
    return Response(drawn.getvalue(), media_type="image/svg+xml")
