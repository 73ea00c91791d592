"""What every decision of the gateway's own tasks must keep: it is one of the task's, with a reason where one is asked.

Owners check theirs against the catalogue (`casework.decision_data`): those decisions may carry data.
"""

from collections.abc import Sequence

from contracts.acts import TaskDecision
from contracts.terms import StepDecision
from kernel.errors import FieldError, Unprocessable, invalid


def check_choice(
    choices: Sequence[StepDecision], act: TaskDecision, *, reason_missing: tuple[str, str, str, str]
) -> None:
    """Raises Unprocessable: for an unknown decision alone, else for a missing reason and needless data together.

    `reason_missing` says what kind of reason is wanted: message and way out, each in Chinese and English.
    """
    chosen = next((one for one in choices if one.id == act.decision), None)
    if chosen is None:
        raise invalid(
            "/decision", "unknown_decision", "没有这个处理选项。", "There is no such decision.",
            "请从待办给出的选项中选择。", "Choose one of the task's decisions.",
        )  # fmt: skip
    faults = []
    if chosen.needs_reason and not (act.reason or "").strip():
        faults.append(FieldError("/reason", "required", *reason_missing))
    if act.data:
        faults.append(
            FieldError(
                "/data", "unknown_field", "这个选项没有其他内容。", "This decision takes no data.",
                "请删除 data。", "Remove data.",
            )
        )  # fmt: skip
    if faults:
        raise Unprocessable(errors=faults)
