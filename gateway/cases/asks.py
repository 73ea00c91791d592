"""The gateway's own tasks: opened and closed as the planner asks (design 4 and 5).

`identity_doubt`, `evidence_refused`, `condition_unknown`, `sign_revocation` and `manual_path` (one for each special
case, R29, its reason among the facts) stand as long as the plan asks for them;
`content_conflict` (a typed value against a verified one, one issuer's against another's) is opened by a report or a
correction and stands until it is decided.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import text

from casework.limits import Times, times
from contracts.outcomes import Task
from contracts.terms import Limit, LimitUnit, StepDecision
from gateway.cases.board import as_json
from gateway.cases.planner.model import Ask
from gateway.cases.standing import OWNER, Standing, parsed
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.sealing import Sealed, Sealer

# [D] no source gives these limits: an ordinary question within three working days, a doubt the next one.
_WITHIN = {"sign_revocation": 1, "identity_doubt": 1, "evidence_refused": 1}
_ROLES = {"sign_revocation": "county_supervisor"}
_COUNTY_DIGITS = 6

_REASON = {"type": "object", "additionalProperties": False, "properties": {}}


def _choice(id_: str, name: str, *, ends: str = "done", reason: bool = False) -> StepDecision:
    needed = reason or ends != "done"
    return StepDecision.model_validate(
        {"id": id_, "name": name, "ends": ends, "data": _REASON, "needs_reason": needed}
    )


NAMES = {
    "identity_doubt": ("核实身份", "Confirm the identity"),
    "evidence_refused": ("核实死亡事实", "Settle what the issuer refused"),
    "condition_unknown": ("补充办理条件", "Answer an open condition"),
    "sign_revocation": ("签署撤销", "Sign the revocation"),
    "content_conflict": ("核对不一致的内容", "Compare differing content"),
    "manual_path": ("特殊情形，人工办理", "Work a special case"),
}
DECISIONS: dict[str, tuple[StepDecision, ...]] = {
    "identity_doubt": (
        _choice("same_person", "是同一人，继续办理"),
        _choice("not_this_person", "不是同一人，撤销本件", ends="refused"),
    ),
    "evidence_refused": (
        _choice("seek_again", "请签发部门再次核实"),
        _choice("not_dead", "事件不成立，撤销本件", ends="refused"),
    ),
    "condition_unknown": (_choice("yes", "符合条件"), _choice("no", "不符合条件", ends="refused")),
    "sign_revocation": (_choice("sign", "同意撤销"), _choice("decline", "不同意", ends="refused")),
    "content_conflict": (
        _choice("keep", "保留已核实的内容"),
        _choice("correct", "按新填写的内容更正", ends="refused"),
    ),
    "manual_path": (
        _choice("continue", "已人工处理，继续办理", reason=True),
        _choice("end", "转线下办理，本件到此为止", ends="refused"),
    ),
}

_OPEN = text("""
    INSERT INTO gateway_tasks (id, case_id, procedure, kind, role, region, facts, sealed, opened_at, due_at, half_at,
                               warn_at, provisional, next_check_at)
    SELECT id, case_id, procedure, kind, role, region, facts, sealed, opened_at, due_at, half_at, warn_at, provisional,
           half_at
    FROM json_populate_recordset(NULL::gateway_tasks, CAST(:tasks AS json)) ON CONFLICT DO NOTHING""")
_CONFLICTS = text("""
    SELECT sealed FROM gateway_tasks WHERE case_id = :case AND kind = 'content_conflict' AND closed_at IS NULL
    AND facts->>'said_by' IS NOT DISTINCT FROM CAST(:said_by AS text)""")
_CLOSE = text("""
    UPDATE gateway_tasks t SET closed_at = :at, closed_by = coalesce(t.closed_by, :actor), version = t.version + 1
    FROM unnest(CAST(:cases AS uuid[]), CAST(:kinds AS text[]), CAST(:rows AS uuid[]), CAST(:codes AS text[]))
        AS gone (case_id, kind, row, code)
    WHERE t.case_id = gone.case_id AND t.kind = gone.kind AND t.procedure IS NOT DISTINCT FROM gone.row
      AND (gone.code IS NULL OR t.facts->>'reason' = gone.code) AND t.closed_at IS NULL""")


async def stand(
    tx: Transaction,
    opened: Sequence[tuple[Standing, Ask]],
    closed: Sequence[tuple[Standing, Ask]],
    *,
    at: datetime,
    actor: str,
    calendar: WorkingCalendar,
) -> None:
    """Open and close tasks of many cases; no statement when nothing changed."""
    if closed:
        parameters = {
            "at": at, "actor": actor, "cases": [standing.id for standing, _ in closed],
            "kinds": [ask.kind for _, ask in closed], "rows": [ask.row for _, ask in closed],
            "codes": [ask.code for _, ask in closed],
        }  # fmt: skip
        await tx.execute(_CLOSE, parameters)
    if opened:
        await open_tasks(tx, [_record(standing, ask, at, calendar) for standing, ask in opened])


def _record(standing: Standing, ask: Ask, at: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    """The task of one question. A proof from elsewhere is signed by the county (R29), the rest is the window's."""
    path = next((one for one in standing.case.event.manual_paths if one.id == ask.code), None)
    if path is None:
        return task_record(standing, ask.kind, ask.row, at, calendar)
    names = {row.type: row.name for row in standing.case.event.procedures}
    concerned = {
        "waits": path.waits,
        "not_for": path.not_for,
        "proves": (path.proves,) if path.proves else (),
    }
    facts: dict[str, Any] = {"reason": path.id, "name": path.name}
    facts |= {key: [names[one] for one in some if one in names] for key, some in concerned.items() if some}
    task = task_record(standing, ask.kind, ask.row, at, calendar, facts=facts)
    role = "county_supervisor" if path.proves else task["role"]
    return {**task, "id": uuid5(task["id"], path.id), "role": role}


