"""What a verb sees (`Procedure`, `Act`) and what it answers (`Ruling`). Pure values (design 5).

A procedure module (`services/<x>/procedures/<name>.py`) offers any of the functions of `casework.registry.Module`;
the missing ones come from `casework.generic`, which works from the terms of the catalogue row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from contracts.orders import Evidence
from contracts.outcomes import OwnerState
from contracts.terms import Step, Terms, UndoKind, UndoReason
from kernel.public_service.pauses import PauseReason

RUNNING = frozenset({OwnerState.OPEN, OwnerState.PAUSED})
ENDED = frozenset(
    {OwnerState.DONE, OwnerState.REFUSED, OwnerState.NOT_APPLICABLE, OwnerState.WITHDRAWN, OwnerState.UNDONE}
)


class Form:
    """The owner's part of the form, unsealed when it is first read and never written anywhere."""

    def __init__(self, unseal: Callable[[], Mapping[str, Any]] = dict) -> None:
        self._unseal = unseal

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """`{pointer: value}`: only the fields that this owner's rows list."""
        return self._unseal()


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure as it stands under its row lock, with what its case says in the newest version known here.

    `state` is none while its first order is being carried out. `order` is the last order number carried out,
    `version` the outcome version. `memory` is the module's own (what it suspended, what it took from whom), never
    shown outside; `result` is public. `human` tells that a person decided it. `no_return_at` is when it passed its
    point of no return. `region` is where this procedure is decided. `evidence` is what proves the event now.
    `wake_at` is the instant it asked for: one at the end of its limit moves with a new calendar.
    """

    id: UUID
    case: UUID
    case_no: str
    type: str
    life_event: str
    subject: UUID
    persons: Mapping[str, UUID]
    region: str
    occurred_at: datetime
    effective_on: date
    confirmed: bool
    case_version: int
    terms: Terms
    state: OwnerState | None = None
    step: str | None = None
    order: int = 0
    version: int = 0
    reason: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    human: bool = False
    undo_reason: UndoReason | None = None
    opened_at: datetime | None = None
    no_return_at: datetime | None = None
    paused_at: datetime | None = None
    due_at: datetime | None = None
    wake_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    form: Form = field(default_factory=Form, compare=False, repr=False)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The form as this owner may know it, `{pointer: value}`."""
        return self.form.fields

    @property
    def running(self) -> bool:
        return self.state in RUNNING

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Act:
    """What moves a procedure without an order.

    `decision`: a human's button. `clock`: the instant the module asked for (`Ruling.wake_at`). `answer`: a department
    or an own route of the service (a hold, a delivery), named by `decision`.
    """

    kind: Literal["decision", "clock", "answer"]
    decision: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    by: str = "system"
    role: str = "system"
    region: str = ""


@dataclass(frozen=True, slots=True)
class FactSeen:
    """A fact that a decision was made on, so that a newer version can be noticed (design 1)."""

    person: UUID
    fact: str
    version: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a verb decides. None in `result` and `memory` keeps what stands; `effects` are for the module's `apply`.

    `step` names a step of the terms or one in `extra_step` (a supplement, a signature). `pause_reason` is one of
    `PauseReason`, when `state` is paused. `wake_at` asks for a clock act. `too_late_at` answers a withdrawal after
    the point of no return. `signal` is one of `contracts.outcomes.Outcome.signal`.
    """

    state: OwnerState
    step: str | None = None
    reason: str | None = None
    result: Mapping[str, Any] | None = None
    memory: Mapping[str, Any] | None = None
    effects: tuple[object, ...] = ()
    task_facts: Mapping[str, Any] = field(default_factory=dict)
    extra_step: Step | None = None
    passed: tuple[str, ...] = ()
    pause_reason: str | None = None
    wake_at: datetime | None = None
    undo_kind: UndoKind | None = None
    too_late_at: datetime | None = None
    signal: str | None = None
    seen: tuple[FactSeen, ...] = ()

    def with_effects(self, *effects: object) -> "Ruling":
        """The same ruling with these effects added."""
        return replace(self, effects=self.effects + effects)


def done(result: Mapping[str, Any] | None = None, *, reason: str | None = None, **more: Any) -> Ruling:
    """Ended as asked."""
    return Ruling(OwnerState.DONE, result=result, reason=reason, **more)


def opened(step: str, **more: Any) -> Ruling:
    """Runs, at this step."""
    return Ruling(OwnerState.OPEN, step=step, **more)


def paused(step: str, reason: str, *, because: PauseReason = PauseReason.PAPERS, **more: Any) -> Ruling:
    """The limit stands still for a legal reason (`because`); `reason` says what is waited for."""
    return Ruling(OwnerState.PAUSED, step=step, pause_reason=because.value, reason=reason, **more)


def refused(reason: str, **more: Any) -> Ruling:
    """Refused; only a human may (design 5)."""
    return Ruling(OwnerState.REFUSED, reason=reason, **more)


def not_applicable(reason: str, **more: Any) -> Ruling:
    """There is nothing to do here; `reason` is the predicate or cause."""
    return Ruling(OwnerState.NOT_APPLICABLE, reason=reason, **more)


def withdrawn(reason: str | None = None, **more: Any) -> Ruling:
    """Ended because it is no longer wanted."""
    return Ruling(OwnerState.WITHDRAWN, reason=reason, **more)


def undoing(step: Step, **more: Any) -> Ruling:
    """The undo waits for a human's act at `step`."""
    return Ruling(OwnerState.UNDOING, step=step.id, extra_step=step, **more)


def undone(kind: UndoKind, **more: Any) -> Ruling:
    """Taken back in this way. An act of kind `none` cannot be: see `noted`."""
    return Ruling(OwnerState.UNDONE, undo_kind=kind, **more)


def noted(reason: str = "irreversible", **more: Any) -> Ruling:
    """An undo of what cannot be taken back: done, with a note."""
    return Ruling(OwnerState.DONE, undo_kind=UndoKind.NONE, reason=reason, **more)


def unchanged(procedure: Procedure, **more: Any) -> Ruling:
    """The order is answered, nothing moves."""
    return Ruling(
        procedure.state or OwnerState.NOT_APPLICABLE, step=procedure.step, reason=procedure.reason, **more
    )


def too_late(procedure: Procedure, at: datetime) -> Ruling:
    """A withdrawal after the point of no return: unchanged, and since when."""
    return unchanged(procedure, too_late_at=procedure.no_return_at or at)
