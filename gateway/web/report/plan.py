"""Which page asks what: the layout of `pages.yaml` over the form of the catalogue. Nothing is asked twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from contracts.catalog import FormField, FormSection, LifeEvent
from contracts.conditions import value_at

_LAYOUT = Path(__file__).with_name("pages.yaml")


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One page: some fields, or a whole section of which there may be many. `task` None: a first question."""

    id: str
    title: str
    title_en: str
    task: str | None
    fields: tuple[str, ...] = ()
    section: str | None = None
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    lead: str = ""
    lead_en: str = ""

    def applies(self, form: Mapping[str, Any]) -> bool:
        """Whether earlier answers call for this page."""
        return all(value_at(form, pointer) in values for pointer, values in self.when.items())

    def concerns(self, pointer: str) -> bool:
        """Whether a fault at this pointer of the form is to be mended here."""
        if self.section is not None:
            return pointer == f"/{self.section}" or pointer.startswith(f"/{self.section}/")
        return pointer in self.fields


@dataclass(frozen=True, slots=True)
class ReportTask:
    """An entry of the task list and its pages."""

    id: str
    title: str
    title_en: str
    pages: tuple[QuestionPage, ...]


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """All pages of one life event, first questions first."""

    first: tuple[QuestionPage, ...]
    tasks: tuple[ReportTask, ...]

    @property
    def pages(self) -> tuple[QuestionPage, ...]:
        return (*self.first, *(page for task in self.tasks for page in task.pages))

    def page(self, page_id: str) -> QuestionPage | None:
        """The page of that id."""
        return next((page for page in self.pages if page.id == page_id), None)

    def after(self, page: QuestionPage, form: Mapping[str, Any]) -> QuestionPage | None:
        """The next page of the same task (or of the first questions) that earlier answers call for."""
        group = [other for other in self.pages if other.task == page.task]
        rest = group[group.index(page) + 1 :]
        return next((other for other in rest if other.applies(form)), None)

    def where(self, pointer: str) -> QuestionPage | None:
        """Where a faulty answer can be mended."""
        return next((page for page in self.pages if page.concerns(pointer)), None)


@lru_cache
def layouts() -> Mapping[str, Any]:
    """The layouts by life event."""
    read: Mapping[str, Any] = yaml.safe_load(_LAYOUT.read_text(encoding="utf-8"))
    return read


def plan_of(event: LifeEvent) -> ReportPlan:
    """The pages of a life event; a layout is not needed, fields that none names come by themselves."""
    layout = layouts().get(event.id, {})
    first = [_page(entry, entry["id"], None, entry) for entry in layout.get("first", ())]
    tasks = [_task(entry) for entry in layout.get("tasks", ())]
    named = {
        pointer for page in (*first, *(p for task in tasks for p in task.pages)) for pointer in page.fields
    }
    named |= {page.section for task in tasks for page in task.pages if page.section}
    for section_id, section in event.form.items():
        _add_rest(section_id, section, named, first, tasks)
    return ReportPlan(tuple(first), tuple(tasks))


def _task(entry: Mapping[str, Any]) -> ReportTask:
    pages = []
    for number, page in enumerate(entry["pages"]):
        page_id = entry["id"] if number == 0 else f"{entry['id']}-{number + 1}"
        pages.append(_page(page, page_id, entry["id"], entry))
    return ReportTask(entry["id"], entry["title"], entry["title_en"], tuple(pages))


def _page(entry: Mapping[str, Any], page_id: str, task: str | None, words: Mapping[str, Any]) -> QuestionPage:
    return QuestionPage(
        id=page_id, title=words["title"], title_en=words["title_en"], task=task, fields=tuple(entry.get("fields", ())),
        section=entry.get("section"), when={key: tuple(values) for key, values in entry.get("when", {}).items()},
        lead=words.get("lead", ""), lead_en=words.get("lead_en", ""),
    )  # fmt: skip


def _add_rest(
    section_id: str, section: FormSection, named: set[Any], first: list[QuestionPage], tasks: list[ReportTask]
) -> None:
    """Pages for what the layout does not name."""
    words = {"title": section.title, "title_en": section.title_en}
    if section.many:
        if section_id not in named:
            page = _page({"section": section_id}, section_id, section_id, words)
            tasks.append(ReportTask(section_id, section.title, section.title_en, (page,)))
        return
    left = {pointer: asked for pointer, asked in _fields(section_id, section) if pointer not in named}
    early = tuple(pointer for pointer, asked in left.items() if asked.asked == "first")
    late = tuple(pointer for pointer, asked in left.items() if asked.asked == "details")
    if early:
        first.append(_page({"fields": early}, f"{section_id}-first", None, words))
    if late:
        page = _page({"fields": late}, f"{section_id}-rest", f"{section_id}-rest", words)
        tasks.append(ReportTask(f"{section_id}-rest", section.title, section.title_en, (page,)))


def _fields(section_id: str, section: FormSection) -> Iterator[tuple[str, FormField]]:
    return ((f"/{section_id}/{name}", asked) for name, asked in section.fields.items())
