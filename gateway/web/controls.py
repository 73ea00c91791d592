"""Questions as controls: from a field of the catalogue, or from the JSON Schema of a decision's data.

A control's name in the form is its JSON Pointer; the parts of a date are `pointer#year` and so on. Reading gives the
raw answer as the API takes it, or None when nothing was answered.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.catalog import FormField
from gateway.web import words
from gateway.web.visit import Visit

DATE_PARTS = (("year", "年"), ("month", "月"), ("day", "日"))
INSTANT_PARTS = (*DATE_PARTS, ("hour", "时"), ("minute", "分"))
_YES_NO = (("yes", "是"), ("no", "否"))
_AUTOCOMPLETE = {"phone": "tel"}
_DIGITS = {"phone": "tel", "bank_account": "numeric"}


@dataclass(frozen=True, slots=True)
class Said:
    """A fault of one control, in words."""

    message: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What the template draws. `value`: a text, a mapping of date parts, or the chosen codes."""

    name: str
    label: str
    shape: str
    value: Any = ""
    label_en: str = ""
    help: str = ""
    required: bool = False
    faults: Sequence[Said] = ()
    choices: Sequence[tuple[str, str]] = ()
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    parts: Sequence[tuple[str, str]] = ()
    longest: int = 200
    digits: str = ""
    autocomplete: str = "off"
    kind: str = field(default="")

    @property
    def id(self) -> str:
        return "f" + re.sub(r"[^A-Za-z0-9]+", "-", self.name)


_SHAPES = {"choice": "one", "boolean": "one", "choices": "many", "region": "select", "date": "date",
           "instant": "instant", "phone": "tel"}  # fmt: skip


def question(
    pointer: str, asked: FormField, answer: Any, *, faults: Sequence[Said] = (), near: str = ""
) -> Control:
    """A field of the catalogue's form. `near`: the visitor's region, whose places come first."""
    shape = _SHAPES.get(asked.type, "text")
    choices = _YES_NO if asked.type == "boolean" else tuple((asked.choices or {}).items())
    return Control(
        name=pointer, label=asked.title, label_en=asked.title_en, help=asked.help, shape=shape,
        value=_drawn(shape, asked, answer), faults=faults,
        required=asked.required or bool(asked.required_unless) or asked.default is not None,
        choices=choices, groups=places(near) if shape == "select" else (),
        parts=INSTANT_PARTS if shape == "instant" else DATE_PARTS, longest=asked.max_length,
        digits=_DIGITS.get(asked.type, ""), autocomplete=_AUTOCOMPLETE.get(asked.type, "off"), kind=asked.type,
    )  # fmt: skip


def _drawn(shape: str, asked: FormField, answer: Any) -> Any:
    if shape in ("date", "instant"):
        return _split(answer)
    if shape == "one":
        given = {True: "yes", False: "no"}.get(answer, answer) if asked.type == "boolean" else answer
        return (given,) if given is not None else (asked.default,)
    if shape == "many":
        return tuple(answer or ())
    return answer or ""


def _split(answer: Any) -> Mapping[str, str]:
    """The parts of `2026-03-01T09:05:00+08:00` (or of a date); what was typed wrongly comes back as it was."""
    found = re.fullmatch(r"(.*?)-(.*?)-(.*?)(?:T(.*?):(.*?)(?::.*)?)?", str(answer or ""))
    values = found.groups() if found else ()
    return {part: value for (part, _), value in zip(INSTANT_PARTS, values, strict=False) if value}


def read_question(visit: Visit, pointer: str, asked: FormField) -> Any:
    """What was posted for the field."""
    if asked.type == "choices":
        return visit.values(pointer) or None
    if asked.type in ("date", "instant"):
        return _joined(visit, pointer, with_time=asked.type == "instant")
    given = visit.value(pointer)
    if asked.type == "boolean":
        return {"yes": True, "no": False}.get(given)
    return given or None


def read_instant(visit: Visit, pointer: str) -> str | None:
    """An instant as posted in parts; None when nothing was typed."""
    return _joined(visit, pointer, with_time=True)


def _joined(visit: Visit, pointer: str, *, with_time: bool) -> str | None:
    """`2026-03-01T09:05:00+08:00`; a missing minute is the full hour, everything else must be given."""
    parts = INSTANT_PARTS if with_time else DATE_PARTS
    given = {part: visit.value(f"{pointer}#{part}") for part, _ in parts}
    if not any(given.values()):
        return None
    padded = {part: value.zfill(2) if value.isdigit() else value for part, value in given.items()}
    day = f"{given['year']}-{padded['month']}-{padded['day']}"
    return f"{day}T{padded['hour']}:{padded['minute'] or '00'}:00+08:00" if with_time else day


