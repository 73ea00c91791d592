"""The case's form as pointers and values, and the parts of it that others may read (design 7)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.catalog import LifeEvent
from contracts.conditions import pick, value_at
from gateway.cases.standing import OWNER, parsed
from kernel.errors import invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealed, Sealer

_FORMS = text("SELECT id, form FROM cases WHERE id = ANY(CAST(:ids AS uuid[]))")
_MISSING = object()


def pointers(form: Mapping[str, Any]) -> dict[str, Any]:
    """`{"/deceased/name": …, "/heirs": […]}`: each field of a section, and each section as a whole."""
    found: dict[str, Any] = {}
    for section, content in form.items():
        found[f"/{section}"] = content
        if isinstance(content, Mapping):
            found.update({f"/{section}/{name}": value for name, value in content.items()})
    return found


def changed_pointers(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """Fields (of single sections) and whole lists whose values differ."""
    before, after = _leaves(old), _leaves(new)
    return frozenset(
        pointer for pointer in before.keys() | after.keys()
        if before.get(pointer, _MISSING) != after.get(pointer, _MISSING)
    )  # fmt: skip


def _leaves(form: Mapping[str, Any]) -> dict[str, Any]:
    return {pointer: value for pointer, value in pointers(form).items() if not isinstance(value, Mapping)}


def with_changes(form: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with each pointer set; None takes a value away. Raises 422 for a pointer that leads nowhere."""
    copy = _copy(dict(form))
    for pointer, value in changes.items():
        _set(copy, pointer, value)
    return copy


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _set(form: dict[str, Any], pointer: str, value: Any) -> None:
    parts = pointer.split("/")[1:]
    if not pointer.startswith("/") or not all(parts):
        raise _nowhere(pointer)
    target: Any = form
    for part in parts[:-1]:
        if isinstance(target, dict):
            target = target.setdefault(part, {})
        elif isinstance(target, list) and part.isdigit() and int(part) < len(target):
            target = target[int(part)]
        else:
            raise _nowhere(pointer)
    last = parts[-1]
    if isinstance(target, list):
        _set_item(target, last, value, pointer)
    elif not isinstance(target, dict):
        raise _nowhere(pointer)
    elif value is None:
        target.pop(last, None)
    else:
        target[last] = value


def _set_item(items: list[Any], place: str, value: Any, pointer: str) -> None:
    if place == "-" or (place.isdigit() and int(place) == len(items)):
        items.append(value)
    elif place.isdigit() and int(place) < len(items):
        if value is None:
            items.pop(int(place))
        else:
            items[int(place)] = value
    else:
        raise _nowhere(pointer)


def escaped(pointer: str) -> str:
    """A pointer as one part of another pointer (RFC 6901)."""
    return pointer.replace("~", "~0").replace("/", "~1")


def _nowhere(pointer: str) -> Exception:
    return invalid(
        f"/changes/{escaped(pointer[:200])}", "unknown_field",
        "更正的位置不在表单中。", "This pointer is not in the form.",
        "请使用表单中的位置，例如 /deceased/died_at。", "Use a pointer of the form, such as /deceased/died_at.",
    )  # fmt: skip


def occurred_at(event: LifeEvent, form: Mapping[str, Any]) -> datetime:
    """The instant of the event as the form tells it; a date counts from its first instant, Asia/Shanghai."""
    value = value_at(form, event.occurred_at)
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return instant if instant.tzinfo else instant.replace(tzinfo=TZ)


async def read_fields(
    tx: Transaction, sealer: Sealer, wanted: Mapping[UUID, Iterable[str]]
) -> dict[UUID, dict[str, Any]]:
    """`{case: {pointer: value}}` for just these pointers, in one statement. Values that are not there are left out.

    For the exchange when it pushes or is pulled, and for a task's page: nobody gets more than his rows list.
    """
    found: dict[UUID, dict[str, Any]] = {}
    for case, form in (await tx.execute(_FORMS, {"ids": list(wanted)})).all():
        found[case] = pick(sealer.open(Sealed.model_validate(parsed(form)), case, OWNER), wanted[case])
    return found
