"""A human's act on an owner's task, and acts of the owner's own routes (design 5 and 6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from casework.decision_data import chosen
from casework.office import Office
from casework.persons import lock_persons
from casework.procedure import ENDED, RUNNING, Act
from casework.rows import CaseFile, Row, lock_procedures, read_procedures
from casework.settle import open_task
from casework.steps import find_step, region_of
from casework.work import job_for_act, rule, settle
from contracts.acts import COUNTY, COUNTY_STANDS_IN_FOR, ESCALATED, DecisionAnswer, TaskDecision
from contracts.outcomes import OutcomesReported, OwnerState
from contracts.terms import Step
from kernel.errors import Conflict, Forbidden, NotFound, StaleVersion
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import covers

_OF_TASK = text("SELECT procedure FROM procedure_tasks WHERE id = :id")


class ProcedureEnded(Conflict):
    """这件事项已经办结，不能再处理。
    This procedure has ended; nothing more can be decided on it."""

    how = "请刷新查看办理结果。"
    how_en = "Reload and look at its result."


class TaskUnknown(NotFound):
    """没有这项待办。
    There is no such task."""

    how = "请刷新待办列表。"
    how_en = "Reload the list of tasks."


class NotThisRole(Forbidden):
    """这一步由别的岗位或地区办理。
    This step is decided by another role or region."""


async def decide(
    task_id: UUID, act: TaskDecision, *, tx: Transaction, office: Office, at: datetime
) -> tuple[DecisionAnswer, list[OutcomesReported]]:
    """Carry out a decision; the caller emits the reports (a service on its outbox, the gateway to its planner).

    Raises TaskUnknown, ProcedureEnded, StaleVersion, NotThisRole, or Unprocessable for reason and data.
    """
    procedure = (await tx.execute(_OF_TASK, {"id": task_id})).scalar()
    if procedure is None:
        raise TaskUnknown()
    rows = await locked_with_persons([procedure], tx, office)
    row, case = rows[procedure]
    step = _standing_step(row, task_id, act)
    decision = chosen(step, act)
    decided = Act("decision", decision.id, act.data, act.reason, act.acted_by, act.role, act.region)
    reports = await _carry({procedure: decided}, {procedure: (row, case)}, tx, office, at)
    return DecisionAnswer(case=row.case_id, outcome=reports[0].outcomes[0]), reports


def _standing_step(row: Row, task_id: UUID, act: TaskDecision) -> Step:
    if row.state in ENDED:
        raise ProcedureEnded(extra={"state": row.state})
    step = find_step(row.terms, row.step, row.extra_step)
    if open_task(row) != task_id or act.version != row.version or step is None:
        raise StaleVersion(row.version)
    if not _may(act, step, row):
        raise NotThisRole(extra={"role": step.actor})
    return step


def _may(act: TaskDecision, step: Step, row: Row) -> bool:
    """The step's own role; past the limit also the county, for what an office decides (life-events G7)."""
    stands_in = act.role == COUNTY and row.escalation >= ESCALATED and step.actor in COUNTY_STANDS_IN_FOR
    return (act.role == step.actor or stands_in) and covers(act.region, region_of(step, row.region))


async def act_on(
    acts: Mapping[UUID, Act], *, tx: Transaction, office: Office, at: datetime, done_too: bool = False
) -> list[OutcomesReported]:
    """Acts of the owner's own routes on procedures (a hold, a delivery, a booking). Ended ones stay as they are.

    `done_too`: also those that ended done (a sign of life reported after the services were paused).

    The caller has not locked anything yet; it emits the reports.
    """
    rows = await locked_with_persons(acts, tx, office)
    heard = RUNNING | {OwnerState.UNDOING} | ({OwnerState.DONE} if done_too else set())
    alive = {key: pair for key, pair in rows.items() if pair[0].state in heard}
    return await _carry({key: acts[key] for key in alive}, alive, tx, office, at)


async def locked_with_persons(
    procedures: Sequence[UUID] | Mapping[UUID, Act], tx: Transaction, office: Office
) -> dict[UUID, tuple[Row, CaseFile]]:
    """Persons first, then the procedures: the order every handler keeps."""
    seen = await read_procedures(tx, procedures)
    persons = {person for _, case in seen.values() for person in (case.subject, *case.persons.values())}
    subjects: dict[str, set[UUID]] = {}
    for row, case in seen.values():
        subjects.setdefault(row.type, set()).add(case.subject)
    for kind in sorted(subjects):
        persons.update(await office.procedures.module(kind).people(sorted(subjects[kind]), tx=tx))
    await lock_persons(tx, persons)
    return await lock_procedures(tx, procedures)


async def _carry(
    acts: Mapping[UUID, Act],
    rows: Mapping[UUID, tuple[Row, CaseFile]],
    tx: Transaction,
    office: Office,
    at: datetime,
) -> list[OutcomesReported]:
    jobs = [job_for_act(*rows[key], acts[key], office=office) for key in sorted(acts)]
    ruled = await rule(jobs, tx=tx, office=office, at=at)
    for error in ruled.failed.values():
        raise error
    return await settle(ruled.rulings, tx=tx, office=office, at=at)
