"""Whether a human's decision says what its step asks: JSON Schema of the catalogue, faults in two languages."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from contracts.acts import TaskDecision
from contracts.terms import Step, StepDecision
from kernel.errors import FieldError, Unprocessable, invalid

# The schema's keyword → code, Chinese, English.
_MESSAGES: Mapping[str, tuple[str, str, str]] = {
    "required": ("required", "缺少必填内容。", "Something required is missing."),
    "additionalProperties": (
        "unknown_field", "有这一步不需要的内容。", "There is something this step does not take.",
    ),
    "type": ("wrong_type", "内容的类型不对。", "The content is of another type."),
    "enum": ("not_a_choice", "不在可选范围内。", "It is none of the choices."),
    "format": ("wrong_format", "格式不对。", "The format is wrong."),
    "pattern": ("wrong_format", "格式不对。", "The format is wrong."),
    "minimum": ("too_small", "数值太小。", "The number is too small."),
    "maximum": ("too_large", "数值太大。", "The number is too large."),
}  # fmt: skip
_OTHER = ("invalid", "内容不符合这一步的要求。", "The content is not what this step asks for.")
_HOW = ("请按这一步的要求填写后重新提交。", "Fill it in as the decision's schema says and send it again.")


def chosen(step: Step, act: TaskDecision) -> StepDecision:
    """The decision the act names, with reason and data as it asks. Raises Unprocessable with every fault."""
    decision = next((each for each in step.decisions if each.id == act.decision), None)
    if decision is None:
        known = "、".join(each.id for each in step.decisions)
        raise invalid(
            "/decision", "unknown_decision", "这一步没有这种处理方式。", "This step has no such decision.",
            f"可选：{known}", f"One of: {known}",
        )  # fmt: skip
    faults = _data_faults(decision, act.data)
    if decision.needs_reason and not (act.reason or "").strip():
        faults.insert(0, FieldError("/reason", "required", "请写明理由。", "Give the reason.",
                                    "理由会写入告知书。", "It goes into the notice."))  # fmt: skip
    if faults:
        raise Unprocessable(errors=faults)
    return decision


def _data_faults(decision: StepDecision, data: Mapping[str, Any]) -> list[FieldError]:
    if not decision.data:
        return [] if not data else [_fault("/data", "additionalProperties")]
    validator = _validator(orjson.dumps(decision.data, option=orjson.OPT_SORT_KEYS))
    return [fault for error in validator.iter_errors(dict(data)) for fault in _from_error(error)]


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> Any:
    return jsonschema_rs.validator_for(orjson.loads(schema), validate_formats=True)


def _from_error(error: Any) -> list[FieldError]:
    """One fault for each place: the missing member, each member too many, or the value itself."""
    kind = error.kind
    names = [kind.property] if kind.name == "required" else getattr(kind, "unexpected", None)
    places = [(*error.instance_path, name) for name in names] if names else [tuple(error.instance_path)]
    return [_fault("/data" + "".join(f"/{_escaped(part)}" for part in place), kind.name) for place in places]


def _escaped(part: object) -> str:
    """A member's name as part of a JSON Pointer (RFC 6901)."""
    return str(part)[:100].replace("~", "~0").replace("/", "~1")


def _fault(where: str, keyword: str) -> FieldError:
    code, message, message_en = _MESSAGES.get(keyword, _OTHER)
    return FieldError(where, code, message, message_en, *_HOW)
