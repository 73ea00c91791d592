"""A life event's form as JSON Schema (draft 2020-12), with Chinese titles and help, for every front end."""

from typing import Any

from contracts.catalog import FormField, FormSection, LifeEvent

PHONE_PATTERN = r"^(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?|\+[0-9]{6,15})$"
REGION_PATTERN = r"^[0-9]{6}([0-9]{6})?$"
BANK_ACCOUNT_PATTERN = r"^[0-9]{8,32}$"
CERTIFICATE_PATTERN = r"^[0-9A-Z\-]{4,40}$"

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "name": {"type": "string", "minLength": 1},
    "id_number": {"type": "string"},
    "phone": {"type": "string", "pattern": PHONE_PATTERN},
    "bank_account": {"type": "string", "pattern": BANK_ACCOUNT_PATTERN},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "region": {"type": "string", "pattern": REGION_PATTERN},
    "choice": {"type": "string"},
    "choices": {"type": "array", "uniqueItems": True},
    "certificate_no": {"type": "string", "pattern": CERTIFICATE_PATTERN},
}


def json_schema(life_event: LifeEvent) -> dict[str, Any]:
    """The form's schema. `x-labels` gives the Chinese label of each choice, `x-asked` when a family is asked."""
    sections = {name: _section(section) for name, section in life_event.form.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": life_event.name,
        "x-title-en": life_event.name_en,
        "description": life_event.title,
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, section in life_event.form.items() if section.required],
        "properties": sections,
    }


def _section(section: FormSection) -> dict[str, Any]:
    one: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, field in section.fields.items() if field.required],
        "properties": {name: _field(field) for name, field in section.fields.items()},
    }
    unless = [_unless(name, field) for name, field in section.fields.items() if field.required_unless]
    if unless:
        one["allOf"] = unless
    head = _titles(section.title, section.title_en, section.help)
    if not section.many:
        return {**head, **one}
    return {**head, "type": "array", "maxItems": section.most, "items": one}


def _field(field: FormField) -> dict[str, Any]:
    schema = {**_titles(field.title, field.title_en, field.help), **_TYPES[field.type]}
    if field.type == "choice":
        schema["enum"] = list(field.choices or {})
    elif field.type == "choices":
        schema["items"] = {"type": "string", "enum": list(field.choices or {})}
    elif schema["type"] == "string" and field.type not in ("date", "instant", "region"):
        schema["maxLength"] = field.max_length
    if field.choices:
        schema["x-labels"] = dict(field.choices)
    if field.default is not None:
        schema["default"] = field.default
    if field.source is not None:
        schema["x-source"] = field.source
    return {**schema, "x-asked": field.asked}


def _unless(name: str, field: FormField) -> dict[str, Any]:
    """`name` is required unless a sibling has the value given."""
    exempt = {sibling: {"const": value} for sibling, value in (field.required_unless or {}).items()}
    return {
        "if": {"anyOf": [{"properties": {key: test}, "required": [key]} for key, test in exempt.items()]},
        "else": {"required": [name]},
    }


def _titles(title: str, title_en: str, text: str) -> dict[str, Any]:
    head = {"title": title}
    if title_en:
        head["x-title-en"] = title_en
    if text:
        head["description"] = text
    return head
