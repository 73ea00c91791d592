"""幸福清单: what a person and household hold, receive and wait for; found by name or number, never browsed (SA-089).

A search is sent as a form, so that no name and no number stands in an address, a history or a log of addresses.
"""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from sqlalchemy import text
from starlette.responses import Response

from gateway.desk import this_desk
from gateway.notices.messages import sent_to
from gateway.web.api_client import Api, CaseNo, Refused
from gateway.web.controls import Control, Said
from gateway.web.person_view import person_page
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.report.answers import SummaryLine
from gateway.web.visit import Visit, Visitor
from gateway.web.words import PURPOSES
from kernel.errors import NotFound
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Searcher = Annotated[Visit, Depends(Visitor(Action.SEARCH_PEOPLE))]
Reader = Annotated[Visit, Depends(Visitor(Action.READ_PERSON))]
_SUBJECT = text("SELECT subject FROM cases WHERE case_no = :case_no")
_NAMES = ("/name", "/id_number")


@router.get("/people")
async def search_page(visit: Searcher) -> Response:
    return _search(visit)


@router.post("/people")
async def search(visit: Searcher) -> Response:
    """At most twenty exact matches in the searcher's region; the purpose is logged with each of them."""
    purpose = visit.value("/purpose")
    name, number = (visit.value(one) for one in _NAMES)
    if purpose not in PURPOSES or not (name or number):
        missing = "/purpose" if purpose not in PURPOSES else "/name"
        return _search(visit, status=422, fault=missing)
    try:
        found = await Api(visit).get(
            "/api/v1/people", name=name, id_number=number, purpose=PURPOSES[purpose][0]
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return _search(
            visit, status=422, fault="/name", said=refused.errors[0].message if refused.errors else ""
        )
    return _search(visit, found=found["items"], purpose=purpose)


def _search(
    visit: Visit, *, status: int = 200, found: Any = None, purpose: str = "", fault: str = "", said: str = ""
) -> Response:
    """The form, with what is to be mended, or with whom it found."""
    words = {"/purpose": "请选择为什么查。", "/name": said or "请填写姓名或身份证号码，至少一项。"}
    controls = [
        Control("/name", "姓名", "text", label_en="Name", longest=60, value=visit.value("/name")),
        Control("/id_number", "身份证号码", "text", label_en="ID number", longest=40, value=visit.value("/id_number")),
        Control(
            "/purpose", "为什么查", "one", label_en="Why", required=True, value=(visit.value("/purpose"),),
            choices=[(code, name) for code, (name, _) in PURPOSES.items()],
        ),
    ]  # fmt: skip
    drawn = [replace(one, faults=(Said(words[fault]),)) if one.name == fault else one for one in controls]
    faults = [SummaryLine(f"#{one.id}", one.label, said.message) for one in drawn for said in one.faults]
    return page(
        visit, "people.html", status=status, title="查幸福清单", controls=drawn, found=found, purpose=purpose,
        faults=faults, faulty=bool(faults),
    )  # fmt: skip


@router.get("/people/mine")
async def my_page(visit: Reader) -> Response:
    """One's own list."""
    if visit.who.person is None:
        raise NotFound()
    return go_to(f"/people/{visit.who.person}")


@router.get("/people/{person}")
async def person(person: UUID, visit: Reader) -> Response:
    purpose = visit.request.query_params.get("for", "")
    said = PURPOSES[purpose][0] if purpose in PURPOSES else ""
    shown = await Api(visit).get(f"/api/v1/people/{person}", purpose=said)
    return page(
        visit, "person.html", title="幸福清单", one=person_page(shown), messages=await _messages(visit, person),
        mine=visit.who.person == person, purpose=purpose if said else "",
    )  # fmt: skip


async def _messages(visit: Visit, person: UUID) -> Any:
    """What this reader was told: only one's own, so that a number stays with its owner."""
    if visit.who.person != person:
        return []
    desk = this_desk(visit.request)
    async with desk.open() as tx:
        return await sent_to(tx, person, sealer=desk.sealer)


@router.get("/cases/{case_no}/person")
async def person_of_case(case_no: CaseNo, visit: Reader) -> Response:
    """The list of the person whom a case is about; who may not read the case learns nothing of it."""
    await Api(visit).get(f"/api/v1/cases/{case_no}")
    desk = this_desk(visit.request)
    async with desk.open() as tx:
        subject = (await tx.execute(_SUBJECT, {"case_no": case_no})).scalar_one()
    return go_to(f"/people/{subject}?for=case")
