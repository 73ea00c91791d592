"""A case while one plan is being made: the planner's only mutable thing, never seen outside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from contracts.catalog import ProcedureRow
from contracts.orders import Verb
from contracts.outcomes import Outcome
from contracts.terms import UndoReason
from gateway.cases.planner.model import Ask, Case, Note, Plan, PlannedOrder, Row, RowState
from gateway.cases.planner.proofs import proofs

WEIGHT = {None: 0, Verb.CORRECT: 1, Verb.WITHDRAW: 2, Verb.UNDO: 3}


class Draft:
    """The case's values, its rows by id and by type, and what this plan will send and note."""

    def __init__(self, case: Case, at: datetime) -> None:
        self.case = case
        self.at = at
        self.before = {row.id: row for row in case.rows}
        self.rows = dict(self.before)
        self.current: dict[str, Row] = {}
        for row in sorted(case.rows, key=lambda row: row.round):
            self.current[row.type] = row
        self.specs = {spec.type: spec for spec in case.event.procedures}
        self.orders: list[PlannedOrder] = []
        self.outcomes: dict[UUID, Outcome] = {}
        self.notes: list[Note] = []
        self.stale = 0
        self.told: set[tuple[UUID, int]] = set()
        self.proofs_before = proofs(case, self.current)
        self.told_proofs: set[UUID] = set()
        self.moved = False

    def amend(self, **values: Any) -> None:
        """Change values of the case itself."""
        self.case = replace(self.case, **values)
        self.moved = True

    def set(self, row: Row, **values: Any) -> Row:
        """Change values of one row."""
        changed = replace(row, **values)
        self.rows[row.id] = changed
        if self.current[row.type].round == row.round:
            self.current[row.type] = changed
        self.moved = True
        return changed

    def spec(self, row: Row) -> ProcedureRow:
        """The catalogue row of a board row."""
        return self.specs[row.type]

    def latest(self, procedure_type: str) -> Row | None:
        """The row of the newest round of that type, or None when the plan never had it."""
        return self.current.get(procedure_type)

    def newest(self) -> Iterator[Row]:
        """The newest row of each type, in the catalogue's order."""
        for procedure_type in self.specs:
            row = self.current.get(procedure_type)
            if row is not None:
                yield row

    def add_round(self, procedure_type: str, state: RowState) -> Row:
        """A new row of that type; its id follows from case, type and round, so a repeat adds nothing."""
        last = self.latest(procedure_type)
        number = last.round + 1 if last else 1
        row = Row(
            id=row_id(self.case.id, procedure_type, number), type=procedure_type, round=number, state=state
        )
        self.rows[row.id] = row
        self.current[procedure_type] = row
        self.moved = True
        return row

    def want(self, row: Row, verb: Verb, reason: UndoReason | None = None) -> Row:
        """Fold a wish into the row: undo > withdraw > latest correction (design 5)."""
        if WEIGHT[verb] < WEIGHT[row.wanted]:
            return row
        return self.set(row, wanted=verb, undo_reason=reason or row.undo_reason)

    def send(self, row: Row, verb: Verb) -> Row:
        """Send one order: the next number, and nothing wanted any more."""
        number = row.order + 1
        spec = self.spec(row)
        reason = row.undo_reason if verb is Verb.UNDO else None
        self.orders.append(PlannedOrder(row.id, row.type, spec.owner, verb, number, reason))
        state = RowState.ORDERED if verb is Verb.OPEN else row.state
        return self.set(row, order=number, sent=verb, wanted=None, state=state)

    def end(self, row: Row, state: RowState, reason: str) -> Row:
        """End a row that no owner was asked to keep."""
        self.note(state.value, row.id, reason=reason)
        return self.set(row, state=state, reason=reason, by_gateway=True, wanted=None)

    def note(self, kind: str, row: UUID | None = None, **detail: Any) -> None:
        """Add a line of the timeline."""
        self.notes.append(Note(kind, row, detail))

    def plan(self, asks: frozenset[Ask]) -> Plan:
        """The finished plan: money and insurance first in each owner's queue of undos."""
        rows = tuple(self.rows.values())
        changed = tuple(row for row in rows if (was := self.before.get(row.id)) is not row and was != row)
        orders = sorted(
            self.orders, key=lambda order: order.verb is Verb.UNDO and not self.specs[order.type].money
        )
        return Plan(
            case=replace(self.case, rows=rows),
            changed=changed,
            orders=tuple(orders),
            outcomes=self.outcomes,
            asks=asks,
            notes=tuple(self.notes),
            stale=self.stale,
        )


def row_id(case: UUID, procedure_type: str, number: int) -> UUID:
    """The key of a board row: the same case, type and round always give the same key."""
    return uuid5(case, f"{procedure_type}/{number}")
