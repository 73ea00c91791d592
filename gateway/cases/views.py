"""Cases, procedures and tasks as api.md shows them. Pure: rows in, JSON out, masked for the reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.catalog import LifeEvent, ProcedureRow
from gateway.cases import words
from gateway.cases.handled import HANDLED, HandledLines, handled_rows, status_of
from gateway.cases.planner.model import ENDED
from gateway.cases.readers import Sight
from gateway.cases.standing import Standing, parsed
from kernel.public_service.clock import TZ

ENDED_WORDS = frozenset(state.value for state in ENDED)
_ESCALATIONS = ("none", "half", "reminded", "county")
_OUTSIDE = {"ordered": "open", "paused": "open"}
# What a row that reads handled does not tell of itself; its version is that of any first answer.
_NOT_TOLD: Mapping[str, Any] = {
    "due_at": None, "half_at": None, "warn_at": None, "provisional": False, "too_late_at": None, "undo_kind": None,
    "step": None, "outcome_version": 1, "result": {}, "escalation": 0, "paused_at": None,
}  # fmt: skip


def case_view(
    standing: Standing,
    rows: Sequence[Mapping[str, Any]],
    timeline: Sequence[Mapping[str, Any]],
    asked: Sequence[Mapping[str, Any]],
    *,
    sight: Sight,
    now: datetime,
) -> dict[str, Any]:
    """The case. `rows` are board rows (of the database or as just written), `asked` the gateway's open tasks."""
    event = standing.case.event
    specs = {spec.type: spec for spec in event.procedures}
    ordered = sorted(rows, key=lambda row: (row["position"], row["round"]))
    status = status_of(standing, sight, at=now).value
    handled = handled_rows(rows, specs, timeline, sight)
    return {
        "case_no": standing.case_no, "life_event": event.id, "title": event.title, "region": standing.region,
        "status": status, "status_name": words.STATUS_NAMES[status][0], "version": standing.case.version,
        "submitted_at": local(standing.submitted_at), "channel": standing.channel,
        "confirmed": standing.case.confirmed, "occurred_at": local(standing.case.occurred_at),
        "procedures": [
            procedure_view(
                _masked(row, handled), specs[row["type"]], sight=sight, now=now, asked=_asked_of(row, asked)
            )
            for row in ordered
        ],
        "tasks": [task_head(task) for task in asked if not sight.family and task["procedure"] is None],
        "timeline": timeline_view(timeline, event, HandledLines(handled, specs)),
    }  # fmt: skip


