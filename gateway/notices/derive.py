"""What is to be told of a case as it stands, and to which role (design 9; catalogue `tells`). Pure.

While the identity is doubted nobody is told anything; while a case is being withdrawn or revoked nothing but its end.
To an applicant whose kinship is not proven no predicate's answer is told (design 7).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.catalog import ProcedureRow
from gateway.cases.handled import status_of
from gateway.cases.planner.model import ENDED, CaseStatus, Row, RowState
from gateway.cases.readers import Sight
from gateway.cases.standing import Standing
from gateway.notices.hours import digest_of
from gateway.notices.topics import LAST_WORDS, Matter, Statement, Told, Topic

APPLICANT = "applicant"
HOUSEHOLD = "household"
HEIRS = "heirs"
LETTER = "letter"  # to the household, by post or by hand

# Recorded, never announced, whatever a catalogue says (design 9).
NEVER_TOLD = frozenset({"marriage.widowed"})
# A question to an officer, not to the family (casework/steps.py).
_OFFICERS_STEP = "supplement"
_ENDINGS = {
    CaseStatus.WITHDRAWN: Topic.WITHDRAWN,
    CaseStatus.REVOKED: Topic.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the board shows of a row beside the planner's values."""

    due_at: datetime | None = None
    step: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with its board at the legal instant `at` of its last change. `told`: every matter told before."""

    standing: Standing
    shown: Mapping[UUID, Shown]
    told: Mapping[Matter, Told]
    at: datetime

    @property
    def proven(self) -> bool:
        """Whether the applicant's kinship is proven."""
        return self.standing.applicant in self.standing.kin


def news(seen: Seen) -> list[Statement]:
    """What stands now and was not the last thing told of its matter."""
    return [one for one in statements(seen) if _latest(seen, one.matter) != one.mark]


def _latest(seen: Seen, matter: Matter) -> str | None:
    told = seen.told.get(matter)
    return told.mark if told else None


def statements(seen: Seen) -> Iterator[Statement]:
    """Everything that a contact of this case ought to know by now."""
    case = seen.standing.case
    if case.status in _ENDINGS:
        yield from _end(seen, _ENDINGS[case.status])
        return
    if case.doubted or case.status in (CaseStatus.WITHDRAWING, CaseStatus.REVOKING):
        return
    if seen.standing.applicant is not None:
        yield Statement(Matter(APPLICANT, Topic.ACCEPTED), None, "accepted", seen.at)
    specs = {spec.type: spec for spec in case.event.procedures}
    for row in case.rows:
        if row.type not in NEVER_TOLD:
            yield from _of_row(seen, row, specs[row.type])
    if seen.standing.applicant is not None and _finished(seen):
        yield Statement(Matter(APPLICANT, Topic.FINISHED), None, f"version {case.version}", seen.at)


def _end(seen: Seen, topic: Topic) -> Iterator[Statement]:
    """One last message to the applicant and to whoever was told anything before."""
    roles = {matter.role for matter, told in seen.told.items() if told.sent}
    if seen.standing.applicant is not None:
        roles.add(APPLICANT)
    for role in sorted(roles):
        yield Statement(Matter(role, topic), None, topic.value, seen.at)


def _finished(seen: Seen) -> bool:
    """As far as the applicant may know it: a hidden row that runs on for months is not betrayed by silence."""
    sight = Sight(family=True, kinship=seen.proven)
    return status_of(seen.standing, sight, at=seen.at) is CaseStatus.FINISHED


def _of_row(seen: Seen, row: Row, spec: ProcedureRow) -> Iterator[Statement]:
    shown = seen.shown.get(row.id, Shown())
    yield from _recovery(seen, row, shown)
    topic = _topic(seen, row, spec, shown)
    if topic is None:
        return
    mark = _mark(row, shown) if topic in (Topic.DONE, Topic.REFUSED, Topic.SUPPLEMENT) else topic.value
    for role in _roles(seen, spec):
        yield Statement(Matter(role, topic, row.id), row.type, mark, seen.at)


def _topic(seen: Seen, row: Row, spec: ProcedureRow, shown: Shown) -> Topic | None:
    """What this row's state means to a family; None where it need not know."""
    wished = seen.standing.case.wishes.get(row.type) == "given"
    match row.state:
        case RowState.DONE:
            return Topic.TOO_LATE if row.too_late else Topic.DONE
        case RowState.REFUSED:
            return Topic.REFUSED
        case RowState.NOT_APPLICABLE:
            return Topic.NOT_NEEDED if spec.origin == "applied" and wished else None
        case RowState.WITHDRAWN:
            return Topic.ROW_WITHDRAWN if spec.origin == "applied" and row.order else None
        case RowState.OFFERED:
            return Topic.CHOICE if seen.standing.case.confirmed else None
        case RowState.PAUSED if shown.step != _OFFICERS_STEP:
            return Topic.SUPPLEMENT
    late = row.state not in ENDED and shown.due_at is not None and shown.due_at <= seen.at
    return Topic.LATE if late else None


def _roles(seen: Seen, spec: ProcedureRow) -> Iterator[str]:
    """The contacts that the catalogue names; an applicant learns no predicate's answer before kinship is proven."""
    for whom in spec.tells:
        if whom == HEIRS:
            yield from sorted(role for role in seen.standing.persons if role.startswith(f"{HEIRS}/"))
        elif whom == APPLICANT:
            if seen.standing.applicant is not None and (seen.proven or not _found_out(spec)):
                yield APPLICANT
        else:
            yield whom


def _found_out(spec: ProcedureRow) -> bool:
    return spec.origin == "ex_officio" and spec.when is not None and spec.when.predicate is not None


def _recovery(seen: Seen, row: Row, shown: Shown) -> Iterator[Statement]:
    """Money that is asked back: only by a decision that somebody has signed, from the day its owner names (design 9).

    The owner says so in the public result of a row that is done: `{decision: recover, letter_from: 2026-04-20, …}`; how
    long a family is left in peace is the row's own wait (catalogue, region file) and is counted nowhere else. Without
    that day there is no letter, nor is there for an amount overpaid alone or a decision to waive it.
    """
    letter_from = _letter_from(shown.result)
    if row.state is not RowState.DONE or shown.result.get("decision") != "recover" or letter_from is None:
        return
    ready = max(seen.at, digest_of(letter_from))
    yield Statement(Matter(LETTER, Topic.RECOVERY, row.id), row.type, _mark(row, shown), ready)


def _letter_from(result: Mapping[str, Any]) -> date | None:
    """The day the owner names; none when it names none, or nothing that is a day."""
    try:
        return date.fromisoformat(str(result.get("letter_from")))
    except ValueError:
        return None


def _mark(row: Row, shown: Shown) -> str:
    """The same result told twice is told once; another result of the same row is news."""
    return _fingerprint(shown.result, row.reason)


def _fingerprint(result: Mapping[str, Any], reason: str | None) -> str:
    text = orjson.dumps([reason, result], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def ended(fresh: Sequence[Statement]) -> bool:
    """Whether these are a case's last words: whatever waits unsent is dropped then."""
    return any(one.matter.topic in LAST_WORDS for one in fresh)
