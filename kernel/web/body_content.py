"""What a JSON body may contain so that PostgreSQL can store it: no NUL, no half characters, no number past bigint.

A body without the tell-tale bytes (nearly every one) costs a few searches; only a suspicious one is parsed
and walked here, to name the field.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from kernel.errors import FieldError, Malformed, Unprocessable
from kernel.web.field_errors import pointer

_BIGINT = 2**63
_MOST_DEPTH = 64
# An escape (NUL, half a character) or a word JSON does not have: searched as plain bytes, which costs next to nothing.
_SUSPICIOUS = (rb"\u0000", rb"\ud", rb"\uD", b"NaN", b"Infinity")
# A number (it follows `:`, `,` or `[`) of 19 digits or with an exponent.
_LARGE_NUMBER = re.compile(rb"[:,\[]\s*-?[0-9](?:[0-9.]{18}|[0-9.]*[eE])")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonMalformed(Malformed):
    """请求体不是合法的 JSON。
    The body is not valid JSON."""

    code = "malformed_json"


def check_json(body: bytes) -> None:
    """Raises JsonMalformed or Unprocessable naming the fields that cannot be stored."""
    may_be_deep = body.count(b"[") + body.count(b"{") > _MOST_DEPTH
    if (
        not may_be_deep
        and not any(mark in body for mark in _SUSPICIOUS)
        and _LARGE_NUMBER.search(body) is None
    ):
        return
    try:
        content = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise JsonMalformed() from error
    faults = list(_faults(content, ()))
    if faults:
        raise Unprocessable(errors=faults[:20])


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _faults(value: Any, place: tuple[str | int, ...]) -> Iterator[FieldError]:
    if len(place) > _MOST_DEPTH:
        raise JsonMalformed("请求体嵌套过深。", "The body is nested too deeply.")
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _text_faults(name, (*place, _shown(name)))
            yield from _faults(member, (*place, _shown(name)))
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _faults(member, (*place, number))
    elif isinstance(value, str):
        yield from _text_faults(value, place)
    elif isinstance(value, int | float) and not isinstance(value, bool) and not -_BIGINT <= value < _BIGINT:
        yield number_too_large(pointer(place))


def _text_faults(value: str, place: tuple[str | int, ...]) -> Iterator[FieldError]:
    if "\x00" in value or _SURROGATE.search(value):
        yield text_not_storable(pointer(place))


def _shown(name: str) -> str:
    return _SURROGATE.sub("?", name.replace("\x00", "?"))


def text_not_storable(field: str) -> FieldError:
    return FieldError(
        field, "text_not_storable", "含有空字符或不完整的字符。", "Contains a NUL or half a character.",
        "请删除看不见的字符后重新输入。", "Remove invisible characters and type it again.",
    )  # fmt: skip


def number_too_large(field: str) -> FieldError:
    return FieldError(
        field, "number_too_large", "数值超出范围。", "The number is out of range.",
        "请填写较小的数值。", "Give a smaller number.",
    )  # fmt: skip
