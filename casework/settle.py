"""How a ruling moves the row: step, task, clocks, versions; and the outcome that tells of it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from casework.limits import Times, keeping_fired, times
from casework.procedure import ENDED, RUNNING, Ruling
from casework.rows import CaseFile, Row
from casework.steps import find_step, is_human, region_of
from contracts.outcomes import Outcome, OwnerState, Task
from contracts.terms import Limit, Step
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ
from kernel.public_service.pauses import Pause, PauseReason

_WITH_TASK = RUNNING | {OwnerState.UNDOING}


def moved(row: Row, case: CaseFile, ruling: Ruling, *, at: datetime, calendar: WorkingCalendar) -> Row:
    """The row after a ruling. `version` rises with every ruling; the order number is the caller's to set."""
    after = replace(
        row,
        state=ruling.state,
        step=ruling.step,
        reason=ruling.reason,
        result=dict(row.result if ruling.result is None else ruling.result),
        memory=dict(row.memory if ruling.memory is None else ruling.memory),
        undo_kind=ruling.undo_kind.value if ruling.undo_kind else None,
        signal=ruling.signal,
        too_late_at=ruling.too_late_at,
        pause_reason=_pause_reason(row, ruling),
        wake_at=ruling.wake_at if ruling.state not in ENDED else None,
        version=row.version + 1,
        case_version=max(row.case_version, case.case_version),
        ended_at=(row.ended_at if row.state == ruling.state else at) if ruling.state in ENDED else None,
        changed_at=at,
    )
    after.no_return_at = _no_return(row, ruling, at)
    _enter_step(row, after, ruling, at)
    _begin_again(row, after, at)
    _set_clocks(row, after, case, at, calendar)
    _say_due(after, row)
    after.next_check_at = next_check(after)
    return after


def _pause_reason(row: Row, ruling: Ruling) -> str | None:
    """Why the limit stands still. Raises ValueError for what the law does not know as a reason (G10)."""
    if ruling.state is not OwnerState.PAUSED:
        return None
    return PauseReason(ruling.pause_reason or row.pause_reason or "").value


def _no_return(row: Row, ruling: Ruling, at: datetime) -> datetime | None:
    """When the point of no return was passed: that step started, or the procedure is done."""
    point = row.terms.point_of_no_return
    if row.no_return_at is not None or point is None:
        return row.no_return_at
    reached = point == ruling.step or point in ruling.passed or ruling.state is OwnerState.DONE
    return at if reached and ruling.state is not OwnerState.PAUSED else None


def _enter_step(row: Row, after: Row, ruling: Ruling, at: datetime) -> None:
    """A new step gets a new task if a human decides it; the same step keeps its task."""
    before = find_step(row.terms, row.step, row.extra_step)
    step = find_step(after.terms, ruling.step, ruling.extra_step or row.extra_step)
    after.extra_step = step if step is not None and step not in after.terms.steps else None
    if after.state not in _WITH_TASK or step is None:
        after.task_facts = {}
        return
    same = before == step and row.state in _WITH_TASK
    if not same:
        after.step_at = at
        after.task_id = uuid7() if is_human(step) else None
        after.task_facts = dict(ruling.task_facts)
    elif ruling.task_facts:
        after.task_facts = dict(ruling.task_facts)


def _begin_again(row: Row, after: Row, at: datetime) -> None:
    """What had ended and runs again is a new handling: accepted now, nothing paused yet."""
    if _reopened(row, after):
        after.opened_at, after.pauses = at, ()


def _reopened(row: Row, after: Row) -> bool:
    return row.state in ENDED and after.state in RUNNING


def open_task(row: Row) -> UUID | None:
    """The task somebody may decide now; the row keeps the id of its last task after the end."""
    step = find_step(row.terms, row.step, row.extra_step)
    if row.state in _WITH_TASK and step is not None and is_human(step):
        return row.task_id
    return None


def _set_clocks(row: Row, after: Row, case: CaseFile, at: datetime, calendar: WorkingCalendar) -> None:
    _keep_pause(row, after, at)
    if after.state not in RUNNING:
        return
    resumed = after.pauses != row.pauses
    limit, starts_anew = _limit(after, row)
    starts_anew = starts_anew or (limit.counted_from == "accepted" and _reopened(row, after))
    if after.due_at is None or starts_anew or _event_moved(limit, row, case):
        _put(after, reckoned(after, case, limit, calendar))
        after.escalation = 0
    elif resumed:
        _put(after, keeping_fired(_given(row), reckoned(after, case, limit, calendar), row.escalation))
    if resumed or after.step_at != row.step_at:
        _put_task(after, case, calendar)


def _keep_pause(row: Row, after: Row, at: datetime) -> None:
    """A pause that ends, or goes on for another reason, enters the record."""
    paused = after.state is OwnerState.PAUSED
    goes_on = paused and row.paused_at is not None and after.pause_reason == row.pause_reason
    if row.paused_at is not None and not goes_on:
        after.pauses = (*row.pauses, Pause(row.paused_at, at, row.pause_reason or PauseReason.PAPERS.value))
    after.paused_at = (row.paused_at if goes_on else at) if paused else None


