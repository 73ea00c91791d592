"""What the board's tables keep of a moved case: plain records for one set-based statement. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.catalog import Lapse, ProcedureRow
from contracts.outcomes import Outcome
from contracts.terms import Limit
from gateway.cases.orders import competent_region
from gateway.cases.planner.model import ENDED, Note, Row, RowState
from gateway.cases.standing import Standing
from kernel.public_service.calendar import WorkingCalendar

PROOF_OF_RELATION = "gateway.proof_of_relation"
_NOTHING_SHOWN: Mapping[str, Any] = {
    "result": {}, "step": None, "task": None, "task_id": None, "task_role": None, "task_region": None,
    "due_at": None, "half_at": None, "warn_at": None, "provisional": False, "escalation": 0, "too_late_at": None,
    "undo_kind": None, "paused_at": None,
}  # fmt: skip


def case_record(standing: Standing, at: datetime) -> dict[str, Any]:
    """The values of `cases` that a move may change; the sealed form only when the caller gave a new one."""
    case = standing.case
    standing.kin = _kin_after_proof(standing)
    return {
        "id": case.id, "subject": standing.subject, "status": case.status, "version": case.version,
        "progress": standing.progress, "persons": standing.persons, "applicant": standing.applicant,
        "reporters": standing.reporters, "kin": standing.kin,
        "regions": standing.regions, "form": standing.new_form and standing.new_form.model_dump(mode="json"),
        "verified": standing.verified, "vouchers": standing.vouchers,
        "occurred_at": case.occurred_at, "confirmed": case.confirmed,
        "doubted": case.doubted, "reviewed": case.reviewed, "cleared_at": case.cleared_at,
        "special": sorted(case.special), "settled": sorted(case.settled), "unheard": sorted(case.unheard),
        "issuer_reported": case.issuer_reported,
        "revocation": case.revocation, "signing": case.signing, "holds": sorted(case.holds),
        "conditions": case.conditions, "answers": case.answers, "wishes": case.wishes,
        "asks": sorted([ask.kind, str(ask.row or ""), ask.code or ""] for ask in standing.asks),
        "open_types": open_types(case.rows), "changed_at": at,
    }  # fmt: skip


def with_kin(kin: Sequence[UUID], *persons: UUID | None) -> tuple[UUID, ...]:
    """The same with further persons, each once."""
    return tuple(dict.fromkeys([*kin, *(person for person in persons if person is not None)]))


def _kin_after_proof(standing: Standing) -> tuple[UUID, ...]:
    """The proof of relation makes the applicant kin; a relation found not to be, later too, takes that away."""
    proofs = [row for row in standing.case.rows if row.type == PROOF_OF_RELATION]
    newest = max(proofs, key=lambda row: row.round, default=None)
    if newest is not None and newest.state is RowState.REFUSED:
        return tuple(person for person in standing.kin if person != standing.applicant)
    if newest is not None and newest.state is RowState.DONE:
        return with_kin(standing.kin, standing.applicant)
    return tuple(standing.kin)


def open_types(rows: Sequence[Row]) -> list[str]:
    """Types of rows that have not ended and are not offered: the feed tells them."""
    return [row.type for row in rows if row.state not in ENDED and row.state is not RowState.OFFERED]


def row_records(
    standing: Standing,
    rows: Sequence[Row],
    outcomes: Mapping[UUID, Outcome],
    at: datetime,
    calendar: WorkingCalendar,
) -> list[dict[str, Any]]:
    """One record per changed row, with what its newest outcome shows."""
    places = {spec.type: (place, spec) for place, spec in enumerate(standing.case.event.procedures)}
    return [_row_record(standing, row, *places[row.type], outcomes.get(row.id), at, calendar) for row in rows]


def _row_record(
    standing: Standing,
    row: Row,
    place: int,
    spec: ProcedureRow,
    outcome: Outcome | None,
    at: datetime,
    calendar: WorkingCalendar,
) -> dict[str, Any]:
    return {
        "id": row.id, "case_id": standing.id, "position": place, "type": row.type, "owner": spec.owner,
        "region": competent_region(standing, spec), "round": row.round, "state": row.state, "reason": row.reason,
        "order_no": row.order, "answered": row.answered, "outcome_version": row.outcome_version, "sent": row.sent,
        "wanted": row.wanted, "undo_reason": row.undo_reason, "by_gateway": row.by_gateway,
        "too_late": row.too_late, "last_sign_of_life": row.last_sign_of_life,
        "body_released": row.body_released,
        "lapses_at": _lapses_at(row, spec, at, calendar), "opened_at": at if row.order else None,
        "offered_at": at if row.state is RowState.OFFERED else None,
        "ended_at": (outcome.at if outcome else at) if row.state in ENDED else None,
        **(_NOTHING_SHOWN if outcome is None else _shown(outcome)),
    }  # fmt: skip


def _shown(outcome: Outcome) -> dict[str, Any]:
    """What the board shows of an outcome, replaced as a whole."""
    task = outcome.task
    return {
        "result": outcome.result, "step": outcome.step, "task": task and task.model_dump(mode="json"),
        "task_id": task and task.id, "task_role": task and task.role, "task_region": task and task.region,
        "due_at": outcome.due_at, "half_at": outcome.half_at, "warn_at": outcome.warn_at,
        "provisional": outcome.provisional, "escalation": outcome.escalation, "too_late_at": outcome.too_late_at,
        "undo_kind": outcome.undo_kind, "paused_at": outcome.paused_at,
    }  # fmt: skip


def _lapses_at(row: Row, spec: ProcedureRow, at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """The end of an offer is set when it is made."""
    if row.state is not RowState.OFFERED or row.lapses_at is not None:
        return row.lapses_at
    return lapses_at(spec, at, calendar)


def lapses_at(spec: ProcedureRow, offered_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When an unanswered offer of that row ends, counted from the offer (design 4); none for one without an end."""
    if not isinstance(spec.offer_lapses, Lapse):
        return None
    limit = {"amount": spec.offer_lapses.amount, "unit": spec.offer_lapses.unit, "from": "step"}
    due: datetime = calendar.due(Limit.model_validate(limit), offered_at).at
    return due


def timeline_record(standing: Standing, notes: Sequence[Note], at: datetime, actor: str) -> dict[str, Any]:
    """One timeline row per commit; words are made when it is read."""
    types = {row.id: row.type for row in standing.case.rows}
    return {
        "case_id": standing.id, "at": at, "actor": actor, "version": standing.case.version,
        "notes": [
            {"kind": note.kind, "procedure": note.row, "type": note.row and types.get(note.row), **_detail(note)}
            for note in notes
        ],
    }  # fmt: skip


def _detail(note: Note) -> dict[str, Any]:
    return {"detail": dict(note.detail)} if note.detail else {}
