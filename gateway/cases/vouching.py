"""Who vouches for which answer: one issuer's word stands against another's until a person decides (design 1). Pure.

`vouchers` maps a pointer of the form to the department that reported or corrected the answer. A department replaces
what it vouches for itself (a higher version of its own report is a correction), what nobody vouches for, and a mere
default; an issuer, whose report confirms, also replaces the word of a department that is none.
"""

from collections.abc import Collection, Mapping
from typing import Any

from contracts.catalog import FormField, LifeEvent


def issuers_of(event: LifeEvent) -> frozenset[str]:
    """The departments that may confirm the event within their competence, and so correct or contest it."""
    return frozenset(department for some in event.evidence.confirmed_by.values() for department in some)


def may_replace(
    event: LifeEvent, vouchers: Mapping[str, str], department: str, pointer: str, stands: Any
) -> bool:
    """Whether the department's other answer replaces the one that stands; else a person has to compare them."""
    voucher = vouchers.get(pointer)
    if voucher in (None, department) or stands in (None, default_of(event, pointer)):
        return True
    issuers = issuers_of(event)
    return department in issuers and voucher not in issuers


def default_of(event: LifeEvent, pointer: str) -> Any:
    """What the form takes for an answer when nobody gave one; it vouches for nothing and contradicts nothing."""
    question = event.question(pointer)
    return question.default if isinstance(question, FormField) else None


def vouched(
    vouchers: Mapping[str, str], department: str, said: Collection[str], changed: Collection[str]
) -> dict[str, str]:
    """Vouchers after a report: of what it changed, and of what nobody vouched for; who said the same first stays."""
    own = {pointer: department for pointer in said if pointer in changed or pointer not in vouchers}
    return {**vouchers, **own}
