"""What a person at the county can do when a department does not answer as it should."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.outcomes import Task
from contracts.terms import StepDecision

TaskKind = Literal["silent", "need_more", "wrong_person", "undo_refused", "correction_refused"]

_ASK_AGAIN = StepDecision(id="ask_again", name="再次发送请求", to="answer")
_DONE = StepDecision(id="department_did", name="已向部门核实：已经办结", ends="done", needs_reason=True)
_NOT_DONE = StepDecision(
    id="department_did_not", name="已向部门核实：没有办理", ends="not_applicable", needs_reason=True
)
_REFUSED = StepDecision(id="close_refused", name="按不予办理结束", ends="refused", needs_reason=True)
_STANDS = StepDecision(id="stands", name="原办理结果不变", ends="done", needs_reason=True)

# kind → (name, decisions). Silence is never approval and never refusal (G7): a person asks, and says what was answered.
_KINDS: dict[TaskKind, tuple[str, tuple[StepDecision, ...]]] = {
    "silent": ("部门超时未答复，请联系部门核实", (_ASK_AGAIN, _DONE, _NOT_DONE)),
    "need_more": ("部门要求补充材料，补齐后再次发送", (_ASK_AGAIN, _REFUSED)),
    "wrong_person": ("部门认为人员信息不符，请核对后决定", (_ASK_AGAIN, _DONE, _NOT_DONE)),
    "undo_refused": ("部门未能撤销，请联系部门核实", (_ASK_AGAIN, _DONE)),
    "correction_refused": ("部门未接受更正，请核实", (_ASK_AGAIN, _STANDS)),
}


def make_task(kind: TaskKind, task_id: UUID, *, region: str, opened_at: datetime) -> Task:
    """The task of a county supervisor in the row's region."""
    name, decisions = _KINDS[kind]
    return Task(
        id=task_id, step=kind, name=name, role="county_supervisor", level="county", region=region,
        opened_at=opened_at, decisions=decisions, facts={"cause": kind},
    )  # fmt: skip


def decisions(kind: TaskKind) -> tuple[StepDecision, ...]:
    """What may be decided on a task of that kind."""
    return _KINDS[kind][1]
