"""The pages of a report: begin, questions, task list, check answers, send; saved at every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from contracts.catalog import LifeEvent
from contracts.forms import FieldFault
from gateway.desk import Desk, this_desk
from gateway.web import words
from gateway.web.api_client import Api, Refused
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.report import drafts
from gateway.web.report.answers import (
    SummaryLine,
    controls_of,
    entries_of,
    faults_of,
    label_of,
    posted_form,
)
from gateway.web.report.check import answer_groups
from gateway.web.report.drafts import Draft
from gateway.web.report.plan import QuestionPage, ReportPlan, plan_of
from gateway.web.visit import Visit, Visitor
from kernel.errors import NotFound
from kernel.public_service.access import Action, Role
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Reporter = Annotated[Visit, Depends(Visitor(Action.REPORT_CASE))]

SIGNED_IN_ANSWERS = {"/applicant/name": "name", "/applicant/id_number": "id_number"}


class PageUnknown(NotFound):
    """没有这一页。
    There is no such page."""

    how = "请回到申报的事项列表。"
    how_en = "Go back to the task list of the report."


@dataclass(slots=True)
class Report:
    """A draft in hand: its life event, its pages, and the legal instant it is checked at."""

    visit: Visit
    desk: Desk
    event: LifeEvent
    plan: ReportPlan
    draft: Draft
    now: datetime

    @property
    def address(self) -> str:
        return f"/report/{self.event.id}/{self.draft.id}"

    def faults(self) -> list[FieldFault]:
        return faults_of(self.event, self.draft.form, self.now)

    def page(self, page_id: str) -> QuestionPage:
        """Raises PageUnknown."""
        found = self.plan.page(page_id)
        if found is None:
            raise PageUnknown()
        return found

    def lines(self, faults: Sequence[FieldFault], *, here: bool) -> list[SummaryLine]:
        """The error summary: links to the control on this page, or to the page that asks."""
        lines = []
        for fault in faults:
            asking = self.plan.where(fault.pointer)
            anchor = "#f" + fault.pointer.replace("/", "-").replace("_", "-")
            href = anchor if here or asking is None else f"{self.address}/{asking.id}?back=check{anchor}"
            lines.append(SummaryLine(href, label_of(self.event, fault.pointer), fault.message))
        return lines


def life_event(life_event_id: str) -> LifeEvent:
    """Raises NotFound for a life event that the catalogue lacks."""
    event = words.catalogue().life_events.get(life_event_id)
    if event is None:
        raise NotFound()
    return event


async def open_report(visit: Visit, life_event_id: str, draft_id: UUID) -> Report:
    """The visitor's own draft. Raises NotFound, DraftUnknown."""
    event = life_event(life_event_id)
    desk = this_desk(visit.request)
    async with desk.open() as tx:
        draft = await drafts.read(tx, draft_id, visit.who.user, desk.sealer)
        now = desk.clock.now()
    return Report(visit, desk, event, plan_of(event), draft, now)


async def keep(report: Report) -> None:
    async with report.desk.open() as tx:
        await drafts.save(tx, report.draft, report.visit.who.user, report.desk.sealer)


@router.get("/report/{life_event_id}")
async def begin_page(life_event_id: str, visit: Reporter) -> Response:
    event = life_event(life_event_id)
    desk = this_desk(visit.request)
    async with desk.open() as tx:
        own = await drafts.of_actor(tx, visit.who.user, desk.sealer)
    same = [draft for draft in own if draft.life_event == event.id]
    return page(visit, "report_begin.html", title=event.name, event=event, drafts=same)


@router.post("/report/{life_event_id}")
async def begin(life_event_id: str, visit: Reporter) -> Response:
    event = life_event(life_event_id)
    desk = this_desk(visit.request)
    draft = Draft(uuid4(), event.id, visit.who.region)
    async with desk.open() as tx:
        await _answer_from_sign_in(desk, tx, visit, draft)
        await drafts.save(tx, draft, visit.who.user, desk.sealer)
    return go_to(f"/report/{event.id}/{draft.id}/{plan_of(event).first[0].id}")


async def _answer_from_sign_in(desk: Desk, tx: Any, visit: Visit, draft: Draft) -> None:
    """Name and number of a citizen who signed in are known: they are not asked again."""
    person = visit.who.person
    if visit.who.role is not Role.CITIZEN or person is None:
        return
    known = (await desk.register.details(tx, [person])).get(person, {})
    for pointer, name in SIGNED_IN_ANSWERS.items():
        if known.get(name):
            _, section, answer = pointer.split("/")
            draft.form.setdefault(section, {})[answer] = known[name]
            draft.given.append(pointer)


