"""What the planner sees of a case, and what it decides. Pure values (design 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from contracts.catalog import LifeEvent
from contracts.orders import Verb
from contracts.outcomes import Outcome
from contracts.terms import HoldKind, UndoReason


class RowState(StrEnum):
    """The states of design 5; outside, `ordered` shows as open and `paused` as open with `paused: true`."""

    WAITING = "waiting"
    OFFERED = "offered"
    ORDERED = "ordered"
    OPEN = "open"
    PAUSED = "paused"
    DONE = "done"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    WITHDRAWN = "withdrawn"
    UNDOING = "undoing"
    UNDONE = "undone"
    STUCK = "stuck"


ENDED = frozenset(
    {RowState.DONE, RowState.REFUSED, RowState.NOT_APPLICABLE, RowState.WITHDRAWN, RowState.UNDONE}
)
RUNNING = frozenset({RowState.ORDERED, RowState.OPEN, RowState.PAUSED})


class CaseStatus(StrEnum):
    """The states of a case (design 5); `withdrawn` and `revoked` are final."""

    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    REVOKING = "revoking"
    REVOKED = "revoked"


FINAL = frozenset({CaseStatus.WITHDRAWN, CaseStatus.REVOKED})

WishWord = Literal["given", "absent", "refused"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the board: a procedure of one round.

    `order` is the number of the last order sent, `answered` the last one the owner has carried out;
    `sent` its verb. `wanted` is the folded wish that waits for the answer (undo > withdraw > correct).
    `by_gateway` marks an end that the gateway decided, so that a correction may revise it. `body_released` is what
    the police's proof says of the body; None: nothing. `escalation` counts the marks of the limit that have passed, as
    the owner told last.
    """

    id: UUID
    type: str
    round: int = 1
    state: RowState = RowState.WAITING
    reason: str | None = None
    order: int = 0
    answered: int = 0
    outcome_version: int = 0
    sent: Verb | None = None
    wanted: Verb | None = None
    undo_reason: UndoReason | None = None
    by_gateway: bool = False
    too_late: bool = False
    last_sign_of_life: datetime | None = None
    lapses_at: datetime | None = None
    body_released: bool | None = None
    escalation: int = 0

    @property
    def unanswered(self) -> bool:
        """Whether the owner still owes the answer to an order; at most one at a time."""
        return self.order > self.answered


@dataclass(frozen=True, slots=True)
class Case:
    """What the planner decides on: versions, evidence, what the form says, and all rows of all rounds.

    `conditions` and `wishes` are the catalogue's conditions and wishes evaluated over this version of
    the form, so that the planner never sees a person's data; `answers` are a clerk's answers to the
    unknown ones. `cleared_at`: signs of life up to there were explained by a human. `reviewed`: a person of the
    office has corrected the doubted form since, so that the issuer's word on it counts again. `special`: the manual
    paths that the form calls for, `settled`: those on which a person has let the case go on. `unheard`: pointers
    corrected while the case was being withdrawn, to be told if it is not.
    """

    id: UUID
    event: LifeEvent
    status: CaseStatus = CaseStatus.ACCEPTED
    version: int = 1
    occurred_at: datetime | None = None
    confirmed: bool = False
    doubted: bool = False
    reviewed: bool = False
    cleared_at: datetime | None = None
    issuer_reported: bool = False
    revocation: UndoReason | None = None
    signing: UndoReason | None = None
    holds: frozenset[HoldKind] = frozenset()
    conditions: Mapping[str, bool | None] = field(default_factory=dict)
    answers: Mapping[str, bool] = field(default_factory=dict)
    wishes: Mapping[str, WishWord] = field(default_factory=dict)
    special: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    unheard: frozenset[str] = frozenset()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order to send: the dispatcher adds what the owner needs (region, terms, sealed fields)."""

    row: UUID
    type: str
    owner: str
    verb: Verb
    number: int
    undo_reason: UndoReason | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A task of the gateway's own that must stand while this plan does.

    `identity_doubt` (row), `evidence_refused` (row), `condition_unknown` (row), `sign_revocation` (case),
    `manual_path` (case; `code` says which one). The board opens what is new and closes what is gone.
    """

    kind: Literal["identity_doubt", "evidence_refused", "condition_unknown", "sign_revocation", "manual_path"]
    row: UUID | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the timeline; words are made when it is read."""

    kind: str
    row: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The planner's answer: the case after the inputs, what changed, and what to send.

    `changed` are the rows whose values differ from before (new ones included); `outcomes` the accepted
    outcomes by row id, for the board to show; `stale` counts outcomes that were ignored.
    """

    case: Case
    changed: tuple[Row, ...]
    orders: tuple[PlannedOrder, ...]
    outcomes: Mapping[UUID, Outcome]
    asks: frozenset[Ask]
    notes: tuple[Note, ...]
    stale: int = 0
