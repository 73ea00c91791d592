"""转到正确的人: the county moves a case that was about the wrong person (gateway/cases/transfer.py)."""

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gateway.web.acts import act_page, reason_control, send
from gateway.web.api_client import Api, CaseNo, Refused
from gateway.web.controls import Control
from gateway.web.rendering import PageRoute, go_to
from gateway.web.visit import Visit, Visitor
from kernel.errors import Forbidden
from kernel.public_service.access import Action, Role
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Revoker = Annotated[Visit, Depends(Visitor(Action.REVOKE))]

_TRANSFER = {
    "part": "subject", "title": "对象有误，转到正确的人", "title_en": "Wrong person: move the case",
    "lead": "县级审核人提交即为签署：对原来的人办过的事项全部恢复，停发的补发；同一份申报转到正确的人名下，"
    "重新核对死亡证明。",
    "lead_en": "Your submission is the signature: all is undone for the first person; the report begins anew for the "
    "right one.",
    "button": "签署并转办", "grave": "yes",
}  # fmt: skip
_KINDS = (
    ("resident_id", "居民身份证"), ("passport", "护照"), ("permit", "通行证、居住证"),
    ("birth_certificate", "出生医学证明"),
)  # fmt: skip
_TEXTS = (
    ("/id_number", "正确的人的证件号码", "Number of the right person", 40),
    ("/name", "正确的人的姓名", "Name of the right person", 100),
    ("/basis", "依据的文书和编号", "Basis", 200),
)


def _controls(visit: Visit) -> list[Control]:
    kind = visit.value("/id_kind") or "resident_id"
    texts = [
        Control(
            name, label, "text", label_en=label_en, required=True, longest=longest, value=visit.value(name)
        )
        for name, label, label_en, longest in _TEXTS
    ]
    return [
        Control("/id_kind", "证件种类", "one", label_en="Document", required=True, choices=_KINDS, value=(kind,)),
        *texts, reason_control(visit),
    ]  # fmt: skip


@router.get("/cases/{case_no}/subject")
async def transfer_page(case_no: CaseNo, visit: Revoker) -> Response:
    """For the county alone: a department asks for a revocation instead."""
    if visit.who.role is not Role.COUNTY_SUPERVISOR:
        raise Forbidden(extra={"action": Action.REVOKE.value})
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    return act_page(visit, case, _controls(visit), _TRANSFER)


@router.post("/cases/{case_no}/subject")
async def transfer(case_no: CaseNo, visit: Revoker) -> Response:
    body = {name: visit.value(f"/{name}") for name in ("id_kind", "id_number", "name", "basis", "reason")}
    try:
        right = await send(visit, case_no, "subject", body)
    except Refused as refused:
        case = await Api(visit).get(f"/api/v1/cases/{case_no}")
        return act_page(visit, case, _controls(visit), _TRANSFER, refused=refused)
    return go_to(f"/cases/{right['case_no']}?said=moved")
