"""Between a page and the draft's form: reading what was posted, checking it, and drawing it again with its faults."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.catalog import FormField, LifeEvent
from contracts.conditions import value_at
from contracts.forms import FieldFault, validate_form
from gateway.cases.forms import with_changes
from gateway.web import words
from gateway.web.controls import Control, Said, question, read_question
from gateway.web.report.plan import QuestionPage
from gateway.web.visit import Visit

MANY_BLANK = 1


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of an error summary: which question, what is wrong, where to mend it."""

    href: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a section that may have many."""

    number: int
    controls: Sequence[Control]
    filled: bool


def field_at(event: LifeEvent, pointer: str) -> FormField | None:
    """The field that a pointer of the form asks, lists included (`/heirs/0/name`)."""
    parts = pointer.split("/")[1:]
    section = event.form.get(parts[0]) if parts else None
    return section.fields.get(parts[-1]) if section and len(parts) > 1 else None


def label_of(event: LifeEvent, pointer: str) -> str:
    """What the question at the pointer is called."""
    parts = pointer.split("/")[1:]
    asked = field_at(event, pointer)
    section = event.form.get(parts[0]) if parts else None
    if asked is None:
        return section.title if section else "表单"
    if section and section.many and parts[1].isdigit():
        return f"{section.title}（第 {int(parts[1]) + 1} 位）{asked.title}"
    return asked.title


def posted_form(
    visit: Visit, event: LifeEvent, page: QuestionPage, form: Mapping[str, Any], given: Iterable[str]
) -> dict[str, Any]:
    """The draft's form with what this page posted. An answer that was emptied is taken away."""
    if page.section is not None:
        others = {name: part for name, part in form.items() if name != page.section}
        # A page left blank has not said that there is nobody.
        entries = _posted_entries(visit, event, page.section)
        return {**others, page.section: entries} if entries else others
    changes = {}
    for pointer in page.fields:
        asked = field_at(event, pointer)
        if asked is not None and pointer not in given:
            changes[pointer] = read_question(visit, pointer, asked)
    return with_changes(form, changes)


def _posted_entries(visit: Visit, event: LifeEvent, section: str) -> list[dict[str, Any]]:
    """The people of a section, blank ones left out, and the one whose removal was asked for."""
    removed = visit.value("remove")
    entries = []
    for number in range(event.form[section].most):
        answers = {
            name: read_question(visit, f"/{section}/{number}/{name}", asked)
            for name, asked in event.form[section].fields.items()
        }
        answered = {name: value for name, value in answers.items() if value is not None}
        if answered and removed != str(number):
            entries.append(answered)
    return entries


def faults_of(event: LifeEvent, form: Mapping[str, Any], now: datetime) -> list[FieldFault]:
    """Everything that is wrong with the form so far."""
    return validate_form(event, form, now=now, regions=words.catalogue().tree)


def controls_of(
    event: LifeEvent,
    page: QuestionPage,
    form: Mapping[str, Any],
    faults: Sequence[FieldFault],
    *,
    given: Iterable[str] = (),
    near: str = "",
) -> list[Control]:
    """The questions of a page, those left out that the sign-in has answered."""
    drawn = []
    for pointer in page.fields:
        asked = field_at(event, pointer)
        if asked is not None and pointer not in given:
            said = _said(faults, pointer)
            drawn.append(question(pointer, asked, value_at(form, pointer), faults=said, near=near))
    return drawn


def entries_of(
    event: LifeEvent, section: str, form: Mapping[str, Any], faults: Sequence[FieldFault], *, near: str = ""
) -> list[Entry]:
    """The people of a section and an empty place for one more."""
    asked = event.form[section]
    filled = list(form.get(section, ()))[: asked.most]
    blank = MANY_BLANK if len(filled) < asked.most else 0
    entries = []
    for number, answers in enumerate([*filled, *[{} for _ in range(blank)]]):
        controls = []
        for name, one in asked.fields.items():
            pointer = f"/{section}/{number}/{name}"
            controls.append(
                question(pointer, one, answers.get(name), faults=_said(faults, pointer), near=near)
            )
        entries.append(Entry(number, controls, number < len(filled)))
    return entries


def _said(faults: Sequence[FieldFault], pointer: str) -> tuple[Said, ...]:
    return tuple(Said(fault.message, fault.how) for fault in faults if fault.pointer == pointer)


def answer_words(event: LifeEvent, pointer: str, value: Any) -> str:
    """An answer as the check page shows it."""
    asked = field_at(event, pointer)
    if value in (None, "", []):
        return "没有填"
    if asked is None:
        return str(value)
    if asked.type == "boolean":
        return "是" if value else "否"
    if asked.type == "region":
        return words.region_name(value)
    if asked.type == "choices":
        return "、".join((asked.choices or {}).get(one, one) for one in value)
    if asked.type == "choice":
        return (asked.choices or {}).get(value, str(value))
    return words.moment(value) if asked.type == "instant" else str(value)
