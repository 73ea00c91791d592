"""Moves: the one way in which cases change, for one case or for a batch of many (design 1 and 5).

Lock the cases in order → plan each → carry out what departments and the gateway itself are ordered, plan their
answers → save the board in one statement → emit one message per service, case and round. All in the caller's
transaction; the number of statements does not grow with the number of cases.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.orders import OrdersIssued
from contracts.outcomes import Outcome, OutcomesReported
from gateway.cases import asks, board, life_fact
from gateway.cases.orders import (
    OURSELVES,
    SERVICES,
    DepartmentOrder,
    carries_form,
    department_order,
    owner_message,
)
from gateway.cases.planner import plan
from gateway.cases.planner.inputs import Input, OutcomeArrived
from gateway.cases.planner.model import Ask, Note, PlannedOrder, Row
from gateway.cases.plans import Plans
from gateway.cases.record import case_record, row_records, timeline_record
from gateway.cases.standing import Standing
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.sealing import Sealer

TakeOrders = Callable[[Transaction, Sequence[DepartmentOrder]], Awaitable[Sequence[Outcome]]]
CarryOut = Callable[[Transaction, Sequence[OrdersIssued], datetime], Awaitable[Sequence[OutcomesReported]]]
_MOST_ROUNDS = 64


@dataclass(frozen=True, slots=True)
class Moved:
    """What one move did. `changed` are the rows whose values differ now; `stale` counts ignored outcomes.

    `rows` and `line` are those rows and the timeline's line as they were written.
    """

    standing: Standing
    changed: tuple[Row, ...]
    notes: tuple[Note, ...]
    stale: int
    rows: tuple[Mapping[str, Any], ...] = ()
    line: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Work:
    """One case while it is being moved."""

    standing: Standing
    inputs: list[Input]
    before: Mapping[UUID, Row]
    was: Standing
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    orders: list[PlannedOrder] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    asks: frozenset[Ask] = frozenset()
    stale: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    line: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> list[Row]:
        """Rows that differ; the planner hands on untouched ones as they are, so most need no comparison."""
        before = self.before
        return [
            row for row in self.standing.case.rows if (was := before.get(row.id)) is not row and was != row
        ]


@dataclass(frozen=True, slots=True)
class Moves:
    """The engine with what it needs. Made once at the start of the gateway.

    `take_orders` (gateway.exchange) writes deliveries and answers open at once; `carry_out` (casework) does the
    gateway's own procedures. Both run inside the mover's transaction.
    """

    plans: Plans
    sealer: Sealer
    calendar: WorkingCalendar
    take_orders: TakeOrders
    carry_out: CarryOut

    async def move(
        self, tx: Transaction, moves: Sequence[tuple[UUID, Sequence[Input]]], *, at: datetime, actor: str
    ) -> list[Moved]:
        """Move each case by its inputs, in the order given. Unknown cases are left out of the answer.

        Takes the row locks of the cases in the order of their ids; a caller who holds them already may call.
        """
        inputs: dict[UUID, list[Input]] = defaultdict(list)
        for case, given in moves:
            inputs[case].extend(given)
        standing = await board.load(tx, inputs, self.plans)
        return await self.move_loaded(
            tx, [(standing[case], inputs[case]) for case in standing], at=at, actor=actor
        )

    async def move_loaded(
        self, tx: Transaction, moves: Sequence[tuple[Standing, Sequence[Input]]], *, at: datetime, actor: str
    ) -> list[Moved]:
        """As `move`, for cases that the caller has locked and loaded (or has just inserted)."""
        works = [
            _Work(standing, list(given), {row.id: row for row in standing.case.rows}, replace(standing))
            for standing, given in moves
        ]
        await self._plan_until_quiet(tx, works, at)
        touched = [
            work
            for work in works
            if work.changed
            or work.notes
            or work.standing.case != work.was.case
            or work.standing.new_form is not None
        ]
        await self._save(tx, touched, at, actor)
        for work in touched:
            self._emit(tx, work, at)
        return [
            Moved(
                work.standing, tuple(work.changed), tuple(work.notes), work.stale, tuple(work.rows), work.line
            )
            for work in works
        ]

    async def _plan_until_quiet(self, tx: Transaction, works: Sequence[_Work], at: datetime) -> None:
        """Plan, let departments and the gateway answer, plan again; each round answers orders, so it ends."""
        moving = list(works)
        for _ in range(_MOST_ROUNDS):
            fresh = [(work, self._plan(work, at)) for work in moving]
            outcomes = await self._answered_here(tx, fresh, at)
            moving = []
            for work in works:
                work.inputs = [OutcomeArrived(outcome) for outcome in outcomes.get(work.standing.id, ())]
                if work.inputs:
                    moving.append(work)
            if not moving:
                return
        raise RuntimeError("orders and answers inside one transaction do not come to rest")

    def _plan(self, work: _Work, at: datetime) -> Sequence[PlannedOrder]:
        """Plan the waiting inputs; the new orders."""
        result = plan(work.standing.case, work.inputs, at=at)
        work.standing.case = result.case
        work.outcomes.update(result.outcomes)
        work.orders.extend(result.orders)
        work.notes.extend(result.notes)
        work.asks = result.asks
        work.stale += result.stale
        return result.orders

    async def _answered_here(
        self, tx: Transaction, fresh: Sequence[tuple[_Work, Sequence[PlannedOrder]]], at: datetime
    ) -> dict[UUID, list[Outcome]]:
        """Orders of departments and of the gateway, carried out at once; their outcomes by case."""
        answers: dict[UUID, list[Outcome]] = defaultdict(list)
        departments: list[DepartmentOrder] = []
        ours: list[OrdersIssued] = []
        for work, orders in fresh:
            own = [order for order in orders if order.owner == OURSELVES]
            if own:
                ours.append(self._message(work, OURSELVES, own, at))
            departments += [
                department_order(work.standing, order, at)
                for order in orders if order.owner != OURSELVES and order.owner not in SERVICES
            ]  # fmt: skip
        if departments:
            case_of = {order.procedure: order.case for order in departments}
            for outcome in await self.take_orders(tx, departments):
                answers[case_of[outcome.procedure]].append(outcome)
        if ours:
            for reported in await self.carry_out(tx, ours, at):
                answers[reported.case].extend(reported.outcomes)
        return answers

    def _message(self, work: _Work, owner: str, orders: Sequence[PlannedOrder], at: datetime) -> OrdersIssued:
        """The owner's message, with the form opened once for the case when it is needed."""
        form = None
        if carries_form(orders):
            form = work.standing.form(self.sealer)
        return owner_message(work.standing, owner, orders, at, form, self.sealer)

    async def _save(self, tx: Transaction, works: Sequence[_Work], at: datetime, actor: str) -> None:
        """The board, and the gateway's own tasks where they changed."""
        if not works:
            return
        opened: list[tuple[Standing, Ask]] = []
        closed: list[tuple[Standing, Ask]] = []
        for work in works:
            work.standing.progress += 1
            opened += [(work.standing, ask) for ask in work.asks - work.standing.asks]
            closed += [(work.standing, ask) for ask in work.standing.asks - work.asks]
            work.standing.asks = work.asks
            work.rows = row_records(work.standing, work.changed, work.outcomes, at, self.calendar)
            work.line = timeline_record(work.standing, work.notes, at, actor)
        await board.save(
            tx,
            [case_record(work.standing, at) for work in works],
            [record for work in works for record in work.rows],
            [work.line for work in works if work.notes],
        )
        await asks.stand(tx, opened, closed, at=at, actor=actor, calendar=self.calendar)
        flipped = [work.standing for work in works if life_fact.flipped(work.was.case, work.standing.case)]
        await life_fact.state(tx, flipped, at=at)

    def _emit(self, tx: Transaction, work: _Work, at: datetime) -> None:
        """One message per service, in the planner's order."""
        by_owner: dict[str, list[PlannedOrder]] = defaultdict(list)
        for order in work.orders:
            if order.owner in SERVICES:
                by_owner[order.owner].append(order)
        for owner, orders in by_owner.items():
            tx.emit(self._message(work, owner, orders, at))
