"""What the steps of one row must fulfil: known actors, reachable steps, a way out, a real point of no return."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import jsonschema_rs

from contracts.catalog import ProcedureRow
from contracts.catalog_yaml import Path
from contracts.terms import QUIET, Limit, LimitUnit, Step

# Roles of api.md who decide on tasks of a procedure.
DECIDING_ROLES = (
    "window_clerk",
    "township_officer",
    "village_assistant",
    "county_supervisor",
    "registrar",
    "funeral_home",
    "provider",
    "surveyor",
    "finance",
    "hotline",
)

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

Found = tuple[Path, str, str]


def step_faults(row: ProcedureRow, departments: Collection[str]) -> Iterator[Found]:
    """Faults of the steps, each with its path inside the row."""
    names = [step.id for step in row.steps]
    for index, step in enumerate(row.steps):
        path: Path = ("steps", index)
        if step.id in names[:index]:
            yield (*path, "id"), f"环节「{step.id}」重复", f"step {step.id!r} stands here twice"
        yield from _actor(step, path, row.owner in departments)
        yield from _wait(step, path)
        yield from _targets(step, path, names)
    reached = _reached(row)
    for index, step in enumerate(row.steps):
        if step.id not in reached:
            yield ("steps", index), f"没有路走到环节「{step.id}」", f"step {step.id!r} cannot be reached"
    pnr = row.point_of_no_return
    if pnr is not None and pnr not in names:
        yield ("point_of_no_return",), f"没有「{pnr}」这个环节", f"there is no step {pnr!r}"


def _actor(step: Step, path: Path, at_department: bool) -> Iterator[Found]:
    human = step.actor not in ("system", "department")
    if human and step.actor not in DECIDING_ROLES:
        yield (*path, "actor"), f"没有「{step.actor}」这个岗位", f"there is no role {step.actor!r}"
    if at_department != (step.actor == "department"):
        yield (
            path,
            "部门承办的事项由 department 环节办理，其他单位不能有这种环节",
            "a department's row has department steps, and no other row has",
        )
    if human and not step.decisions:
        yield path, "由人办理的环节没有决定", "a person's step has no decisions"
    if not human and step.decisions:
        yield (*path, "decisions"), f"「{step.actor}」环节没有决定", f"a {step.actor} step has no decisions"
    if step.actor != "system" and step.to is not None:
        yield (*path, "to"), "只有 system 环节才写 to", "only a system step names the next one with `to`"


def _wait(step: Step, path: Path) -> Iterator[Found]:
    """Only the system waits, and whole days or hours: rest days prolong a limit, not a wait."""
    wait = step.not_before
    if wait is None:
        if step.id == QUIET:
            yield path, "静默期环节必须写 not_before", "a quiet step has a wait: `not_before`"
        return
    if step.actor != "system":
        yield (
            (*path, "not_before"),
            "只有 system 环节才写 not_before",
            "only a system step waits with `not_before`",
        )
    yield from wait_faults(wait, (*path, "not_before"))


def wait_faults(wait: Limit, path: Path) -> Iterator[Found]:
    """A wait counts whole days or hours from the event or the acceptance."""
    if wait.unit not in (LimitUnit.CALENDAR_DAY, LimitUnit.HOUR) or wait.counted_from == "step":
        yield (
            path,
            "等待以自然日或小时计，自事件或受理起",
            "a wait counts calendar days or hours from event or acceptance",
        )


def _targets(step: Step, path: Path, names: list[str]) -> Iterator[Found]:
    if step.to is not None and step.to not in names:
        yield (*path, "to"), f"没有「{step.to}」这个环节", f"there is no step {step.to!r}"
    seen: set[str] = set()
    for index, decision in enumerate(step.decisions):
        place = (*path, "decisions", index)
        if decision.id in seen:
            yield (*place, "id"), f"决定「{decision.id}」重复", f"decision {decision.id!r} stands here twice"
        seen.add(decision.id)
        if decision.to is not None and decision.to not in names:
            yield (*place, "to"), f"没有「{decision.to}」这个环节", f"there is no step {decision.to!r}"
        yield from _data(decision.data, (*place, "data"))


def _data(schema: Mapping[str, Any], path: Path) -> Iterator[Found]:
    """The data of a decision is described by a JSON Schema of an object that requires nothing it does not describe."""
    if not schema:
        return
    if not jsonschema_rs.meta.is_valid({"$schema": _DRAFT, **schema}) or schema.get("type") != "object":
        yield path, "data 应是 object 的 JSON Schema", "data is a JSON Schema of an object"
        return
    for name in schema.get("required", ()):
        if name not in schema.get("properties", {}):
            yield (
                (*path, "required"),
                f"data 没有「{name}」",
                f"data requires {name!r} but does not describe it",
            )


def _reached(row: ProcedureRow) -> set[str]:
    following = {
        step.id: {step.to, *(decision.to for decision in step.decisions)} - {None} for step in row.steps
    }
    reached: set[str] = set()
    waiting: list[str] = [row.steps[0].id]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in following:
            reached.add(name)
            waiting.extend(target for target in following[name] if target is not None)
    return reached
