"""What reads "handled" to a family reader whose kinship is not proven (design 7). Pure.

Whether somebody held a benefit shows in more than a reason: in a row that ends at once or runs on for months, in what
is undone later, in a case that is not finished. To such a reader what the state found out of itself is handled from
its owner's first answer on, whatever that was and whatever comes after it; what the family asked for is told as it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.catalog import ProcedureRow
from gateway.cases.planner import finished_without
from gateway.cases.planner.model import ENDED, CaseStatus, Row, RowState
from gateway.cases.readers import Sight
from gateway.cases.standing import Standing, parsed

HANDLED = "handled"
# How a row without a predicate tells that something was found; while it is open it tells nothing.
_ENDS = frozenset({"done", "not_applicable", "undoing", "undone"})
_ANSWERS = _ENDS | {"open", "paused", "refused", "withdrawn", "stuck", "too_late"}
# Lines of the whole case, which tell that some hidden row runs on or has ended.
_OF_THE_CASE = frozenset({"case_finished", "case_in_progress"})


def _ex_officio(spec: ProcedureRow, by_gateway: bool) -> bool:
    """What the gateway itself ended follows from the form, which the reader knows."""
    return spec.origin == "ex_officio" and not by_gateway


def _tells(spec: ProcedureRow, kind: str) -> bool:
    """Whether this state, or line of the timeline, tells what the owner found: with a predicate, any answer does."""
    if spec.when is not None and spec.when.predicate:
        return kind in _ANSWERS
    return kind in _ENDS


def handled_rows(
    rows: Sequence[Mapping[str, Any]],
    specs: Mapping[str, ProcedureRow],
    timeline: Iterable[Mapping[str, Any]],
    sight: Sight,
) -> dict[str, Any]:
    """The rows that read handled, by id, with the instant since when."""
    if not sight.unproven:
        return {}
    found = {str(row["id"]): row for row in rows if _ex_officio(specs[row["type"]], row["by_gateway"])}
    first: dict[str, Any] = {}
    for at, key, kind in _notes(timeline):
        if key in found and _tells(specs[found[key]["type"]], kind):
            first.setdefault(key, at)
    return {
        key: first.get(key, row["ended_at"])
        for key, row in found.items()
        # Opened again by a correction: only where something is held does anybody sign anew.
        if _tells(specs[row["type"]], row["state"]) or (key in first and row["state"] == "open")
    }


def _notes(timeline: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, str | None, str]]:
    for entry in timeline:
        for note in parsed(entry["notes"]):
            yield entry["at"], note["procedure"] and str(note["procedure"]), note["kind"]


class HandledLines:
    """The kinds of a timeline's lines as such a reader is told them, oldest first."""

    def __init__(self, handled: Mapping[str, Any], specs: Mapping[str, ProcedureRow]) -> None:
        self._handled = handled
        self._specs = specs
        self._told: set[str] = set()

    def kind(self, note: Mapping[str, Any]) -> str | None:
        """`done` for the owner's first answer on a handled row; None for a line that is not told."""
        key, kind = note["procedure"] and str(note["procedure"]), str(note["kind"])
        if self._handled and kind in _OF_THE_CASE:
            return None
        if key in self._told:
            return None
        if key not in self._handled or not _tells(self._specs[note["type"]], kind):
            return kind
        self._told.add(key)
        return "done"


def last_told(
    standing: Standing, rows: Sequence[Mapping[str, Any]], timeline: Sequence[Mapping[str, Any]], sight: Sight
) -> datetime:
    """When the case last moved as far as this reader is told: the last line of its timeline, else its report."""
    specs = {spec.type: spec for spec in standing.case.event.procedures}
    lines = HandledLines(handled_rows(rows, specs, timeline, sight), specs)
    told = [
        entry["at"] for entry in timeline for note in parsed(entry["notes"]) if lines.kind(note) is not None
    ]
    return max(told, default=standing.submitted_at)


def status_of(standing: Standing, sight: Sight, *, at: datetime) -> CaseStatus:
    """The case's status as far as this reader's rows go: finished when nothing but offers and handled rows is left."""
    case = standing.case
    if not sight.unproven or case.status is not CaseStatus.IN_PROGRESS:
        return case.status
    specs = {spec.type: spec for spec in case.event.procedures}
    aside = {row.id for row in case.rows if _row_tells(row, specs[row.type])}
    return CaseStatus.FINISHED if finished_without(case, aside, at=at) else case.status


def _row_tells(row: Row, spec: ProcedureRow) -> bool:
    return _ex_officio(spec, row.by_gateway) and _tells(spec, row.state.value)


def waits_for(standing: Standing, sight: Sight) -> list[str]:
    """The types of rows that this reader knows to be under way: neither ended, nor an offer, nor handled."""
    specs = {spec.type: spec for spec in standing.case.event.procedures}
    return [
        row.type for row in standing.case.rows
        if row.state not in ENDED and row.state is not RowState.OFFERED
        and not (sight.unproven and _row_tells(row, specs[row.type]))
    ]  # fmt: skip
