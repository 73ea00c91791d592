"""What an issuer's proof says of the person and the event, held against the form (design 4). Pure.

The proof names fields of the subject's section. Name, number, sex and birth date that differ leave the identity in
doubt; another instant of the event, or another certificate than the form's, corrects the form; what nobody had
answered is filled in. A proof that cannot be read is doubted too: it is looked at by a person, never passed over.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.catalog import FormField, LifeEvent
from contracts.conditions import value_at
from contracts.form_answers import AnswerRefused, read_answer
from contracts.forms import clean_form
from contracts.outcomes import OwnerState
from gateway.cases.answers import APPLICANT
from gateway.cases.forms import with_changes
from gateway.cases.standing import Standing
from gateway.cases.vouching import vouched
from gateway.exchange.changes import Change
from gateway.exchange.delivery import Delivery
from kernel.public_service.sealing import Sealer

MISMATCH = "identity_mismatch"
UNREADABLE = "evidence_unreadable"


@dataclass(frozen=True, slots=True)
class Certificate:
    """`doubt`: why a person has to look, or None. By pointer: `changes` correct, `fills` answer what was open.

    `agrees`: what the issuer says as the form has it, and vouches for from now on.
    """

    doubt: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    fills: Mapping[str, Any] = field(default_factory=dict)
    agrees: frozenset[str] = frozenset()


def speaks(event: LifeEvent, data: Mapping[str, Any]) -> bool:
    """Whether the answer says anything of the person or the event."""
    return any(pointer.rsplit("/", 1)[1] in data for pointer in _pointers(event))


def read_certificate(
    event: LifeEvent,
    form: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    now: datetime,
    regions: Container[str],
) -> Certificate:
    """Hold the proof against the form."""
    try:
        said = _said(event, data, regions)
    except AnswerRefused:
        return Certificate(doubt=UNREADABLE)
    differs = {pointer: value for pointer, value in said.items() if value_at(form, pointer) != value}
    fills = {pointer: value for pointer, value in differs.items() if value_at(form, pointer) is None}
    changes = {pointer: value for pointer, value in differs.items() if pointer not in fills}
    if changes.keys() & set(_matching(event)):
        return Certificate(doubt=MISMATCH)
    papers = set(event.evidence.papers)
    if differs.keys() - papers and not _fits(event, with_changes(form, differs), now, regions):
        return Certificate(doubt=UNREADABLE)
    return Certificate(changes=changes, fills=fills, agrees=frozenset(said.keys() - differs.keys()))


def _fits(event: LifeEvent, form: Mapping[str, Any], now: datetime, regions: Container[str]) -> bool:
    """Whether the form with the proof's answers could have been submitted: no death before birth or in the future."""
    optional = () if APPLICANT in form else (APPLICANT,)
    return not clean_form(event, form, now=now, regions=regions, optional_sections=optional)[1]


def doubted(change: Change, reason: str) -> Change:
    """The proof was given, but not about this person as far as anybody can see: it stays stuck until a person looks."""
    return Change(tuple(_stuck(row, reason) for row in change.updated), change.created)


def _stuck(row: Delivery, reason: str) -> Delivery:
    if not row.current or row.outcome is not OwnerState.DONE:
        return row
    return replace(row, outcome=OwnerState.STUCK, reason=reason, signal="identity_doubt")


def fill_in(standing: Standing, department: str, certificate: Certificate, sealer: Sealer) -> None:
    """The issuer's word for what he agrees to, and for what nobody had answered: progress, so the version stays."""
    form = standing.form(sealer)
    fills = {
        pointer: value for pointer, value in certificate.fills.items() if value_at(form, pointer) is None
    }
    if fills:
        standing.rewrite(with_changes(form, fills), sealer)
    said = {*fills, *certificate.agrees}
    standing.verified = tuple(sorted({*standing.verified, *said}))
    standing.vouchers = vouched(standing.vouchers, department, said, fills)


def _matching(event: LifeEvent) -> list[str]:
    return [f"/{event.subject}/{name}" for name in event.evidence.matches]


def _pointers(event: LifeEvent) -> list[str]:
    return [*_matching(event), event.occurred_at, *event.evidence.papers]


def _said(event: LifeEvent, data: Mapping[str, Any], regions: Container[str]) -> dict[str, Any]:
    """The proof's answers in the form's spelling, by pointer. Raises AnswerRefused."""
    said = {}
    for pointer in _pointers(event):
        question, raw = event.question(pointer), data.get(pointer.rsplit("/", 1)[1])
        if isinstance(question, FormField) and (value := read_answer(question, raw, regions)) is not None:
            said[pointer] = value
    return said
