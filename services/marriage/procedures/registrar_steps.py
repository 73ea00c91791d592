"""The registrar's steps, where the law leaves the decision to a person (Civil Code 51, 1051; R43)."""

from typing import Any

from contracts.terms import Step, StepDecision, UndoReason

DECIDE = "decide_marriage"
REVIEW = "review_later_marriage"

_DOCUMENT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["document_no"],
    "properties": {"document_no": {"type": "string", "title": "文书编号", "minLength": 1, "maxLength": 100}},
}
_DECLARED: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["declared_on"],
    "properties": {"declared_on": {"type": "string", "format": "date", "title": "书面声明日期"}},
}
_NOTHING: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}


def decide_step(reason: UndoReason | None) -> Step:
    """Whether a marriage stands again that no rule can decide on; what may be decided depends on the reason."""
    ways = [
        StepDecision(id="restore", name="恢复原婚姻关系", ends="done", data=_DOCUMENT, needs_reason=True),
        StepDecision(id="keep_ended", name="不恢复，保留注记", ends="done", data=_NOTHING, needs_reason=True),
    ]
    if reason is UndoReason.COURT_REVOKED:
        ways.append(
            StepDecision(id="declared_unwilling", name="配偶已书面声明不愿恢复", ends="done", data=_DECLARED)
        )
    else:
        ways.append(
            StepDecision(
                id="later_void", name="后一婚姻已确认无效，恢复原婚姻关系", ends="done", data=_DOCUMENT,
                needs_reason=True,
            )
        )  # fmt: skip
    return Step(
        id=DECIDE, name="核实配偶现状，决定婚姻关系", actor="registrar", level="county", decisions=tuple(ways)
    )


def review_step() -> Step:
    """The corrected day of death lies after the survivor's next marriage: whether that one is valid is looked into."""
    looked = StepDecision(id="reviewed", name="已核实并记录", ends="done", data=_NOTHING, needs_reason=True)
    return Step(id=REVIEW, name="核实后一婚姻的效力", actor="registrar", level="county", decisions=(looked,))