def places(near: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Counties (and townships where they are known) by city: the visitor's own region, province and county first."""
    tree = words.catalogue().tree
    groups: dict[str, list[tuple[str, str]]] = {}
    regions = words.catalogue().regions.values()
    for region in sorted(
        regions, key=lambda one: (not tree.contains(one.code, near), one.code[:2] != near[:2])
    ):
        for county in sorted(region.counties, key=lambda one: one.code != near[:6]):
            group = groups.setdefault(tree.full_name(county.city), [])
            group.append((county.code, county.name))
            group += [(township.code, f"{county.name} · {township.name}") for township in county.townships]
    return tuple((name, tuple(codes)) for name, codes in groups.items())


# --- decisions ------------------------------------------------------------------------------------------------------


def data_controls(
    schema: Mapping[str, Any],
    prefix: str,
    given: Mapping[str, Any] | None = None,
    faults: Mapping[str, Said] | None = None,
) -> tuple[Control, ...]:
    """One control for each property of a decision's `data_schema`."""
    required = schema.get("required", ())
    return tuple(
        _data_control(
            f"{prefix}/{name}",
            name,
            rule,
            name in required,
            (given or {}).get(name),
            (faults or {}).get(name),
        )
        for name, rule in schema.get("properties", {}).items()
    )


def _data_control(
    pointer: str, name: str, rule: Mapping[str, Any], required: bool, answer: Any, fault: Said | None
) -> Control:
    shape, choices = _data_shape(rule)
    label = rule.get("title", words.member_name(name)).replace("（分）", "（元）")
    value: Any = answer if answer is not None else ""
    if shape in ("date", "instant"):
        value = _split(answer)
    elif shape in ("one", "many"):
        chosen = answer if isinstance(answer, list) else [{True: "yes", False: "no"}.get(answer, answer)]
        value = tuple(str(one) for one in chosen if one is not None)
    elif shape == "long":
        value = "\n".join(answer or ())
    elif name.endswith("_fen") and isinstance(answer, int):
        value = f"{answer // 100}.{answer % 100:02}"
    return Control(
        name=pointer, label=label, shape=shape, value=value, required=required, faults=(fault,) if fault else (),
        help=_data_help(rule, shape), choices=choices, longest=rule.get("maxLength", 2000 if shape == "long" else 60),
        parts=INSTANT_PARTS if shape == "instant" else DATE_PARTS,
        digits="decimal" if rule.get("type") in ("integer", "number") else "",
    )  # fmt: skip


def _data_shape(rule: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    if rule.get("type") == "boolean":
        return "one", _YES_NO
    if "enum" in rule:
        return "one", tuple((str(code), words.code(code)) for code in rule["enum"])
    if rule.get("type") == "array":
        options = rule.get("items", {}).get("enum")
        return ("many", tuple((str(code), words.code(code)) for code in options)) if options else ("long", ())
    return {"date": "date", "date-time": "instant"}.get(rule.get("format", ""), "text"), ()


def _data_help(rule: Mapping[str, Any], shape: str) -> str:
    if shape == "long":
        return "每行写一个。"
    if rule.get("pattern") == r"^\d{4}-\d{2}$":
        return "写成 2026-03 这样。"
    return rule.get("description", "")


def read_data(visit: Visit, schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """A decision's data as posted; unanswered properties are left out, money typed in 元 becomes fen."""
    read = {
        name: _read_datum(visit, f"{prefix}/{name}", name, rule)
        for name, rule in schema.get("properties", {}).items()
    }
    return {name: value for name, value in read.items() if value is not None}


def _read_datum(visit: Visit, pointer: str, name: str, rule: Mapping[str, Any]) -> Any:
    shape, _ = _data_shape(rule)
    if shape == "many":
        return visit.values(pointer) or None
    if shape == "long":
        return [line.strip() for line in visit.value(pointer).splitlines() if line.strip()] or None
    if shape in ("date", "instant"):
        return _joined(visit, pointer, with_time=shape == "instant")
    given = visit.value(pointer)
    if rule.get("type") == "boolean":
        return {"yes": True, "no": False}.get(given)
    if rule.get("type") in ("integer", "number") and given:
        return _number(given, fen=name.endswith("_fen"))
    return given or None


def _number(text: str, *, fen: bool) -> Any:
    """Fen from `1,050.5` 元, an integer else; a text that is no number stays, and the API says what is wrong."""
    found = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,2}))?", text.replace(",", "").replace("，", ""))
    if found is None or (found[2] and not fen):
        return text
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if fen else int(found[1])
