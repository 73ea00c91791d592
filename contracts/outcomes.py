"""What an owner answers: one message per owner, case and round (design 1 and 5)."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from contracts.terms import Frozen, StepDecision, UndoKind
from kernel.messaging.event import Event


class OwnerState(StrEnum):
    """The states an owner may report (design 5); the gateway's own are waiting, offered and ordered."""

    OPEN = "open"
    PAUSED = "paused"
    DONE = "done"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    WITHDRAWN = "withdrawn"
    UNDOING = "undoing"
    UNDONE = "undone"
    STUCK = "stuck"


class Task(Frozen):
    """A human's next act on a procedure; `facts` carry nothing that names a person."""

    id: UUID
    step: str
    name: str
    role: str
    level: str | None = None
    region: str
    opened_at: datetime
    due_at: datetime | None = None
    provisional: bool = False
    decisions: tuple[StepDecision, ...]
    facts: dict[str, Any] = {}


class Outcome(Frozen):
    """The full present state of one procedure at its owner.

    `order` is the last order number the owner has carried out; `version` rises with each change of the
    procedure at its owner, so a later outcome always replaces an earlier one. `too_late_at` answers a
    withdrawal after the point of no return. `signal` says what the planner must react to besides the
    state: `sign_of_life`, `identity_doubt`, `facts_changed`, `wrong_person`, `hold_missing`.
    `escalation` counts the marks of 50, 80 and 100 % that have passed; a paused limit stands still since `paused_at`.
    """

    procedure: UUID
    type: str
    order: int
    version: int
    state: OwnerState
    at: datetime
    reason: str | None = None
    result: dict[str, Any] = {}
    step: str | None = None
    task: Task | None = None
    due_at: datetime | None = None
    half_at: datetime | None = None
    warn_at: datetime | None = None
    provisional: bool = False
    escalation: int = 0
    too_late_at: datetime | None = None
    undo_kind: UndoKind | None = None
    signal: str | None = None
    paused_at: datetime | None = None


class OutcomesReported(Event):
    """All outcomes of one round of one case by one owner."""

    name: ClassVar[str] = "OutcomesReported"
    version: ClassVar[int] = 1

    case: UUID
    owner: str
    outcomes: tuple[Outcome, ...]

    def topic(self) -> str:
        """All owners answer on one topic."""
        return "outcomes"

    def key(self) -> str:
        """Outcomes of one case stay in order per owner."""
        return str(self.case)
