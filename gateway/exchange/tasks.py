"""Decisions on the exchange's own tasks: the county supervisor's way out of silence and refusals."""

from datetime import datetime
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from contracts.acts import DecisionAnswer, TaskDecision
from gateway.cases.choices import check_choice
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.cases.problems import TaskUnknown
from gateway.exchange import rows
from gateway.exchange.answering import Moment, Verdict
from gateway.exchange.clock import clocked
from gateway.exchange.deciding import decide
from gateway.exchange.delivery import Delivery
from gateway.exchange.department_tasks import decisions
from gateway.exchange.limits import Limits
from gateway.exchange.locking import lock_cases
from gateway.exchange.orders import write_changes
from gateway.exchange.problems import HoldStands, NotThisDesk
from kernel.errors import StaleVersion
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Role, covers

_REASON_MISSING = (
    "请写明核实的情况。", "Say what was found out.",
    "请填写向谁、何时核实以及结果。", "Give whom you asked, when, and the answer.",
)  # fmt: skip


class DeliveryTasks:
    """`await delivery_tasks(tx, task_id, act, at=…)` → the procedure as it stands after the decision."""

    def __init__(self, moves: Moves, limits: Limits) -> None:
        self._moves = moves
        self._limits = limits

    async def __call__(
        self, tx: Transaction, task: UUID, act: TaskDecision, *, at: datetime
    ) -> DecisionAnswer:
        """Raises TaskUnknown, StaleVersion, NotThisDesk, HoldStands, or Unprocessable for decision and reason."""
        seen = await rows.of_task(tx, task)
        if seen is None:
            raise TaskUnknown()
        holds = await lock_cases(tx, [seen.case_id])
        locked = await rows.of_procedures(tx, [seen.procedure])
        delivery = next(row for row in locked[seen.procedure] if row.current)
        _check(delivery, task, act)
        moment = Moment(at, uuid7(), uuid4())
        verdict, change = decide(
            delivery, act.decision, act.reason, holds.get(delivery.case_id, frozenset()), moment
        )
        if verdict is Verdict.HELD:
            raise HoldStands()
        change = clocked(change, at, self._limits)
        await write_changes(tx, [change])
        outcome = change.current.as_outcome(at)
        await self._moves.move(tx, [(delivery.case_id, [OutcomeArrived(outcome)])], at=at, actor=act.acted_by)
        return DecisionAnswer(case=delivery.case_id, outcome=outcome)


def _check(delivery: Delivery, task: UUID, act: TaskDecision) -> None:
    """The human saw what stands now, may decide it, and says what the decision needs."""
    if delivery.task_id != task or delivery.task_kind is None or act.version != delivery.version:
        raise StaleVersion(delivery.version)
    if act.role != Role.COUNTY_SUPERVISOR or not covers(act.region, delivery.region):
        raise NotThisDesk(extra={"role": Role.COUNTY_SUPERVISOR.value})
    check_choice(decisions(delivery.task_kind), act, reason_missing=_REASON_MISSING)
