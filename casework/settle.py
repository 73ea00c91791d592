"""How a ruling moves the row: step, task, clocks, versions; and the outcome that tells of it. Pure."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from casework.limits import NEVER, Times, after_pause, times
from casework.procedure import ENDED, RUNNING, Ruling
from casework.rows import CaseFile, Row
from casework.steps import find_step, is_human, region_of
from contracts.outcomes import Outcome, OwnerState, Task
from contracts.terms import Limit, Step
from kernel.public_service.calendar import WorkingCalendar

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
        pause_reason=ruling.pause_reason or row.pause_reason if ruling.state is OwnerState.PAUSED else None,
        wake_at=ruling.wake_at if ruling.state not in ENDED else None,
        version=row.version + 1,
        case_version=max(row.case_version, case.case_version),
        ended_at=(row.ended_at if row.state == ruling.state else at) if ruling.state in ENDED else None,
        changed_at=at,
    )
    after.no_return_at = _no_return(row, ruling, at)
    _enter_step(row, after, ruling, at)
    _set_clocks(row, after, case, at, calendar)
    after.next_check_at = next_check(after)
    return after


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


def open_task(row: Row) -> UUID | None:
    """The task somebody may decide now; the row keeps the id of its last task after the end."""
    step = find_step(row.terms, row.step, row.extra_step)
    if row.state in _WITH_TASK and step is not None and is_human(step):
        return row.task_id
    return None


def _set_clocks(row: Row, after: Row, case: CaseFile, at: datetime, calendar: WorkingCalendar) -> None:
    if after.state is OwnerState.PAUSED:
        after.paused_at = row.paused_at or at
    elif row.paused_at is not None:
        _resume(after, row.paused_at, at, calendar)
    if after.state not in RUNNING:
        return
    limit, starts_anew = _limit(after, row)
    if after.due_at is None or starts_anew or _event_moved(limit, row, case):
        _start(after, case, limit, calendar)
    if after.step_at != row.step_at:
        after.task_due_at = _step_due(after, case, calendar) or after.due_at


def _limit(after: Row, row: Row) -> tuple[Limit, bool]:
    """The limit that colours the row: the procedure's, else its step's; and whether it starts again now."""
    step = find_step(after.terms, after.step, after.extra_step)
    own = after.terms.limit
    entered = after.step_at != row.step_at
    if own.none is not None and step is not None and step.limit is not None:
        return step.limit, entered
    return own, own.counted_from == "step" and entered


def _event_moved(limit: Limit, row: Row, case: CaseFile) -> bool:
    return limit.counted_from == "event" and row.case_version < case.case_version


def _start(after: Row, case: CaseFile, limit: Limit, calendar: WorkingCalendar) -> None:
    _put(after, times(limit, starts=_starts(after, case), calendar=calendar))
    after.escalation = 0


def _starts(after: Row, case: CaseFile) -> dict[str, datetime]:
    return {"accepted": after.opened_at, "event": case.occurred_at, "step": after.step_at or after.opened_at}


def _step_due(after: Row, case: CaseFile, calendar: WorkingCalendar) -> datetime | None:
    step = find_step(after.terms, after.step, after.extra_step)
    if step is None or step.limit is None:
        return None
    return times(step.limit, starts=_starts(after, case), calendar=calendar).due_at


def _resume(after: Row, paused_at: datetime, at: datetime, calendar: WorkingCalendar) -> None:
    given = Times(after.due_at, after.half_at, after.warn_at, after.provisional)
    limit, _ = _limit(after, after)
    if given != NEVER and limit.unit is not None:
        _put(after, after_pause(given, limit, paused_at=paused_at, resumed_at=at, calendar=calendar))
    after.paused_at = None


def _put(row: Row, given: Times) -> None:
    row.due_at, row.half_at, row.warn_at = given.due_at, given.half_at, given.warn_at
    row.provisional = given.provisional


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
        signal=row.signal,
    )  # fmt: skip


def _task_of(row: Row) -> Task | None:
    task = open_task(row)
    step: Step | None = find_step(row.terms, row.step, row.extra_step)
    if task is None or step is None or row.step_at is None:
        return None
    return Task(
        id=task, step=step.id, name=step.name, role=step.actor, level=step.level,
        region=region_of(step, row.region), opened_at=row.step_at, due_at=row.task_due_at,
        provisional=row.provisional, decisions=step.decisions, facts=dict(row.task_facts),
    )  # fmt: skip
