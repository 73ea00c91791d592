"""The queue: list tasks, read one with the answers it needs, decide (api.md, tasks)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime

from contracts.acts import TaskDecision
from contracts.catalog import FormField, LifeEvent
from gateway.cases import queries, task_queries, views
from gateway.cases.api.case_routes import shown
from gateway.cases.api.models import CaseShown, DecisionGiven, ProcedureShown, Region, TaskPage, TaskShown
from gateway.cases.api.pages import After, Limit, bad_cursor, from_cursor, to_cursor
from gateway.cases.decisions import Decided
from gateway.cases.forms import read_fields
from gateway.desk import Desk, ThisDesk
from kernel.idempotency import RequestKey, idempotent, kept_answer, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, Role, authorize, requires
from kernel.public_service.identifiers import mask_id_number
from kernel.web.routing import Router

router = Router(prefix="/api/v1/tasks", tags=["tasks"])
Worker = Annotated[Actor, Depends(requires(Action.LIST_TASKS))]
Decider = Annotated[Actor, Depends(requires(Action.DECIDE_TASK))]
Key = Annotated[RequestKey, Depends(request_key)]
_SECRET = frozenset({"id_number", "bank_account", "certificate_no"})


@router.get("", response_model=None, responses={200: {"model": TaskPage}})
async def list_tasks(
    desk: ThisDesk, actor: Worker,
    owner: Annotated[str | None, Query(max_length=60)] = None,
    region: Annotated[Region | None, Query()] = None,
    due_before: Annotated[AwareDatetime | None, Query()] = None,
    life_event: Annotated[str | None, Query(max_length=60)] = None,
    escalation: Annotated[Literal["half", "reminded", "county"] | None, Query()] = None,
    limit: Limit = 50, after: After = None,
) -> dict[str, Any]:  # fmt: skip
    """待办列表，先到期的在前。Open tasks in the reader's scope, most urgent first; colours as of now.

    `escalation`: only those that have come so far (county: the county supervisor's own queue of what is late).
    """
    marks = views.escalation_marks(escalation) if escalation else 0
    chosen = task_queries.TaskFilter(
        owner, region, due_before, life_event, _position(after), limit, escalation=marks
    )
    async with desk.open() as tx:
        rows = await task_queries.list_tasks(tx, chosen, actor)
        events = await desk.plans.of(tx, {row["plan"] for row in rows})
    now = desk.clock.now()
    page = rows[:limit]
    items = [
        task_queries.task_view(row, name=_name(events[row["plan"]], row["type"]), actor=actor, now=now)
        for row in page
    ]
    return {
        "items": items,
        "next": to_cursor(*task_queries.cursor_of(page[-1])) if len(rows) > limit else None,
    }


def _name(event: LifeEvent, kind: str | None) -> str | None:
    return event.row(kind).name if kind else None


def _position(after: str | None) -> tuple[str, UUID] | None:
    parts = from_cursor(after, 2)
    if parts is None:
        return None
    try:
        if parts[0] != "infinity" and datetime.fromisoformat(parts[0]).tzinfo is None:
            raise bad_cursor()
        return parts[0], UUID(parts[1])
    except ValueError as error:
        raise bad_cursor() from error


@router.get("/{task_id}", response_model=None, responses={200: {"model": TaskShown}})
async def read_task(
    task_id: UUID, desk: ThisDesk, actor: Worker,
    purpose: Annotated[str | None, Query(min_length=2, max_length=200, description="查看完整号码的用途")] = None,
) -> dict[str, Any]:  # fmt: skip
    """一项待办和办理所需的内容。A task with the answers of its row; numbers are masked unless a purpose is stated."""
    async with desk.open() as tx:
        row = await task_queries.required(tx, task_id, actor)
        event = (await desk.plans.of(tx, [row["plan"]]))[row["plan"]]
        view = task_queries.task_view(row, name=_name(event, row["type"]), actor=actor, now=desk.clock.now())
        reveal = purpose is not None and task_queries.may_decide(row, actor)
        if purpose is not None and reveal:
            line = audit.AuditLine(desk.clock.now(), actor.user, "reveal_task", f"task:{task_id}", purpose)
            await audit.record(tx, [line])
        # The operator keeps the queue moving and needs nobody's answers for it.
        view["fields"] = (
            [] if actor.role is Role.OPERATOR else await _fields(tx, desk, row, event, reveal=reveal)
        )
        return view


async def _fields(
    tx: Transaction, desk: Desk, row: Mapping[str, Any], event: LifeEvent, *, reveal: bool
) -> list[dict[str, Any]]:
    """The answers that this row lists, with their titles; no more than its owner receives."""
    pointers = event.row(row["type"]).fields if row["type"] else _subject_fields(event)
    values = (await read_fields(tx, desk.sealer, {row["case_id"]: pointers})).get(row["case_id"], {})
    found = []
    for pointer, value in values.items():
        question = event.question(pointer)
        found.append(
            {
                "pointer": pointer, "title": question.title if question else pointer,
                "value": value if reveal else _masked(question, pointer, value),
            }
        )  # fmt: skip
    return found


def _subject_fields(event: LifeEvent) -> list[str]:
    """What a question about the whole case shows: whom it is about, and what is said to have happened."""
    shown_ = ("name", "id_number", "sex", "birth_date")
    pointers = [f"/{event.subject}/{name}" for name in shown_ if name in event.form[event.subject].fields]
    return [*pointers, event.occurred_at]


def _masked(question: object, pointer: str, value: Any) -> Any:
    """Numbers and accounts masked, in lists of people too."""
    if isinstance(value, list):
        return [
            {name: _masked(None, name, item) for name, item in entry.items()}
            if isinstance(entry, Mapping)
            else entry
            for entry in value
        ]
    secret = isinstance(question, FormField) and question.type in _SECRET
    if isinstance(value, str) and (secret or pointer.rpartition("/")[2] in _SECRET):
        return mask_id_number(value)
    return value


@router.post(
    "/{task_id}/decision", response_model=None,
    responses={200: {"model": ProcedureShown | CaseShown, "description": "办理后的事项 / the procedure after the act"}},
)  # fmt: skip
async def decide(task_id: UUID, given: DecisionGiven, desk: ThisDesk, actor: Decider, key: Key) -> Response:
    """办理一项待办。The owner carries it out; owner away: 503 with Retry-After, nothing queued."""
    async with desk.open() as tx:
        if (kept := await kept_answer(tx, actor.user, key)) is not None:
            return kept
        row = await desk.decisions.find(tx, task_id, actor)
        authorize(actor, Action.DECIDE_TASK, region=row["region"], owner=row["owner"])
        act = TaskDecision(
            decision=given.decision, reason=given.reason, data=given.data, version=given.version,
            acted_by=actor.user, role=actor.role.value, region=actor.region, acted_at=desk.clock.now(),
        )  # fmt: skip
    answer = await desk.decisions.by_owner(row, act, key.key)
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        decided = await desk.decisions.take(tx, row, act, answer, actor)
        return await slot.keep(200, await _after(tx, desk, row["case_no"], decided, actor))


async def _after(tx: Transaction, desk: Desk, case_no: str, decided: Decided, actor: Actor) -> dict[str, Any]:
    """The procedure as it stands now; the case for a question about the whole case."""
    standing = await queries.standing_of(tx, case_no, desk.plans)
    case = await shown(tx, standing, actor, desk.clock.now())
    if decided.procedure is None:
        return case
    return next(one for one in case["procedures"] if one["id"] == str(decided.procedure))
