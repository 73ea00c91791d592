"""The desk: the queue of tasks with its filters, and a task with its decisions, each a plain form of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.desk import this_desk
from gateway.web import words
from gateway.web.api_client import Api, Refused
from gateway.web.board import told
from gateway.web.controls import Control, Said, data_controls, read_data
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.report.answers import SummaryLine
from gateway.web.special_case import facts_of, follows, lead_of
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Clerk = Annotated[Visit, Depends(Visitor(Action.LIST_TASKS))]
Decider = Annotated[Visit, Depends(Visitor(Action.DECIDE_TASK))]

PRESSED = {"reminded": "已提醒", "county": "县里督办"}
DUE = {"1": "一天内到期", "3": "三天内到期", "7": "七天内到期"}


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """One decision: its controls, whether it needs a reason, and what follows from it where the name does not say."""

    id: str
    name: str
    controls: tuple[Control, ...]
    reason: Control
    follows: str = ""


@router.get("/desk")
async def queue(visit: Clerk) -> Response:
    query = visit.request.query_params
    chosen = {name: query.get(name, "") for name in ("owner", "region", "life_event", "due", "pressed")}
    found = await Api(visit).get(
        "/api/v1/tasks", owner=chosen["owner"], region=chosen["region"], life_event=chosen["life_event"],
        due_before=_due_before(visit, chosen["due"]), after=query.get("after"), limit=50,
        escalation=chosen["pressed"] if chosen["pressed"] in PRESSED else None,
    )  # fmt: skip
    owners = [*words.SERVICES, *words.catalogue().departments]
    return page(
        visit, "desk.html", title="待办", found=found, chosen=chosen, owners=owners, due=DUE, pressed=PRESSED,
        events=words.catalogue().life_events.values(), places=_places(visit.who.region),
    )  # fmt: skip


def _due_before(visit: Visit, days: str) -> str | None:
    if days not in DUE:
        return None
    now = this_desk(visit.request).clock.now()
    return (now + timedelta(days=int(days))).isoformat(timespec="seconds")


def _places(region: str) -> list[tuple[str, str]]:
    """The visitor's own region and what lies in it: counties of a city, townships of a county."""
    tree = words.catalogue().tree
    inside = [code for code in tree if code != region and tree.contains(region, code)]
    return [(code, tree.name_of(code)) for code in sorted(inside)][:200]


@router.get("/tasks/{task_id}")
async def task_page(task_id: UUID, visit: Clerk) -> Response:
    task = await Api(visit).get(f"/api/v1/tasks/{task_id}")
    return _task(visit, task)


def _task(visit: Visit, task: Mapping[str, Any], refused: Refused | None = None) -> Response:
    decisions = task["decisions"] if task["may_decide"] else []
    forms = [
        replace(_form(visit, decision, refused), follows=follows(task, decision["id"]))
        for decision in decisions
    ]
    lines = _lines(forms, visit.value("decision"), refused)
    facts = [
        (words.member_name(name), told(task["facts"], name, value))
        for name, value in facts_of(task).items()
        if name != "due_provisional"  # said beside the day itself
    ]
    return page(
        visit, "task.html", status=refused.status if refused else 200, title=task["name"], task=task, forms=forms,
        facts=facts, faults=lines, faulty=bool(lines), refused=refused, key=uuid4().hex, lead=lead_of(task),
    )  # fmt: skip


def _form(visit: Visit, decision: Mapping[str, Any], refused: Refused | None) -> DecisionForm:
    schema, mine = decision["data_schema"], visit.value("decision") == decision["id"]
    given = read_data(visit, schema, f"/{decision['id']}") if mine else {}
    errors = refused.errors if refused is not None and mine else ()
    faults = {error.field.split("/")[2]: Said(error.message, error.how)
              for error in errors if error.field.startswith("/data/")}  # fmt: skip
    said = tuple(Said(error.message, error.how) for error in errors if error.field == "/reason")
    reason = Control(
        f"/{decision['id']}/reason", "理由", "long", label_en="Reason", longest=1000, faults=said,
        required=bool(decision.get("needs_reason")), value=visit.value(f"/{decision['id']}/reason") if mine else "",
    )  # fmt: skip
    controls = data_controls(schema, f"/{decision['id']}", given, faults)
    return DecisionForm(decision["id"], decision["name"], controls, reason)


def _lines(forms: list[DecisionForm], decided: str, refused: Refused | None) -> list[SummaryLine]:
    if refused is None:
        return []
    chosen = [one for form in forms if form.id == decided for one in (*form.controls, form.reason)]
    lines = [SummaryLine(f"#{one.id}", one.label, said.message) for one in chosen for said in one.faults]
    return (
        lines
        or [SummaryLine("#main", "这次提交", error.message) for error in refused.errors]
        or [SummaryLine("#main", "这次提交", refused.detail)]
    )


@router.post("/tasks/{task_id}")
async def decide(task_id: UUID, visit: Decider) -> Response:
    task = await Api(visit).get(f"/api/v1/tasks/{task_id}")
    decision = next((one for one in task["decisions"] if one["id"] == visit.value("decision")), None)
    version = visit.value("version")
    body = {
        "decision": visit.value("decision"), "reason": visit.value(f"/{visit.value('decision')}/reason") or None,
        "data": read_data(visit, decision["data_schema"], f"/{decision['id']}") if decision else {},
        "version": int(version) if version.isdigit() else 0,
    }  # fmt: skip
    try:
        await Api(visit).post(f"/api/v1/tasks/{task_id}/decision", body, key=visit.value("key") or None)
    except Refused as refused:
        return _task(visit, task, refused)
    return go_to(f"/cases/{task['case_no']}?said=decided")
