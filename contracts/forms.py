"""Checks and cleans a submitted form: everything that is wrong at once, each with place, words and remedy.

    form, faults = clean_form(life_event, submitted, now=clock.now(), regions=catalogue.tree)

Clean means: trimmed, half-width, `X` in upper case, instants with +08:00, defaults filled in, and sex and
birth date taken from a resident ID number where the form leaves them open (api.md, death form).
"""

from collections.abc import Callable, Collection, Container, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from contracts.catalog import FormField, FormSection, LifeEvent
from contracts.conditions import value_at
from contracts.form_answers import AnswerRefused, read_answer, read_document_number
from contracts.form_faults import FieldFault, fault
from contracts.form_schema import json_schema
from kernel.errors import Unprocessable
from kernel.public_service.clock import TZ
from kernel.public_service.identifiers import ResidentId, check_resident_id

__all__ = ["FieldFault", "clean_form", "json_schema", "validate_form"]

CheckId = Callable[[str, date], ResidentId]

MOST_FAULTS = 100  # a nonsense form is not answered line by line


def validate_form(
    life_event: LifeEvent,
    form: Any,
    *,
    now: datetime,
    check_id: CheckId = check_resident_id,
    regions: Container[str] | None = None,
    optional_sections: Collection[str] = (),
) -> list[FieldFault]:
    """The faults of `clean_form` alone; empty when the form can be taken."""
    return clean_form(
        life_event, form, now=now, check_id=check_id, regions=regions, optional_sections=optional_sections
    )[1]


def clean_form(
    life_event: LifeEvent,
    form: Any,
    *,
    now: datetime,
    check_id: CheckId = check_resident_id,
    regions: Container[str] | None = None,
    optional_sections: Collection[str] = (),
) -> tuple[dict[str, Any], list[FieldFault]]:
    """The form in one spelling, and every fault (at most 100).

    `optional_sections` may be left out as a whole: a department's report has no applicant. Without `regions` a
    region code is checked for its shape only. The form is usable only when there are no faults.
    """
    if not isinstance(form, Mapping):
        return {}, [fault("", "wrong_type")]
    cleaner = _Cleaner(now.astimezone(TZ), check_id, regions)
    clean: dict[str, Any] = {}
    for name in form:
        if name not in life_event.form:
            cleaner.add(f"/{_escaped(name)}", "unknown_field")
    for name, section in life_event.form.items():
        submitted = form.get(name)
        if submitted is None and (not section.required or name in optional_sections):
            continue
        answers = cleaner.section(section, submitted, f"/{name}")
        # An empty list is an answer: there is nobody. A list that is not sent says nothing.
        if answers or answers == submitted == []:
            clean[name] = answers
    cleaner.event(life_event, clean)
    return clean, cleaner.faults[:MOST_FAULTS]


class _Cleaner:
    """Collects clean answers and faults of one form."""

    def __init__(self, now: datetime, check_id: CheckId, regions: Container[str] | None) -> None:
        self.now = now
        self.check_id = check_id
        self.regions = regions
        self.faults: list[FieldFault] = []

    def add(self, pointer: str, code: str) -> None:
        self.faults.append(fault(pointer, code))

    def section(self, section: FormSection, submitted: Any, pointer: str) -> Any:
        """Clean answers of a section, or of each entry of a list."""
        if not section.many:
            return self._answers(section, submitted if submitted is not None else {}, pointer)
        if not isinstance(submitted, list):
            self.add(pointer, "wrong_type")
            return []
        if len(submitted) > section.most:
            self.add(pointer, "too_many")
            return []
        return [self._answers(section, entry, f"{pointer}/{index}") for index, entry in enumerate(submitted)]

    def _answers(self, section: FormSection, submitted: Any, pointer: str) -> dict[str, Any]:
        if not isinstance(submitted, Mapping):
            self.add(pointer, "wrong_type")
            return {}
        for name in submitted:
            if name not in section.fields:
                self.add(f"{pointer}/{_escaped(name)}", "unknown_field")
        clean: dict[str, Any] = {}
        refused: set[str] = set()
        for name, field in section.fields.items():
            try:
                value = read_answer(field, submitted.get(name), self.regions)
            except AnswerRefused as error:
                self.add(f"{pointer}/{name}", error.code)
                refused.add(name)
                continue
            value = field.default if value is None else value
            if value is not None:
                clean[name] = value
        for name in _unanswered(section.fields, clean):
            if name not in refused:
                self.add(f"{pointer}/{name}", "required")
        self._identity(section.fields, clean, pointer)
        return clean

    def _identity(self, fields: Mapping[str, FormField], clean: dict[str, Any], pointer: str) -> None:
        """Checks the number by its kind; a resident ID also tells sex and birth date where they are left open."""
        number = clean.get("id_number")
        if number is not None and clean.get("id_kind", "resident_id") == "resident_id":
            self._resident(fields, clean, number, pointer)
        elif number is not None:
            try:
                read_document_number(number)
            except AnswerRefused as error:
                self.add(f"{pointer}/id_number", error.code)
        if "birth_date" in clean and clean["birth_date"] > self.now.date().isoformat():
            self.add(f"{pointer}/birth_date", "in_future")

    def _resident(
        self, fields: Mapping[str, FormField], clean: dict[str, Any], number: str, pointer: str
    ) -> None:
        try:
            resident = self.check_id(number, self.now.date())
        except Unprocessable as problem:
            self.faults.extend(
                FieldFault(
                    f"{pointer}/id_number",
                    error.code,
                    error.message,
                    error.message_en,
                    error.how,
                    error.how_en,
                )
                for error in problem.errors
            )
            return
        clean["id_number"] = resident.number
        if "sex" in fields:
            clean.setdefault("sex", resident.sex)
        if "birth_date" in fields:
            clean.setdefault("birth_date", resident.birth_date.isoformat())

    def event(self, life_event: LifeEvent, clean: Mapping[str, Any]) -> None:
        """The event has happened, and not before the person was born."""
        occurred = value_at(clean, life_event.occurred_at)
        if occurred is None:
            return
        question = life_event.question(life_event.occurred_at)
        if isinstance(question, FormField) and question.type == "instant":
            late = datetime.fromisoformat(occurred) > self.now
        else:
            late = occurred > self.now.date().isoformat()
        if late:
            self.add(life_event.occurred_at, "in_future")
        born = value_at(clean, f"/{life_event.subject}/birth_date")
        if born is not None and occurred[:10] < born:
            self.add(life_event.occurred_at, "before_birth")


def _unanswered(fields: Mapping[str, FormField], clean: Mapping[str, Any]) -> Iterator[str]:
    """Fields that must be answered and are not."""
    for name, field in fields.items():
        exempt = any(clean.get(sibling) == value for sibling, value in (field.required_unless or {}).items())
        if name not in clean and (field.required or (field.required_unless and not exempt)):
            yield name


def _escaped(name: object) -> str:
    """A key as part of a JSON Pointer, short and encodable whatever a client sent."""
    text = str(name)[:100].encode("utf-8", "replace").decode("utf-8")
    return text.replace("~", "~0").replace("/", "~1")
