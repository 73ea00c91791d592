"""What the rows of a life event must fulfil together: owners, needs, conditions, wishes, pointers."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from contracts.catalog import Condition, Department, FormField, LifeEvent, ProcedureRow, Wish
from contracts.catalog_faults import CatalogueFault
from contracts.catalog_schema import Read
from contracts.catalog_step_checks import step_faults
from contracts.catalog_yaml import Path

Found = tuple[Path, str, str]


def procedure_faults(
    read: Read[LifeEvent], services: Sequence[str], departments: Mapping[str, Department]
) -> list[CatalogueFault]:
    """Every fault of the rows, each alone and all together, and of who may confirm."""
    event = read.model
    known = {row.type for row in event.procedures} | read.lost
    found = [*_repeated(read), *_confirming_departments(event, departments), *_manual_paths(event, known)]
    for row, place in zip(event.procedures, read.places, strict=True):
        path: Path = ("procedures", place)
        owned = [
            *_owner(row, services, departments),
            *_links(row, known),
            *_pointers(row, event),
            *_wish(row, event),
            *_holds(row, departments),
            *_sources(row, event, departments),
        ]
        found += [((*path, *rest), zh, en) for rest, zh, en in [*owned, *step_faults(row, departments)]]
    found += _cycles({row.type: _hard(row) for row in event.procedures}, "needs")
    found += _cycles({row.type: set(row.undo_after) for row in event.procedures}, "undo_after")
    return [read.document.fault(_placed(path, read), zh, en) for path, zh, en in found]


def _placed(path: Path, read: Read[LifeEvent]) -> Path:
    """`("types", name, …)` stands for the row of that type: its position in the file."""
    if path[0] != "types":
        return path
    position = [row.type for row in read.model.procedures].index(str(path[1]))
    return ("procedures", read.places[position], *path[2:])


def _repeated(read: Read[LifeEvent]) -> Iterator[Found]:
    seen: set[str] = set()
    for row, place in zip(read.model.procedures, read.places, strict=True):
        if row.type in seen:
            zh, en = f"事项「{row.type}」重复", f"procedure {row.type!r} stands here twice"
            yield ("procedures", place, "type"), zh, en
        seen.add(row.type)


def _confirming_departments(event: LifeEvent, departments: Mapping[str, Department]) -> Iterator[Found]:
    for kind, confirming in event.evidence.confirmed_by.items():
        for index, department in enumerate(confirming):
            if department not in departments:
                path: Path = ("evidence", "confirmed_by", kind, index)
                yield path, f"没有「{department}」这个部门", f"there is no department {department!r}"


def _manual_paths(event: LifeEvent, known: Collection[str]) -> Iterator[Found]:
    """Special cases read the form and name rows that stand; what one proves is a row that can confirm."""
    for place, path in enumerate(event.manual_paths):
        at: Path = ("manual_paths", place)
        yield from _condition(path.when, event, (*at, "when"), outermost=True)
        for key in ("not_for", "waits"):
            for index, kind in enumerate(getattr(path, key)):
                if kind not in known:
                    yield (*at, key, index), f"没有「{kind}」这个事项", f"there is no procedure {kind!r}"
        if path.proves is not None and path.proves not in event.evidence.confirmed_by:
            yield (*at, "proves"), f"「{path.proves}」不能确认事件", f"{path.proves!r} confirms nothing"


def _owner(
    row: ProcedureRow, services: Sequence[str], departments: Mapping[str, Department]
) -> Iterator[Found]:
    if row.owner not in services and row.owner not in departments:
        yield ("owner",), f"没有「{row.owner}」这个承办单位", f"owner {row.owner!r} is not known"
    elif not row.type.startswith(f"{row.owner}."):
        yield ("type",), f"事项编号应以「{row.owner}.」开头", f"a type of this owner begins with {row.owner}."
    if row.owner in departments:
        for name in ("purpose", "legal_basis"):
            if not getattr(row, name):
                yield (
                    (),
                    f"部门办理的事项要写明「{name}」（R72）",
                    f"a department's row states its {name} (R72)",
                )


def _holds(row: ProcedureRow, departments: Mapping[str, Department]) -> Iterator[Found]:
    """A kind of hold that no department may place would forbid nothing."""
    placed = {kind for department in departments.values() for kind in department.may_hold}
    for index, kind in enumerate(row.held_by):
        if kind not in placed:
            zh, en = f"没有部门可以提出「{kind.value}」暂扣", f"no department may place a {kind.value} hold"
            yield ("held_by", index), zh, en


def _sources(row: ProcedureRow, event: LifeEvent, departments: Mapping[str, Department]) -> Iterator[Found]:
    """A source is a department, asked once, and asked for nothing that the form lacks."""
    asked = [source.department for source in row.sources]
    for index, source in enumerate(row.sources):
        path: Path = ("sources", index)
        if source.department not in departments:
            zh = f"没有「{source.department}」这个部门"
            yield (*path, "department"), zh, f"there is no department {source.department!r}"
        if source.department in asked[:index]:
            zh = f"向「{source.department}」重复查询"
            yield (*path, "department"), zh, f"{source.department!r} is asked twice"
        for place, pointer in enumerate(source.fields):
            if event.question(pointer) is None:
                yield (*path, "fields", place), f"表单没有「{pointer}」", f"the form lacks {pointer!r}"


def _links(row: ProcedureRow, known: Collection[str]) -> Iterator[Found]:
    for group, need in enumerate(row.needs):
        for index, kind in enumerate(need.any):
            if kind not in known:
                path: Path = ("needs", group, "any", index)
                yield path, f"没有「{kind}」这个事项", f"needs the unknown procedure {kind!r}"
    for index, kind in enumerate(row.undo_after):
        if kind not in known:
            yield (
                ("undo_after", index),
                f"没有「{kind}」这个事项",
                f"undone after the unknown procedure {kind!r}",
            )


def _pointers(row: ProcedureRow, event: LifeEvent) -> Iterator[Found]:
    for index, pointer in enumerate(row.fields):
        if event.question(pointer) is None:
            yield ("fields", index), f"表单没有「{pointer}」", f"the form lacks {pointer!r}"
    if row.when is not None:
        yield from _condition(row.when, event, ("when",))


def _condition(
    condition: Condition, event: LifeEvent, path: Path, *, outermost: bool = False
) -> Iterator[Found]:
    inner = len(path) > 1 and not outermost
    if condition.predicate is not None and (inner or outermost):
        yield path, "谓词不能和表单条件组合", "an owner's predicate cannot be combined with conditions"
    if "unknown" in condition.model_fields_set and inner:
        yield (*path, "unknown"), "unknown 只写在最外层", "only the outermost condition states `unknown`"
    if condition.field is not None:
        question = event.question(condition.field)
        if question is None:
            yield (*path, "field"), f"表单没有「{condition.field}」", f"the form lacks {condition.field!r}"
        elif isinstance(question, FormField):
            values = (condition.equals,) if condition.equals is not None else condition.one_of or ()
            yield from _values(question, values, path)
    for name in ("all_of", "any_of"):
        for index, part in enumerate(getattr(condition, name) or ()):
            yield from _condition(part, event, (*path, name, index))
    if condition.negate is not None:
        yield from _condition(condition.negate, event, (*path, "negate"))


def _values(question: FormField, values: Sequence[object], path: Path) -> Iterator[Found]:
    for value in values:
        if question.choices and value not in question.choices:
            yield path, f"「{value}」不是表单的选项", f"{value!r} is not a choice of the form"
        if question.type == "boolean" and not isinstance(value, bool):
            yield path, f"「{value}」应为 true 或 false", f"{value!r} should be true or false"


def _wish(row: ProcedureRow, event: LifeEvent) -> Iterator[Found]:
    if row.origin == "applied" and row.wish is None:
        reason = "依申请的事项要写明 wish（表单不问的写 {pointer: null}）"
        yield (), reason, "an applied row states its wish ({pointer: null} when the form never asks)"
    if row.origin == "ex_officio" and row.wish is not None:
        yield ("wish",), "依职权的事项没有 wish", "an ex officio row has no wish"
    if not isinstance(row.wish, Wish) or row.wish.pointer is None:
        return
    question = event.question(row.wish.pointer)
    if question is None:
        pointer = row.wish.pointer
        yield ("wish", "pointer"), f"表单没有「{pointer}」", f"the form lacks {pointer!r}"
    elif isinstance(question, FormField) and question.choices:
        for name in ("given", "refused", "undecided"):
            if name in row.wish.model_fields_set:
                yield from _values(question, getattr(row.wish, name) or (), ("wish", name))


def _hard(row: ProcedureRow) -> set[str]:
    return {kind for need in row.needs if need.kind == "hard" for kind in need.any}


def _cycles(edges: Mapping[str, set[str]], key: str) -> Iterator[Found]:
    """Each circle once, at the row of it that stands first in the file."""
    told: set[str] = set()
    for start in edges:
        circle = _circle(start, edges)
        if circle and not told.intersection(circle):
            told.update(circle)
            text = " → ".join([*circle, circle[0]])
            zh = f"事项互相等待，成了环：{text}"
            yield ("types", start, key), zh, f"these rows wait for each other: {text}"


def _circle(start: str, edges: Mapping[str, set[str]]) -> list[str]:
    """A way from `start` back to itself, or nothing."""
    stack = [(start, [start])]
    seen: set[str] = set()
    while stack:
        kind, way = stack.pop()
        for following in sorted(edges.get(kind, ())):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                stack.append((following, [*way, following]))
    return []
