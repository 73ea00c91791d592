"""The task of a special case (R29) in sentences: what it is, what waits, and what follows from each decision. Pure."""

from collections.abc import Mapping
from typing import Any

STEP = "manual_path"
_LEAD = (
    "这件属于特殊情形，不能全部自动办。下面写着哪些事项没有对象、不再办，哪些等您处理后才开始；别的事项照常在办。"
    "请先在线下处理好，写明怎么处理的，再选择下一步。",
    "A special case: part of it is worked by hand. Below stands what has no object and what waits for you; all "
    "else goes on. Work it first, say how, then choose.",
)
# By the decision's id.
FOLLOWS: Mapping[str, str] = {
    "continue": "请写明怎么处理的。提交后，等您处理的事项马上开始办；没有对象的事项不再办。",
    "end": "请写明由谁线下接着办。死亡还没有确认的，等于撤回本件；已经确认的，还要县级签署，办过的事项会恢复。",
}


def lead_of(task: Mapping[str, Any]) -> tuple[str, str] | None:
    """What stands above the facts, Chinese and English; none for other tasks."""
    return _LEAD if task["step"] == STEP else None


def facts_of(task: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without what only programs read: a special case is told by its name, not by its code as well."""
    hidden = ("reason",) if task["step"] == STEP and task["facts"].get("name") else ()
    return {name: value for name, value in task["facts"].items() if name not in hidden}


def follows(task: Mapping[str, Any], decision: str) -> str:
    """What a decision leads to; empty where its name says it."""
    return FOLLOWS.get(decision, "") if task["step"] == STEP else ""
