"""A delivery: one request to one department, and with it where the procedure stands there. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind
from gateway.exchange.department_tasks import TaskKind, make_task
from kernel.public_service.pauses import Pause
from kernel.public_service.sealing import Sealed

Kind = Literal["task", "correction", "undo"]
CancelFor = Literal["withdraw", "undo"]


class DeliveryState(StrEnum):
    """Where the request stands between us and the department.

    `pending`: to be sent (or sent, and to be sent again with the same id). `sent`: taken, the answer comes later.
    `cancelling`: to be taken back; `told`: the department knows that it is to be taken back. `answered`,
    `cancelled`, `replaced` (by a correction or an undo) are ends.
    """

    PENDING = "pending"
    SENT = "sent"
    CANCELLING = "cancelling"
    TOLD = "told"
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


RUNNING = frozenset({DeliveryState.PENDING, DeliveryState.SENT})
TAKEN_BACK = frozenset({DeliveryState.CANCELLING, DeliveryState.TOLD})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row. `id` is the request id (UUIDv7) that makes every push, answer and cancellation one.

    The newest delivery of a procedure is `current` and carries what the procedure has answered last: `outcome`,
    `version`, `order_no`. Legal instants: opened_at, due_at, half_at, warn_at, next_check_at, answered_at, done_at
    (when the department's own act was done, the point of no return). Technical: sent_at, leased_until.
    `answer` is the department's last word on this request, `sealed` what it said with it. `asked_by`: a procedure of
    ours that asks several sources; the request then has a key of its own in `procedure` and is told to that procedure
    only (`gateway/exchange/asked.py`).

    The law's limit is so many units from `limit_at`, `pauses` counted in, `escalation` marks of it have passed. Where
    none runs, silence is counted from `asked_at`, and `rung` marks of that have passed (`clock.py`).
    """

    id: UUID
    procedure: UUID
    case_id: UUID
    case_no: str
    case_version: int
    type: str
    department: str
    region: str
    kind: Kind
    state: DeliveryState
    order_no: int
    version: int
    outcome: OwnerState
    step: str
    undo: UndoKind
    opened_at: datetime
    held_by: tuple[str, ...] = ()
    evidence: bool = False
    reason: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    answer: str | None = None
    sealed: Sealed | None = None
    undo_reason: str | None = None
    undo_kind: UndoKind | None = None
    signal: str | None = None
    too_late_at: datetime | None = None
    due_at: datetime | None = None
    half_at: datetime | None = None
    warn_at: datetime | None = None
    provisional: bool = False
    escalation: int = 0
    next_check_at: datetime | None = None
    cancel_for: CancelFor | None = None
    replaces: UUID | None = None
    current: bool = True
    task_id: UUID | None = None
    task_kind: TaskKind | None = None
    task_at: datetime | None = None
    sent_at: datetime | None = None
    leased_until: datetime | None = None
    answered_at: datetime | None = None
    done_at: datetime | None = None
    limit_amount: int | None = None
    limit_unit: str | None = None
    limit_at: datetime | None = None
    asked_at: datetime | None = None
    rung: int = 0
    paused_at: datetime | None = None
    pause_reason: str | None = None
    pauses: tuple[Pause, ...] = ()
    asked_by: UUID | None = None

    def as_outcome(self, at: datetime) -> Outcome:
        """The procedure's full present state, as every owner reports it."""
        running = self.outcome in (OwnerState.OPEN, OwnerState.PAUSED, OwnerState.STUCK, OwnerState.UNDOING)
        limited = running and self.done_at is None and self.outcome is not OwnerState.UNDOING
        task = None
        if self.task_id is not None and self.task_kind is not None and self.task_at is not None:
            task = make_task(self.task_kind, self.task_id, region=self.region, opened_at=self.task_at)
        return Outcome(
            procedure=self.procedure, type=self.type, order=self.order_no, version=self.version,
            state=self.outcome, at=at, reason=self.reason, result=dict(self.result),
            step=self.step if running else None, task=task,
            due_at=self.due_at if limited else None, half_at=self.half_at if limited else None,
            warn_at=self.warn_at if limited else None, provisional=limited and self.provisional,
            escalation=self.escalation if running else 0,
            too_late_at=self.too_late_at, undo_kind=self.undo_kind, signal=self.signal, paused_at=self.paused_at,
        )  # fmt: skip
