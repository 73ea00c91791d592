"""A human's decision on a task: the owner's, a department's (exchange), or the gateway's own (design 1).

The owner carries it out and answers with the procedure; the answer passes the same version guard as an event. Owner
away: 503, nothing queued. What the gateway owns is decided in one transaction here.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

from casework import tasks as casework_tasks
from casework.office import Office
from contracts.acts import DecisionAnswer, TaskDecision
from contracts.terms import UndoReason
from gateway.cases import board, task_queries
from gateway.cases.acts import Act, perform
from gateway.cases.choices import check_choice
from gateway.cases.corrections import Corrections
from gateway.cases.moves import Moves
from gateway.cases.orders import OURSELVES, SERVICES
from gateway.cases.owners import Owners
from gateway.cases.planner.inputs import (
    ConditionAnswered,
    DoubtCleared,
    EvidenceSought,
    Input,
    ManualPathDecided,
    OutcomeArrived,
    RevocationAsked,
    RevocationDeclined,
    RevocationSigned,
)
from gateway.cases.problems import ProcedureEnded, TaskUnknown
from gateway.cases.readers import allowed
from gateway.cases.standing import OWNER, Standing, parsed
from kernel.errors import Forbidden, StaleVersion
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor
from kernel.public_service.sealing import Sealed

_OWN_TASK = text("SELECT * FROM gateway_tasks WHERE id = :id AND closed_at IS NULL FOR UPDATE")
_DECIDED = text("""
    UPDATE gateway_tasks SET closed_at = :at, closed_by = :by, decision = :decision, version = version + 1
    WHERE id = :id""")
_REASON_MISSING = ("请写明理由。", "A reason is needed.", "请填写理由。", "Give a reason.")


class NotYourTask(Forbidden):
    """这项待办由别的岗位办理。
    Another role decides this task."""


class DecideDelivery(Protocol):
    """The exchange's tasks: `gateway.exchange.tasks.DeliveryTasks`."""

    def __call__(
        self, tx: Transaction, task: UUID, act: TaskDecision, *, at: datetime
    ) -> Awaitable[DecisionAnswer]: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """The case and, where the task was about one, the procedure to answer with."""

    case: UUID
    procedure: UUID | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything that can decide a task."""

    moves: Moves
    office: Office
    owners: Owners
    corrections: Corrections
    delivery_tasks: DecideDelivery

    async def find(self, tx: Transaction, task: UUID, actor: Actor) -> Mapping[str, Any]:
        """The open task that this actor decides. Raises TaskUnknown, NotYourTask, or ProcedureEnded when it is over."""
        row = await task_queries.find_task(tx, task)
        if row is None:
            case = await task_queries.decided_in(tx, task)
            if case is not None and await self._knows(tx, case, actor):
                raise ProcedureEnded()
            raise TaskUnknown()
        if not task_queries.visible(row, actor):
            raise TaskUnknown()
        if not task_queries.may_decide(row, actor):
            raise NotYourTask(extra={"role": row["role"]})
        return row

    async def _knows(self, tx: Transaction, case: UUID, actor: Actor) -> bool:
        """Whether this actor works on tasks of that case at all."""
        standing = (await board.load(tx, [case], self.moves.plans, lock=False))[case]
        return allowed(actor, Action.LIST_TASKS, standing)

    async def by_owner(
        self, row: Mapping[str, Any], act: TaskDecision, key: str | None
    ) -> DecisionAnswer | None:
        """The owner's answer for a service's task (no transaction is held meanwhile); None for tasks decided here."""
        if row["kind"] is not None or row["owner"] not in SERVICES:
            return None
        return await self.owners.decide(row["owner"], row["id"], act, key)

    async def take(
        self,
        tx: Transaction,
        row: Mapping[str, Any],
        act: TaskDecision,
        answer: DecisionAnswer | None,
        actor: Actor,
    ) -> Decided:
        """Apply what was decided to the board, in this transaction."""
        at = act.acted_at
        if answer is not None:
            inputs = [OutcomeArrived(answer.outcome)]
            await self.moves.move(tx, [(answer.case, inputs)], at=at, actor=act.acted_by)
        elif row["kind"] is not None:
            await self._own(tx, row, act, actor)
        elif row["owner"] == OURSELVES:
            await self._domestic(tx, row, act)
        else:
            await self.delivery_tasks(tx, row["id"], act, at=at)
        return Decided(row["case_id"], row["procedure"])

    async def _domestic(self, tx: Transaction, row: Mapping[str, Any], act: TaskDecision) -> None:
        """A task of a `gateway.*` procedure: casework on our own database; the case's lock comes first."""
        standing = (await board.load(tx, [row["case_id"]], self.moves.plans))[row["case_id"]]
        _, reports = await casework_tasks.decide(row["id"], act, tx=tx, office=self.office, at=act.acted_at)
        inputs = [OutcomeArrived(outcome) for report in reports for outcome in report.outcomes]
        await self.moves.move_loaded(tx, [(standing, inputs)], at=act.acted_at, actor=act.acted_by)

    async def _own(self, tx: Transaction, row: Mapping[str, Any], act: TaskDecision, actor: Actor) -> None:
        """A question of the gateway's own."""
        standing = (await board.load(tx, [row["case_id"]], self.moves.plans))[row["case_id"]]
        task = (await tx.execute(_OWN_TASK, {"id": row["id"]})).mappings().first()
        if task is None:
            raise ProcedureEnded()
        if act.version != task["version"]:
            raise StaleVersion(task["version"])
        check_choice(task_queries.task_of(row).decisions, act, reason_missing=_REASON_MISSING)
        done = await self._act(tx, standing, task, row, act, actor)
        await tx.execute(
            _DECIDED, {"id": task["id"], "at": act.acted_at, "by": act.acted_by, "decision": act.decision}
        )
        await perform(tx, self.moves, standing, done, at=act.acted_at)

    async def _act(
        self,
        tx: Transaction,
        standing: Standing,
        task: Any,
        row: Mapping[str, Any],
        act: TaskDecision,
        actor: Actor,
    ) -> Act:
        if task["kind"] == "content_conflict" and act.decision == "correct":
            sealed = Sealed.model_validate(parsed(task["sealed"]))
            values = self.moves.sealer.open(sealed, standing.id, OWNER)
            return await self.corrections.act(
                tx, standing, actor, values, act.reason or "", at=act.acted_at,
                vouched_by=parsed(task["facts"]).get("said_by"),
            )  # fmt: skip
        words = {"decision": act.decision, "reason": act.reason}
        inputs = inputs_of(
            task["kind"], act.decision, row["type"], path=parsed(task["facts"]).get("reason"),
            confirmed=standing.case.confirmed,
        )  # fmt: skip
        return Act(f"task_{task['kind']}", act.acted_by, words, inputs)


