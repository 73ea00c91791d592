"""预约祭扫: visits to where somebody rests, from the memorial on the case's progress page."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api, CaseNo, Refused
from gateway.web.controls import DATE_PARTS, Control, read_instant
from gateway.web.counter import faults_of, summary_of
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Booker = Annotated[Visit, Depends(Visitor(Action.BOOK_VISIT))]
_HOUR = (*DATE_PARTS, ("hour", "时"))
_SAID = {
    "booked": ("已经约好。", "Booked."),
    "cancelled": ("预约已经取消。", "The visit is cancelled."),
}


def _controls(visit: Visit) -> list[Control]:
    at = {part: visit.value(f"/starts_at#{part}") for part, _ in _HOUR}
    return [
        Control("/starts_at", "什么时候来", "instant", label_en="When", required=True, value=at, parts=_HOUR,
                help="整点开始，在开放时间里，最多提前一年。"),
        Control("/people", "几个人来", "text", label_en="How many", required=True, longest=2, digits="numeric",
                value=visit.value("/people")),
    ]  # fmt: skip


@router.get("/cases/{case_no}/memorial/{procedure}")
async def visits_page(case_no: CaseNo, procedure: UUID, visit: Booker) -> Response:
    return await _page(visit, case_no, procedure)


async def _page(visit: Visit, case_no: str, procedure: UUID, refused: Refused | None = None) -> Response:
    found: Any = await Api(visit).get(f"/api/v1/memorials/{procedure}/visits")
    controls = [replace(one, faults=faults_of(one, refused)) for one in _controls(visit)]
    lines = summary_of(controls, refused)
    return page(
        visit, "visits.html", status=refused.status if refused else 200, title="预约祭扫", case_no=case_no,
        procedure=procedure, found=found, controls=controls, faults=lines, faulty=bool(lines), key=uuid4().hex,
        said=_SAID.get(visit.request.query_params.get("said", "")),
    )  # fmt: skip


@router.post("/cases/{case_no}/memorial/{procedure}")
async def book(case_no: CaseNo, procedure: UUID, visit: Booker) -> Response:
    people = visit.value("/people")
    body = {
        "starts_at": read_instant(visit, "/starts_at") or "", "people": int(people) if people.isdecimal() else people,
    }  # fmt: skip
    try:
        await Api(visit).post(f"/api/v1/memorials/{procedure}/visits", body, key=visit.value("key") or None)
    except Refused as refused:
        return await _page(visit, case_no, procedure, refused)
    return go_to(f"/cases/{case_no}/memorial/{procedure}?said=booked")


@router.post("/cases/{case_no}/memorial/{procedure}/cancel/{booked}")
async def cancel(case_no: CaseNo, procedure: UUID, booked: UUID, visit: Booker) -> Response:
    await Api(visit).delete(f"/api/v1/memorial-visits/{booked}")
    return go_to(f"/cases/{case_no}/memorial/{procedure}?said=cancelled")
