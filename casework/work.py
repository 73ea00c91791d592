"""One batch of verbs: gather once per type, decide, apply, write, tell (design 5).

`rule` runs nothing but reads and pure functions, so whatever it refuses can still be parked without a trace.
`settle` writes: effects per type, one statement for all procedure rows, the tasks, and the outcomes.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from casework.decided import Settled, keep_record
from casework.office import Office
from casework.procedure import Act, Procedure, Ruling, not_applicable, paused, unchanged
from casework.registry import Facts, Gather, Module
from casework.rows import CaseFile, Row, procedure_of, write_procedures
from casework.settle import moved, outcome_of
from casework.steps import SIGN_UNDO, SUPPLEMENT, find_step, supplement
from contracts.orders import Order, Verb
from contracts.outcomes import Outcome, OutcomesReported, OwnerState
from contracts.terms import UndoReason
from kernel.messaging.transaction import Transaction


@dataclass(slots=True)
class Job:
    """One verb on one procedure: an order (`order`) or an act (`act`). `group` is the message it came in."""

    row: Row
    case: CaseFile
    procedure: Procedure
    order: Order | None = None
    act: Act | None = None
    group: Hashable = None

    @property
    def verb(self) -> Verb | None:
        return self.order.verb if self.order else None


@dataclass(slots=True)
class Ruled:
    """What was decided, and which groups a verb refused to decide."""

    rulings: list[tuple[Job, Ruling]]
    failed: dict[Hashable, Exception]


def job_for_order(row: Row, case: CaseFile, order: Order, *, office: Office, group: Hashable = None) -> Job:
    """The job of an order; `row.state` is none when it opens the procedure."""
    if order.undo_reason is not None:
        row = replace(row, undo_reason=order.undo_reason.value)
    return Job(row, case, procedure_of(row, case, office.form(case)), order=order, group=group)


def job_for_act(row: Row, case: CaseFile, act: Act, *, office: Office) -> Job:
    """The job of a decision, a clock or an answer."""
    return Job(row, case, procedure_of(row, case, office.form(case)), act=act)


async def rule(jobs: Sequence[Job], *, tx: Transaction, office: Office, at: datetime) -> Ruled:
    """Decide every job. A verb that raises fails its whole group; the others stand."""
    answers, failed = await _ask_predicates(jobs, tx=tx, office=office)
    facts = await _gather(jobs, tx=tx, office=office)
    rulings: list[tuple[Job, Ruling]] = []
    for job in jobs:
        if job.group in failed:
            continue
        module = office.procedures.module(job.row.type)
        try:
            rulings.append(
                (job, _decide(job, module, facts.get(job.row.id), answers.get(job.row.id, True), at))
            )
        except Exception as error:  # noqa: BLE001 - whatever a verb raises parks its message, never the batch
            failed[job.group] = error
    return Ruled([each for each in rulings if each[0].group not in failed], failed)


async def _gather(jobs: Sequence[Job], *, tx: Transaction, office: Office) -> dict[UUID, Facts]:
    """Once per gather function: types that read the same things share the reading."""
    facts: dict[UUID, Facts] = {}
    same: dict[Gather, list[Procedure]] = defaultdict(list)
    for job in sorted(jobs, key=lambda job: job.row.type):
        same[office.procedures.module(job.row.type).gather].append(job.procedure)
    for gather, procedures in same.items():
        facts.update(await gather(procedures, tx=tx))
    return facts


async def _ask_predicates(
    jobs: Sequence[Job], *, tx: Transaction, office: Office
) -> tuple[dict[UUID, bool | None], dict[Hashable, Exception]]:
    asking = [job for job in jobs if job.row.terms.predicate and job.verb in (Verb.OPEN, Verb.CORRECT)]
    answers: dict[UUID, bool | None] = {}
    failed: dict[Hashable, Exception] = {}
    for name, same in _by(asking, lambda job: str(job.row.terms.predicate)).items():
        try:
            predicate = office.procedures.predicate(name)
        except Exception as error:  # noqa: BLE001 - an unregistered name parks the orders that use it
            failed.update({job.group: error for job in same})
            continue
        answers.update(await predicate([job.procedure for job in same], tx=tx))
    return answers, failed


def _decide(job: Job, module: Module, facts: Facts, holds: bool | None, at: datetime) -> Ruling:
    procedure = job.procedure
    if job.act is not None:
        return _advance(procedure, module, facts, job.act, at)
    if job.verb is Verb.OPEN:
        return _open(procedure, module, facts, holds, at)
    if job.verb is Verb.CORRECT:
        return _correct(procedure, module, facts, holds, at)
    if job.verb is Verb.WITHDRAW:
        return module.withdraw(procedure, facts, at=at)
    return module.undo(procedure, facts, at=at)


def _open(procedure: Procedure, module: Module, facts: Facts, holds: bool | None, at: datetime) -> Ruling:
    if procedure.running:
        return unchanged(procedure)
    predicate = procedure.terms.predicate or ""
    unknown = procedure.terms.unknown
    if holds is False or (holds is None and unknown == "no"):
        return not_applicable(predicate)
    if holds is None and unknown == "wait":
        return paused(
            SUPPLEMENT,
            predicate,
            extra_step=supplement(procedure.terms, name=f"补充信息：{procedure.terms.name}"),
            task_facts={"predicate": predicate},
        )
    return module.open(procedure, facts, at=at)


def _correct(procedure: Procedure, module: Module, facts: Facts, holds: bool | None, at: datetime) -> Ruling:
    waiting = procedure.step == SUPPLEMENT and procedure.running
    if holds is None:
        return unchanged(procedure) if waiting else module.correct(procedure, facts, at=at)
    if holds is False:
        return _needless(procedure, module, facts, at)
    return module.open(procedure, facts, at=at) if waiting else module.correct(procedure, facts, at=at)


def _needless(procedure: Procedure, module: Module, facts: Facts, at: datetime) -> Ruling:
    """The corrected form no longer calls for it: nothing has happened yet, or it is taken back."""
    predicate = procedure.terms.predicate or ""
    if procedure.running and procedure.no_return_at is None and not procedure.memory:
        return not_applicable(predicate)
    if procedure.ended and procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return module.undo(replace(procedure, undo_reason=UndoReason.NOT_NEEDED), facts, at=at)


def _advance(procedure: Procedure, module: Module, facts: Facts, act: Act, at: datetime) -> Ruling:
    if act.kind == "decision" and procedure.step == SUPPLEMENT:
        if act.decision == "no":
            return not_applicable(procedure.terms.predicate or act.decision)
        return module.open(replace(procedure, state=None, step=None), facts, at=at)
    if act.kind == "decision" and procedure.step == SIGN_UNDO and procedure.state is OwnerState.UNDOING:
        return module.undo(replace(procedure, state=OwnerState.DONE, human=False), facts, at=at)
    return module.advance(procedure, facts, act, at=at)


async def settle(
    rulings: Sequence[tuple[Job, Ruling]], *, tx: Transaction, office: Office, at: datetime
) -> list[OutcomesReported]:
    """Write effects, rows and records, and return one report per case (emitting is the caller's)."""
    for kind, same in sorted(_by(rulings, lambda each: each[0].row.type).items()):
        module = office.procedures.module(kind)
        await module.apply([(job.procedure, ruling) for job, ruling in same], tx=tx, at=at)
    after = [_after(job, ruling, office, at) for job, ruling in rulings]
    await write_procedures(tx, after)
    settled = [
        Settled(job.row, row, ruling, job.act) for (job, ruling), row in zip(rulings, after, strict=True)
    ]
    await keep_record(tx, settled, at=at)
    return reports([(row.case_id, outcome_of(row, at=at)) for row in after], owner=office.owner)


def _after(job: Job, ruling: Ruling, office: Office, at: datetime) -> Row:
    after = moved(job.row, job.case, ruling, at=at, calendar=office.calendar)
    if job.order is not None:
        after.order_no = job.order.number
        after.region = job.order.region
    elif job.act is not None and job.act.kind == "decision":
        step = find_step(job.row.terms, job.row.step)
        after.human = job.row.human or step is not None
    return after


def reports(outcomes: Iterable[tuple[UUID, Outcome]], *, owner: str) -> list[OutcomesReported]:
    """One report per case, cases in order of first mention."""
    by_case: dict[UUID, list[Outcome]] = defaultdict(list)
    for case, outcome in outcomes:
        by_case[case].append(outcome)
    return [OutcomesReported(case=case, owner=owner, outcomes=tuple(some)) for case, some in by_case.items()]


def _by(things: Sequence[Any], key: Callable[[Any], str]) -> Mapping[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return groups