async def ask_about(
    tx: Transaction,
    standing: Standing,
    values: Mapping[str, Any],
    at: datetime,
    *,
    sealer: Sealer,
    calendar: WorkingCalendar,
    said_by: str | None = None,
) -> None:
    """A word against a verified answer: a task, never an overwrite; the same question stands once.

    `values` by pointer, kept sealed; `said_by`: the department whose word it is, if one vouches for it.
    """
    for asked in (await tx.execute(_CONFLICTS, {"case": standing.id, "said_by": said_by})).scalars():
        if sealer.open(Sealed.model_validate(parsed(asked)), standing.id, OWNER) == values:
            return
    facts: dict[str, Any] = {"pointers": sorted(values)}
    if said_by is not None:
        facts |= {
            "said_by": said_by,
            "vouched_by": sorted({standing.vouchers[one] for one in values if one in standing.vouchers}),
        }
    sealed = sealer.seal(values, standing.id, OWNER).model_dump(mode="json")
    task = task_record(standing, "content_conflict", None, at, calendar, facts=facts, sealed=sealed)
    # Several may be asked between two changes of the case: the id cannot follow from its progress.
    await open_tasks(tx, [{**task, "id": uuid4()}])


async def open_tasks(tx: Transaction, tasks: Sequence[dict[str, Any]]) -> None:
    """Insert tasks; one that stands already is left as it is."""
    await tx.execute(_OPEN, {"tasks": as_json(tasks)})


def task_record(
    standing: Standing,
    kind: str,
    row: UUID | None,
    at: datetime,
    calendar: WorkingCalendar,
    *,
    facts: dict[str, Any] | None = None,
    sealed: Any = None,
) -> dict[str, Any]:
    """A new task at the county of acceptance, with its limit's marks. Its id follows from case, kind, row, commit."""
    marks = marks_of(kind, at, calendar)
    return {
        "id": uuid5(standing.id, f"task/{kind}/{row}/{standing.progress}"), "case_id": standing.id, "procedure": row,
        "kind": kind, "role": _ROLES.get(kind, "window_clerk"), "region": standing.region[:_COUNTY_DIGITS],
        "facts": facts or {}, "sealed": sealed, "opened_at": at, "due_at": marks.due_at,
        "half_at": marks.half_at, "warn_at": marks.warn_at, "provisional": marks.provisional,
    }  # fmt: skip


def marks_of(kind: str, opened_at: datetime, calendar: WorkingCalendar) -> Times:
    """50, 80 and 100 % of the time for a question of that kind."""
    limit = Limit.model_validate(
        {"amount": _WITHIN.get(kind, 3), "unit": LimitUnit.WORKING_DAY, "from": "step"}
    )
    return times(limit, starts={"step": opened_at}, calendar=calendar)


def as_task(row: Any) -> Task:
    """A gateway task in the shape of an owner's task."""
    return Task(
        id=row.id, step=row.kind, name=NAMES[row.kind][0], role=row.role, region=row.region, opened_at=row.opened_at,
        due_at=row.due_at, provisional=row.provisional, decisions=DECISIONS[row.kind], facts=row.facts,
    )  # fmt: skip
