"""What Pydantic found, said in Chinese and English with a JSON Pointer and what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.errors import FieldError

Wording = tuple[str, str, str, str, str]  # code, Chinese, English, how in Chinese, how in English

_EXACT: Mapping[str, Wording] = {
    "missing": ("required", "必填。", "This is required.", "请填写这一项。", "Fill it in."),
    "extra_forbidden": (
        "unknown_field", "没有这个字段。", "There is no such field.",
        "请删除它，或核对字段名。", "Remove it, or check its name.",
    ),
    "string_too_short": (
        "too_short", "内容太短，至少 {min_length} 个字符。", "Too short: at least {min_length} characters.",
        "请补充内容。", "Write more.",
    ),
    "string_too_long": (
        "too_long", "内容太长，最多 {max_length} 个字符。", "Too long: at most {max_length} characters.",
        "请缩短内容。", "Write less.",
    ),
    "string_pattern_mismatch": (
        "wrong_format", "格式不符合要求。", "This does not have the required form.",
        "请按接口文档的格式填写。", "Use the form that the interface document gives.",
    ),
    "too_short": (
        "too_few", "项目太少，至少 {min_length} 项。", "Too few: at least {min_length} items.",
        "请补充。", "Add more.",
    ),
    "too_long": (
        "too_many", "项目太多，最多 {max_length} 项。", "Too many: at most {max_length} items.",
        "请分次提交。", "Send fewer at once.",
    ),
    "greater_than": ("too_small", "应大于 {gt}。", "Must be greater than {gt}.", "请改正数值。", "Correct the value."),
    "greater_than_equal": (
        "too_small", "不能小于 {ge}。", "Must be at least {ge}.", "请改正数值。", "Correct the value.",
    ),
    "less_than": ("too_large", "应小于 {lt}。", "Must be less than {lt}.", "请改正数值。", "Correct the value."),
    "less_than_equal": (
        "too_large", "不能大于 {le}。", "Must be at most {le}.", "请改正数值。", "Correct the value.",
    ),
    "enum": (
        "not_one_of", "只能是：{expected}。", "Must be one of: {expected}.", "请选择其中一项。", "Choose one of these.",
    ),
    "literal_error": (
        "not_one_of", "只能是：{expected}。", "Must be one of: {expected}.", "请选择其中一项。", "Choose one of these.",
    ),
    "union_tag_invalid": (
        "not_one_of", "类型只能是：{expected_tags}。", "The kind must be one of: {expected_tags}.",
        "请选择其中一项。", "Choose one of these.",
    ),
    "timezone_aware": (
        "time_without_offset", "时间须带时区，如 2026-03-01T09:00:00+08:00。",
        "An instant needs its offset, like 2026-03-01T09:00:00+08:00.", "请补上 +08:00。", "Add +08:00.",
    ),
    "value_error": ("invalid", "内容不正确。", "This is not valid.", "请核对后改正。", "Check and correct it."),
}  # fmt: skip

_BY_START: Sequence[tuple[str, Wording]] = (
    ("string_", ("not_text", "应为文字。", "Must be text.", "请填写文字。", "Give a string.")),
    ("int_", ("not_integer", "应为整数。", "Must be an integer.", "请填写整数，不带小数。", "Give a whole number.")),
    ("float_", ("not_number", "应为数字。", "Must be a number.", "请填写数字。", "Give a number.")),
    ("finite_number", ("not_number", "应为有限的数字。", "Must be a finite number.", "请填写数字。", "Give a number.")),
    ("decimal_", ("not_number", "应为数字。", "Must be a number.", "请填写数字。", "Give a number.")),
    ("bool_", ("not_boolean", "应为 true 或 false。", "Must be true or false.", "请改正。", "Correct it.")),
    ("uuid_", ("not_an_id", "编号格式不正确。", "This is not a valid id.", "请核对编号。", "Check the id.")),
    ("date_", ("not_a_date", "日期不存在或格式不对，应如 2026-03-01。", "No such date, or not like 2026-03-01.",
               "请按 年-月-日 填写。", "Write year-month-day.")),
    ("datetime_", ("not_an_instant", "时间不存在或格式不对，应如 2026-03-01T09:00:00+08:00。",
                   "No such instant, or not like 2026-03-01T09:00:00+08:00.", "请按示例填写。", "Write it as shown.")),
    ("time_", ("not_a_time", "时刻格式不对。", "This is not a time.", "请按 09:00:00 填写。", "Write 09:00:00.")),
    ("timezone_", ("time_without_offset", "时间须带时区，如 +08:00。", "An instant needs its offset, like +08:00.",
                   "请补上 +08:00。", "Add +08:00.")),
    ("model_", ("not_an_object", "应为一个对象。", "Must be an object.", "请用 {{…}} 形式。", "Give a JSON object.")),
    ("dict_", ("not_an_object", "应为一个对象。", "Must be an object.", "请用 {{…}} 形式。", "Give a JSON object.")),
    ("list_", ("not_a_list", "应为一个列表。", "Must be a list.", "请用 […] 形式。", "Give a JSON array.")),
    ("tuple_", ("not_a_list", "应为一个列表。", "Must be a list.", "请用 […] 形式。", "Give a JSON array.")),
    ("set_", ("not_a_list", "应为一个列表。", "Must be a list.", "请用 […] 形式。", "Give a JSON array.")),
)  # fmt: skip
_OTHER = _EXACT["value_error"]


def field_errors(
    found: Sequence[Mapping[str, Any]], *, start: tuple[str, ...] = ()
) -> tuple[FieldError, ...]:
    """Pydantic's `errors()` as FieldErrors. `start` is put before each place (a form inside a body, say).

    A validator of our own may raise `PydanticCustomError(code, english, {"zh": …, "how": …, "how_en": …})`: its words
    are used as they stand.
    """
    return tuple(_field_error(error, (*start, *error["loc"])) for error in found)


def request_field_errors(found: Sequence[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """FastAPI's errors, whose places begin with `body`, `query`, `path` or `header`; pointers leave `body` out."""
    places = [error["loc"][1:] if error["loc"][:1] == ("body",) else error["loc"] for error in found]
    return tuple(_field_error(error, place) for error, place in zip(found, places, strict=True))


def _field_error(error: Mapping[str, Any], place: Sequence[str | int]) -> FieldError:
    context: Mapping[str, Any] = error.get("ctx") or {}
    where = pointer(place)
    if "zh" in context:
        return FieldError(
            where, str(error["type"]), str(context["zh"]), str(error["msg"]),
            str(context.get("how", "")), str(context.get("how_en", "")),
        )  # fmt: skip
    code, zh, en, how, how_en = _wording(str(error["type"]))
    return FieldError(where, code, _fill(zh, context), _fill(en, context), _fill(how, {}), _fill(how_en, {}))


def _wording(kind: str) -> Wording:
    if kind in _EXACT:
        return _EXACT[kind]
    return next((words for start, words in _BY_START if kind.startswith(start)), _OTHER)


def _fill(sentence: str, context: Mapping[str, Any]) -> str:
    try:
        return sentence.format_map(context)
    except KeyError:
        return sentence.split("：")[0].split(":")[0]


def pointer(place: Sequence[str | int]) -> str:
    """`("deceased", "name")` → `/deceased/name`; `("query", "limit")` → `/query/limit`."""
    parts = [str(part) for part in place]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
