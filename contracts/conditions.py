"""Conditions and wishes of catalogue rows over a form. Three-valued: unknown is never taken for false (design 4).

A form is plain JSON: sections of answers. An answer that is missing or null is unknown.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

from contracts.catalog import Condition, ProcedureRow, Wish

WishWord = Literal["given", "absent", "refused"]


def evaluate(condition: Condition, form: Mapping[str, Any]) -> bool | None:
    """True, false or unknown (None), after Kleene: a false part decides `all_of`, a true one `any_of`.

    What to do with unknown is the row's `unknown` and the caller's business. An owner's predicate is unknown here.
    """
    if condition.field is not None:
        return _test(condition, value_at(form, condition.field))
    if condition.all_of is not None:
        return _every(evaluate(part, form) for part in condition.all_of)
    if condition.any_of is not None:
        return _negated(_every(_negated(evaluate(part, form)) for part in condition.any_of))
    if condition.negate is not None:
        return _negated(evaluate(condition.negate, form))
    return None


def wish_of(row: ProcedureRow, form: Mapping[str, Any]) -> WishWord:
    """What the family said about the row: `absent` leaves an applied row offered.

    An ex officio row and a row wished `by_report` are always given. Missing, undecided and empty answers are
    absent, and so is any value that the row does not name.
    """
    if not isinstance(row.wish, Wish):
        return "given" if row.origin == "ex_officio" or row.wish == "by_report" else "absent"
    value = value_at(form, row.wish.pointer) if row.wish.pointer is not None else None
    if value is None or value in ("", [], {}) or _among(value, row.wish.undecided):
        return "absent"
    if _among(value, row.wish.refused):
        return "refused"
    return "given" if row.wish.given is None or _among(value, row.wish.given) else "absent"


def pick(form: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """The answers at the pointers, by pointer; what is missing or null is left out. `/heirs` is the whole list."""
    found = {pointer: value_at(form, pointer) for pointer in pointers}
    return {pointer: value for pointer, value in found.items() if value is not None}


def value_at(form: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901); None when any part of the way is missing."""
    value = form
    for part in _parts(pointer):
        if isinstance(value, dict | Mapping):  # dict first: the check of the abstract class is slow
            value = value.get(part)
        elif isinstance(value, list | tuple) and part.isascii() and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


@lru_cache(maxsize=1024)  # the same few pointers for every case
def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _test(condition: Condition, value: Any) -> bool | None:
    if condition.present is not None:
        return (value is not None and value not in ("", [], {})) == condition.present
    if value is None:
        return None
    if condition.one_of is not None:
        return _among(value, condition.one_of)
    return _same(value, condition.equals)


def _every(parts: Iterable[bool | None]) -> bool | None:
    answers = list(parts)
    if False in answers:
        return False
    return None if None in answers else True


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _among(value: Any, values: Iterable[Any]) -> bool:
    return any(_same(value, other) for other in values)


def _same(value: Any, other: Any) -> bool:
    """JSON equality: `true` is not 1."""
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)
