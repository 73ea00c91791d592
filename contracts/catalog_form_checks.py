"""What a life event's form and evidence must fulfil beyond their schema: pointers, choices, conditions."""

from collections.abc import Iterator

from contracts.catalog import FormField, LifeEvent
from contracts.catalog_faults import CatalogueFault
from contracts.catalog_schema import Read
from contracts.catalog_yaml import Path

_CHOICES = ("choice", "choices")
_INSTANTS = ("instant", "date")


def form_faults(read: Read[LifeEvent]) -> list[CatalogueFault]:
    """Faults of the form, the subject, the instant and the evidence."""
    found = [*_subject(read.model)]
    for name, section in read.model.form.items():
        for key, field in section.fields.items():
            path: Path = ("form", name, "fields", key)
            found += _choices(field, path)
            found += _required_unless(field, section.fields, path)
    found += _evidence(read)
    return [read.document.fault(path, zh, en) for path, zh, en in found]


def _subject(event: LifeEvent) -> Iterator[tuple[Path, str, str]]:
    if event.subject not in event.form:
        yield ("subject",), f"表单没有「{event.subject}」部分", f"the form has no section {event.subject!r}"
    instant = event.question(event.occurred_at)
    if not isinstance(instant, FormField) or instant.type not in _INSTANTS:
        yield (
            ("occurred_at",),
            f"「{event.occurred_at}」不是表单里的时间或日期",
            f"{event.occurred_at!r} is no instant or date of the form",
        )


def _choices(field: FormField, path: Path) -> Iterator[tuple[Path, str, str]]:
    if field.type in _CHOICES and not field.choices:
        yield path, "选择题没有选项", "a choice without choices"
    if field.type not in _CHOICES and field.choices:
        yield (
            (*path, "choices"),
            f"「{field.type}」没有选项",
            f"a field of type {field.type!r} has no choices",
        )
    if field.type == "choice" and field.default is not None and field.default not in (field.choices or {}):
        yield (*path, "default"), "默认值不在选项里", "the default is not among the choices"


def _required_unless(
    field: FormField, siblings: dict[str, FormField], path: Path
) -> Iterator[tuple[Path, str, str]]:
    for name, value in (field.required_unless or {}).items():
        place = (*path, "required_unless", name)
        if name not in siblings:
            yield place, f"同一部分没有「{name}」这一项", f"the section has no field {name!r}"
        elif siblings[name].choices and value not in (siblings[name].choices or {}):
            yield place, f"「{value}」不是「{name}」的选项", f"{value!r} is not a choice of {name!r}"


def _evidence(read: Read[LifeEvent]) -> Iterator[tuple[Path, str, str]]:
    event = read.model
    types = {row.type for row in event.procedures} | read.lost
    for kind in event.evidence.confirmed_by:
        if kind not in types:
            place: Path = ("evidence", "confirmed_by", kind)
            yield place, f"没有「{kind}」这个事项", f"there is no procedure {kind!r}"
    for index, kind in enumerate(event.evidence.life_signs):
        if kind not in types:
            place = ("evidence", "life_signs", index)
            yield place, f"没有「{kind}」这个事项", f"there is no procedure {kind!r}"
    subject = event.form.get(event.subject)
    for index, name in enumerate(event.evidence.matches):
        if subject is not None and name not in subject.fields:
            place = ("evidence", "matches", index)
            yield place, f"表单没有「{name}」这一项", f"the subject's section has no field {name!r}"
    for index, pointer in enumerate(event.evidence.papers):
        if event.question(pointer) is None:
            place = ("evidence", "papers", index)
            yield place, f"表单没有「{pointer}」", f"the form lacks {pointer!r}"
