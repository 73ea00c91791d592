"""What was answered, for a last look before it is sent: by task, the open questions named on one line."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.catalog import LifeEvent
from contracts.conditions import value_at
from gateway.web.report.answers import answer_words, label_of
from gateway.web.report.plan import QuestionPage, ReportPlan


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A question and its answer; `page` None: the sign-in answered it, it is not changed here."""

    label: str
    text: str
    page: str | None


@dataclass(slots=True)
class AnswerGroup:
    """The answers of one first question or task. `open` are questions without an answer, each with its page."""

    title: str
    title_en: str
    lines: list[AnswerLine] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)


def answer_groups(
    event: LifeEvent, plan: ReportPlan, form: Mapping[str, Any], given: Collection[str]
) -> Sequence[AnswerGroup]:
    """Groups in the order in which they were asked; pages that no answer calls for are left out."""
    groups: dict[str, AnswerGroup] = {}
    for page in plan.pages:
        if not page.applies(form):
            continue
        group = groups.setdefault(page.task or page.id, AnswerGroup(page.title, page.title_en))
        lines = _people(event, page, form) if page.section else _fields(event, page, form, given)
        for label, text, where in lines:
            if text is None:
                group.open.append((label, page.id))
            else:
                group.lines.append(AnswerLine(label, text, where))
    return list(groups.values())


Line = tuple[str, str | None, str | None]


def _people(event: LifeEvent, page: QuestionPage, form: Mapping[str, Any]) -> Iterator[Line]:
    section = page.section or ""
    people = form.get(section, [])
    if not people:
        yield event.form[section].title, None, page.id
    for number, person in enumerate(people):
        answers = [answer_words(event, f"/{section}/{number}/{name}", person[name])
                   for name in event.form[section].fields if person.get(name)]  # fmt: skip
        yield f"第 {number + 1} 位", "，".join(answers), page.id


def _fields(
    event: LifeEvent, page: QuestionPage, form: Mapping[str, Any], given: Collection[str]
) -> Iterator[Line]:
    for pointer in page.fields:
        value = value_at(form, pointer)
        text = None if value in (None, "", []) else answer_words(event, pointer, value)
        yield label_of(event, pointer), text, None if pointer in given else page.id