def _limit(after: Row, row: Row) -> tuple[Limit, bool]:
    """The limit that colours the row: the procedure's, else its step's; and whether it starts again now."""
    step = find_step(after.terms, after.step, after.extra_step)
    own = after.terms.limit
    entered = after.step_at != row.step_at
    if own.none is not None:
        return (step.limit if step is not None and step.limit is not None else own), entered
    return own, own.counted_from == "step" and entered


def _event_moved(limit: Limit, row: Row, case: CaseFile) -> bool:
    return limit.counted_from == "event" and row.case_version < case.case_version


def reckoned(row: Row, case: CaseFile, limit: Limit, calendar: WorkingCalendar) -> Times:
    """The instants of a limit on this row, its pauses counted in."""
    return times(limit, starts=_starts(row, case), calendar=calendar, pauses=row.pauses)


def _starts(row: Row, case: CaseFile) -> dict[str, datetime]:
    return {"accepted": row.opened_at, "event": case.occurred_at, "step": row.step_at or row.opened_at}


def _put(row: Row, given: Times) -> None:
    row.due_at, row.half_at, row.warn_at = given.due_at, given.half_at, given.warn_at
    row.provisional = given.provisional


def _given(row: Row) -> Times:
    return Times(row.due_at, row.half_at, row.warn_at, row.provisional)


def _put_task(row: Row, case: CaseFile, calendar: WorkingCalendar) -> None:
    """The task is due with its step, or with the whole where the step has no limit."""
    step = find_step(row.terms, row.step, row.extra_step)
    if step is None or step.limit is None or step.limit.none is not None:
        row.task_due_at, row.task_provisional = row.due_at, row.provisional
        return
    own = reckoned(row, case, step.limit, calendar)
    row.task_due_at, row.task_provisional = own.due_at, own.provisional


def _say_due(row: Row, before: Row) -> None:
    """A result or a task that names the day it was due (`due_on`) names the new one, and whether it may still move."""
    if before.due_at is None or row.due_at is None:
        return
    old, new = (moment.astimezone(TZ).date().isoformat() for moment in (before.due_at, row.due_at))
    row.result = _naming(row.result, old, new, provisional=row.provisional)
    row.task_facts = _naming(row.task_facts, old, new, provisional=row.provisional)


def _naming(told: Mapping[str, Any], old: str, new: str, *, provisional: bool) -> Mapping[str, Any]:
    if told.get("due_on") != old:
        return told
    mark = {"due_provisional": provisional} if "due_provisional" in told else {}
    return {**told, "due_on": new, **mark}


def on_calendar(row: Row, case: CaseFile, calendar: WorkingCalendar) -> Row | None:
    """The row as another calendar has it, marks that have fired as they were; None when it is the same."""
    limit, _ = _limit(row, row)
    given = _given(row)
    after = replace(row, version=row.version + 1, signal=None, too_late_at=None)
    _put(after, keeping_fired(given, reckoned(row, case, limit, calendar), row.escalation))
    _put_task(after, case, calendar)
    _say_due(after, row)
    if row.wake_at is not None and row.wake_at == row.due_at:  # an alarm at the end of the limit stays there
        after.wake_at = after.due_at
    same = Times(after.due_at, after.half_at, after.warn_at, after.provisional) == given and (
        after.task_due_at,
        after.task_provisional,
    ) == (row.task_due_at, row.task_provisional)
    if same:
        return None
    after.next_check_at = next_check(after)
    return after


def next_check(row: Row) -> datetime | None:
    """When the clock must look at this row again; a paused limit never escalates."""
    if row.state not in _WITH_TASK:
        return None
    milestones = (row.half_at, row.warn_at, row.due_at)
    waits = row.wake_at
    if row.state is OwnerState.OPEN and row.escalation < len(milestones):
        mark = milestones[row.escalation]
        if mark is not None and (waits is None or mark < waits):
            return mark
    return waits


def outcome_of(row: Row, *, at: datetime) -> Outcome:
    """The full present state of a row, as the gateway is told."""
    assert row.state is not None
    clocked = row.state in RUNNING
    return Outcome(
        procedure=row.id, type=row.type, order=row.order_no, version=row.version, state=row.state, at=at,
        reason=row.reason, result=dict(row.result), step=row.step, task=_task_of(row),
        due_at=row.due_at if clocked else None, half_at=row.half_at if clocked else None,
        warn_at=row.warn_at if clocked else None, provisional=clocked and row.provisional,
        escalation=row.escalation if clocked else 0, too_late_at=row.too_late_at, undo_kind=row.undo_kind,
        signal=row.signal, paused_at=row.paused_at,
    )  # fmt: skip


def _task_of(row: Row) -> Task | None:
    task = open_task(row)
    step: Step | None = find_step(row.terms, row.step, row.extra_step)
    if task is None or step is None or row.step_at is None:
        return None
    return Task(
        id=task, step=step.id, name=step.name, role=step.actor, level=step.level,
        region=region_of(step, row.region), opened_at=row.step_at, due_at=row.task_due_at,
        provisional=row.task_provisional, decisions=step.decisions, facts=dict(row.task_facts),
    )  # fmt: skip
