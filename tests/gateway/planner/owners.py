"""Two kinds of owner as design 5 describes them, small enough to be read whole.

They stand in for a service and a department in the planner's state machine; the real ones have their own
tests. Each counts the effects it has in the world, so that a doubled or a lost one is seen.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind
from gateway.cases.planner.model import PlannedOrder
from tests.gateway.planner.event import EVENT

AUTOMATIC = frozenset(row.type for row in EVENT.procedures if row.steps[0].actor == "system")
LIVE = frozenset({OwnerState.OPEN, OwnerState.PAUSED})


@dataclass
class Record:
    """One procedure at its owner: `effect` is 1 while the act stands in the world."""

    id: UUID
    type: str
    state: OwnerState | None = None
    order: int = 0
    version: int = 0
    effect: int = 0
    passed: bool = False
    too_late: bool = False


@dataclass
class Owner:
    """Carries out orders by number, once each, and answers every one."""

    checks_order_number: bool = True
    records: dict[UUID, Record] = field(default_factory=dict)
    double_effects: list[str] = field(default_factory=list)

    def carry_out(self, order: PlannedOrder, at: datetime) -> Outcome | None:
        """The answer to one order, or None when it was carried out before."""
        record = self.records.setdefault(order.row, Record(order.row, order.type))
        if self.checks_order_number and order.number <= record.order:
            return None
        record.order = max(record.order, order.number)
        record.too_late = False
        getattr(self, order.verb.value)(record)
        return self.says(record, at)

    def open(self, record: Record) -> None:
        """Automatic rows act at once; the others wait for a human or a department."""
        if record.type in AUTOMATIC:
            self.act(record)
        else:
            record.state = OwnerState.OPEN

    def act(self, record: Record) -> None:
        """The act itself: a second one for the same row is the fault this model looks for."""
        if record.effect:
            self.double_effects.append(record.type)
        record.effect += 1
        record.state = OwnerState.DONE

    def withdraw(self, record: Record) -> None:
        """Before the point of no return it ends; a suspension is lifted; else it is too late."""
        if record.state in LIVE and not record.passed:
            record.state = OwnerState.WITHDRAWN
        elif record.state is OwnerState.DONE and record.type == "assistance.hold":
            record.effect = 0
            record.state = OwnerState.WITHDRAWN
        else:
            record.too_late = True

    def correct(self, record: Record) -> None:
        """Recomputed in place; a refusal opens again."""
        if record.state is OwnerState.REFUSED:
            record.state = OwnerState.OPEN

    def undo(self, record: Record) -> None:
        """Taken back; a cremation cannot be, and is noted."""
        if record.state is OwnerState.DONE and record.type == "funeral.cremation":
            return
        if record.state in LIVE and record.passed:
            record.state = OwnerState.UNDOING
        elif record.state not in (OwnerState.REFUSED, OwnerState.WITHDRAWN, OwnerState.NOT_APPLICABLE):
            record.effect = 0
            record.state = OwnerState.UNDONE

    def progress(self, record: Record, how: str, at: datetime) -> Outcome | None:
        """Something happens at the owner without an order: a step, a decision, a clock."""
        if record.state is OwnerState.UNDOING and how == "end":
            record.effect, record.state = 0, OwnerState.UNDONE
        elif record.state is OwnerState.PAUSED:
            record.state = OwnerState.OPEN
        elif record.state is not OwnerState.OPEN:
            return None
        elif how == "pass":
            record.passed = True
        elif how == "pause":
            record.state = OwnerState.PAUSED
        elif how == "refuse" and not record.passed:
            record.state = OwnerState.REFUSED
        else:
            self.act(record)
        return self.says(record, at)

    def says(self, record: Record, at: datetime, **values: object) -> Outcome:
        """The full present state, one version later."""
        record.version += 1
        assert record.state is not None
        kind = UndoKind.RESTORE if record.state is OwnerState.UNDONE else None
        return Outcome(
            procedure=record.id,
            type=record.type,
            order=record.order,
            version=record.version,
            state=record.state,
            at=at,
            undo_kind=kind,
            too_late_at=at - timedelta(hours=1) if record.too_late else None,
            **values,
        )