@router.get("/report/{life_event_id}/{draft_id}")
async def task_list(life_event_id: str, draft_id: UUID, visit: Reporter) -> Response:
    report = await open_report(visit, life_event_id, draft_id)
    unfinished = next((one for one in report.plan.first if one.id not in report.draft.seen), None)
    if unfinished is not None:
        return go_to(f"{report.address}/{unfinished.id}")
    faults = report.faults()
    tasks = [(task, _task_state(report, task.pages, faults)) for task in report.plan.tasks]
    return page(visit, "report_tasks.html", title="还可以告诉我们的", report=report, tasks=tasks)


def _task_state(report: Report, pages: Sequence[QuestionPage], faults: Sequence[FieldFault]) -> str:
    if any(one.concerns(fault.pointer) for one in pages for fault in faults):
        return "needed"
    return "seen" if any(one.id in report.draft.seen for one in pages) else "free"


@router.get("/report/{life_event_id}/{draft_id}/check")
async def check_page(life_event_id: str, draft_id: UUID, visit: Reporter) -> Response:
    report = await open_report(visit, life_event_id, draft_id)
    return _check(report, [])


def _check(report: Report, faults: Sequence[FieldFault], *, status: int = 200) -> Response:
    return page(
        report.visit, "report_check.html", status=status, title="核对后提交", report=report,
        groups=answer_groups(report.event, report.plan, report.draft.form, report.draft.given),
        faults=report.lines(faults, here=False), faulty=bool(faults),
    )  # fmt: skip


@router.post("/report/{life_event_id}/{draft_id}/check")
async def send(life_event_id: str, draft_id: UUID, visit: Reporter) -> Response:
    report = await open_report(visit, life_event_id, draft_id)
    faults = report.faults()
    if faults:
        return _check(report, faults, status=422)
    body = {"life_event": report.event.id, "region": report.draft.region, "form": report.draft.form}
    try:
        case = await Api(visit).post("/api/v1/cases", body, key=f"page-{draft_id}")
    except Refused as refused:
        told = [_as_fault(error) for error in refused.errors if error.field.startswith("/form/")]
        if not told:
            raise
        return _check(report, told, status=422)
    async with report.desk.open() as tx:
        await drafts.delete(tx, draft_id, visit.who.user)
    return go_to(f"/cases/{case['case_no']}/received")


def _as_fault(error: Any) -> FieldFault:
    return FieldFault(
        error.field.removeprefix("/form"), error.code, error.message, error.message_en, error.how
    )


@router.post("/report/{life_event_id}/{draft_id}/discard")
async def discard(life_event_id: str, draft_id: UUID, visit: Reporter) -> Response:
    report = await open_report(visit, life_event_id, draft_id)
    async with report.desk.open() as tx:
        await drafts.delete(tx, draft_id, visit.who.user)
    return go_to(f"/report/{report.event.id}")


@router.get("/report/{life_event_id}/{draft_id}/{page_id}")
async def ask(life_event_id: str, draft_id: UUID, page_id: str, visit: Reporter) -> Response:
    report = await open_report(visit, life_event_id, draft_id)
    one = report.page(page_id)
    asked_before = one.id in report.draft.seen
    faults = [fault for fault in report.faults() if one.concerns(fault.pointer)] if asked_before else []
    return _question_page(report, one, faults)


def _question_page(
    report: Report, one: QuestionPage, faults: Sequence[FieldFault], *, status: int = 200
) -> Response:
    form, given, near = report.draft.form, report.draft.given, report.draft.region
    first = [other.id for other in report.plan.first]
    section = report.event.form[one.section] if one.section else None
    return page(
        report.visit, "report_question.html", status=status, title=one.title, report=report, asking=one,
        controls=controls_of(report.event, one, form, faults, given=given, near=near),
        entries=entries_of(report.event, one.section, form, faults, near=near) if one.section else [],
        section=section, faults=report.lines(faults, here=True), faulty=bool(faults),
        step=(first.index(one.id) + 1, len(first)) if one.id in first else None,
        back=report.visit.request.query_params.get("back", ""),
    )  # fmt: skip


@router.post("/report/{life_event_id}/{draft_id}/{page_id}")
async def answer(life_event_id: str, draft_id: UUID, page_id: str, visit: Reporter) -> Response:
    report = await open_report(visit, life_event_id, draft_id)
    one = report.page(page_id)
    draft = report.draft
    draft.form = posted_form(visit, report.event, one, draft.form, draft.given)
    faults = [fault for fault in report.faults() if one.concerns(fault.pointer)]
    if faults:
        return _question_page(report, one, faults, status=422)
    draft.seen = [*draft.seen, one.id] if one.id not in draft.seen else draft.seen
    await keep(report)
    return go_to(_next_address(report, one))


def _next_address(report: Report, one: QuestionPage) -> str:
    """On to the next question, back to the check, or to the task list."""
    if report.visit.value("add") or report.visit.value("remove"):
        return f"{report.address}/{one.id}"
    following = report.plan.after(one, report.draft.form)
    if report.visit.value("back") == "check" and (following is None or following.id in report.draft.seen):
        return f"{report.address}/check"
    return f"{report.address}/{following.id}" if following else report.address