def _masked(row: Mapping[str, Any], handled: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row as a reader may know it to whom it reads handled: no trace of how it ended, or whether it has."""
    key_ = str(row["id"])
    if key_ not in handled:
        return row
    return {**row, **_NOT_TOLD, "state": "done", "reason": HANDLED, "ended_at": handled[key_]}


def _asked_of(row: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [
        task for task in asked if task["procedure"] is not None and str(task["procedure"]) == str(row["id"])
    ]


def procedure_view(
    row: Mapping[str, Any],
    spec: ProcedureRow,
    *,
    sight: Sight,
    now: datetime,
    asked: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """One procedure, masked for the reader."""
    state, reason, result = _told(row, spec, sight)
    due_at = instant(row["due_at"])
    limit = spec.limit.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "id": str(row["id"]), "row": spec.row, "type": spec.type, "owner": spec.owner, "name": spec.name,
        "name_en": spec.name_en, "origin": spec.origin, "stage": spec.stage, "round": row["round"],
        "state": state, "state_name": words.STATE_NAMES[state][0], "reason": reason,
        "needs": [need.model_dump(mode="json") for need in spec.needs], "region": row["region"],
        "due_at": local(due_at), "limit": limit, "provisional": bool(row["provisional"]),
        "overdue": _overdue(row, due_at, now), "escalation": escalation_word(_escalation(row)),
        "paused": row["state"] == "paused", "opened_at": local(row["opened_at"]), "ended_at": local(row["ended_at"]),
        "too_late_at": local(row["too_late_at"]), "lapses_at": local(row["lapses_at"]),
        "undo_kind": row["undo_kind"], "step": row["step"], "version": row["outcome_version"], "result": result,
        "tasks": [] if sight.family else _tasks(row, asked),
    }  # fmt: skip


def _overdue(row: Mapping[str, Any], due_at: datetime | None, now: datetime) -> bool:
    """Past the limit and not ended; a limit that stands still is as late as it was when the pause began."""
    if row["state"] in ENDED_WORDS or due_at is None:
        return False
    return due_at < (instant(row["paused_at"]) or now)


def _escalation(row: Mapping[str, Any]) -> int:
    return 0 if row["state"] in ENDED_WORDS else row["escalation"]


def escalation_word(marks: int) -> str:
    """How far the pressing has come: none, half (50 %), reminded (80 %), county (past the limit; it stands there)."""
    return _ESCALATIONS[min(marks, len(_ESCALATIONS) - 1)]


def escalation_marks(word: str) -> int:
    """The number of marks behind a word of `escalation_word`."""
    return _ESCALATIONS.index(word)


def _told(row: Mapping[str, Any], spec: ProcedureRow, sight: Sight) -> tuple[str, str | None, dict[str, Any]]:
    """State, reason and result as this reader may know them. What an owner found out has no reason but `handled`."""
    state = _OUTSIDE.get(row["state"], row["state"])
    if sight.shows_result(spec.owner):
        return state, row["reason"], dict(parsed(row["result"]) or {})
    hidden = sight.unproven and spec.origin == "ex_officio" and not row["by_gateway"]
    return state, None if hidden and row["reason"] != HANDLED else row["reason"], {}


def _tasks(row: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The owner's task of this row and the gateway's own ones, without their facts (GET /tasks has them)."""
    found = [task_head(task) for task in asked]
    task = parsed(row["task"])
    if task and row["state"] not in ENDED_WORDS:
        found.append(
            {
                "id": task["id"], "step": task["step"], "name": task["name"], "role": task["role"],
                "region": task["region"], "due_at": local(instant(task["due_at"])),
                "provisional": bool(task.get("provisional")),
            }
        )  # fmt: skip
    return found


def task_head(task: Mapping[str, Any]) -> dict[str, Any]:
    """One of the gateway's own tasks in short."""
    return {
        "id": str(task["id"]), "step": task["kind"], "name": task["name"], "role": task["role"],
        "region": task["region"], "due_at": local(task["due_at"]), "provisional": bool(task["provisional"]),
    }  # fmt: skip


def timeline_view(
    lines: Sequence[Mapping[str, Any]], event: LifeEvent, told: HandledLines
) -> list[dict[str, Any]]:
    """One entry per note, oldest first, as far as `told` lets this reader know them."""
    names = {spec.type: (spec.name, spec.name_en) for spec in event.procedures}
    found = []
    for entry in lines:
        for note in parsed(entry["notes"]):
            kind = told.kind(note)
            if kind is None:
                continue
            text, text_en = words.line(kind, names.get(note["type"]))
            found.append(
                {
                    "at": local(entry["at"]), "actor": entry["actor"], "kind": kind,
                    "procedure": note["procedure"] and str(note["procedure"]), "text": text, "text_en": text_en,
                }
            )  # fmt: skip
    return found


def colour(now: datetime, half: datetime | None, warn: datetime | None, due: datetime | None) -> str:
    """Blue from 50 %, yellow from 80 %, red at 100 % of the limit, else none (api.md). Computed when read."""
    for instant_, name in ((due, "red"), (warn, "yellow"), (half, "blue")):
        if instant_ is not None and now >= instant_:
            return name
    return "none"


def instant(value: Any) -> datetime | None:
    """An instant of a row or of a record just written."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value))


def local(value: Any) -> str | None:
    """`2026-03-01T09:00:00+08:00`."""
    moment = instant(value)
    return moment.astimezone(TZ).isoformat(timespec="seconds") if moment else None


def key(value: UUID | None) -> str | None:
    return str(value) if value else None
