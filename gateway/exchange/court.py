"""A death that a court declares (Civil Code 46–48; R20): on which day the person counts as dead. Pure.

Declared for absence, the day of the judgment is the day of death; declared after an accident, the day of the accident
is. A declaration without its judgment's date, or with another day, is refused with the field: months hang on it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from contracts.catalog import LifeEvent
from contracts.conditions import value_at
from kernel.errors import FieldError, Unprocessable
from kernel.public_service.clock import TZ

COURT = "court"
_MISSING = "missing"


class DeclarationInvalid(Unprocessable):
    """宣告死亡的日期与判决不符。
    The dates of the declaration of death do not fit the judgment."""

    code = "declaration_invalid"


def as_declared(event: LifeEvent, department: str, form: dict[str, Any]) -> dict[str, Any]:
    """The form of a declaration of death: about a missing person, on the day that the law names.

    Any other report comes back as it is. Raises DeclarationInvalid.
    """
    subject = f"/{event.subject}"
    cause = value_at(form, f"{subject}/declaration")
    if cause is None:
        return form
    fault = _fault(cause, department, _day(value_at(form, f"{subject}/judged_on")), _died_on(event, form))
    if fault is not None:
        name, code, zh, en = fault
        how = ("请按判决书填写。", "Give what the judgment says.")
        raise DeclarationInvalid(errors=[FieldError(f"/form{subject}/{name}", code, zh, en, *how)])
    return {**form, event.subject: {**form[event.subject], "circumstance": _MISSING}}


def _fault(
    cause: str, department: str, judged_on: date | None, died_on: date
) -> tuple[str, str, str, str] | None:
    """Field, code and words of what is wrong, or None."""
    if department != COURT:
        zh, en = "只有人民法院可以宣告死亡。", "Only a court declares a death."
        return "declaration", "not_yours", zh, en
    if judged_on is None:
        return "judged_on", "required", "请填写判决作出之日。", "The date of the judgment is missing."
    if cause == "accident" and died_on > judged_on:
        zh = "因意外事件宣告死亡的，意外事件发生之日不能晚于判决之日。"
        return "died_at", "after_the_judgment", zh, "The accident cannot come after the judgment."
    if cause == "absence" and died_on != judged_on:
        zh = "因下落不明宣告死亡的，判决作出之日视为死亡日期。"
        return (
            "died_at",
            "not_the_judgment_day",
            zh,
            "For absence the day of the judgment is the day of death.",
        )
    return None


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _died_on(event: LifeEvent, form: Mapping[str, Any]) -> date:
    """The day of death as the form has it, Asia/Shanghai."""
    return datetime.fromisoformat(str(value_at(form, event.occurred_at))).astimezone(TZ).date()