def inputs_of(
    kind: str, decision: str, procedure_type: str | None, *, path: str | None = None, confirmed: bool = False
) -> Sequence[Input]:
    """What a decision on one of the gateway's own questions means for the planner.

    Once the death is confirmed, another person can only be said to be meant: the county signs what undoes it.
    """
    if kind == "manual_path":
        return [ManualPathDecided(path or "", go_on=decision == "continue")]
    if confirmed and (kind, decision) == ("identity_doubt", "not_this_person"):
        return [RevocationAsked(UndoReason.WRONG_MATCH)]
    if kind == "condition_unknown":
        return [ConditionAnswered(type=procedure_type or "", holds=decision == "yes")]
    if kind == "evidence_refused" and decision == "seek_again":
        return [EvidenceSought(type=procedure_type or "")]
    meaning: dict[tuple[str, str], Input] = {
        ("identity_doubt", "same_person"): DoubtCleared(),
        ("identity_doubt", "not_this_person"): RevocationSigned(UndoReason.WRONG_MATCH),
        ("evidence_refused", "not_dead"): RevocationSigned(UndoReason.WRONG_MATCH),
        ("sign_revocation", "sign"): RevocationSigned(),
        ("sign_revocation", "decline"): RevocationDeclined(),
    }
    return [meaning[kind, decision]] if (kind, decision) in meaning else []
