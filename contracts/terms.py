"""What an owner must know of a catalogue row to run a procedure: steps, limits, undo.

The gateway sends a row's terms with the order that opens it, so a later edit of the catalogue never
changes an open case (design 4).
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# The step of a row that waits until a family may be written to about money (design 9): its `not_before` is the default,
# a region file's `quiet_periods` go before it.
QUIET = "quiet"


class Frozen(BaseModel):
    """A value: immutable, and an unknown field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class LimitUnit(StrEnum):
    """Hours, working days, calendar days or months (R00)."""

    HOUR = "hour"
    WORKING_DAY = "WD"
    CALENDAR_DAY = "CD"
    MONTH = "month"


class UndoKind(StrEnum):
    """How an act is taken back (life-events G6)."""

    RESTORE = "restore"
    RECOVER = "recover"
    REISSUE = "reissue"
    ANNOTATE = "annotate"
    NONE = "none"


class UndoReason(StrEnum):
    """Why an act is taken back: three kinds of revocation, or a correction that makes it needless."""

    WRONG_MATCH = "wrong_match"
    CERTIFICATE_VOID = "certificate_void"
    COURT_REVOKED = "court_revoked"
    NOT_NEEDED = "not_needed"


class HoldKind(StrEnum):
    """What may forbid an irreversible step while it stands (api.md, exchange holds)."""

    POLICE = "police"
    COURT = "court"
    MEDICAL_DISPUTE = "medical_dispute"
    RELATIVES_DISPUTE = "relatives_dispute"
    UNKNOWN_IDENTITY = "unknown_identity"
    INFECTION = "infection"


class Limit(Frozen):
    """A time limit `{amount, unit, from}`, or `{none: reason}`, which never colours (design 4)."""

    amount: int | None = Field(default=None, gt=0, le=3660)
    unit: LimitUnit | None = None
    counted_from: Literal["accepted", "event", "step"] | None = Field(default=None, alias="from")
    none: str | None = None

    @model_validator(mode="after")
    def _whole_or_none(self) -> "Limit":
        whole = self.amount is not None and self.unit is not None and self.counted_from is not None
        empty = self.amount is None and self.unit is None and self.counted_from is None
        if not ((whole and self.none is None) or (empty and self.none)):
            raise ValueError("a limit is {amount, unit, from} or {none: reason}")
        return self


class StepDecision(Frozen):
    """One button of a task. `ends` closes the procedure; `to` names the next step; one of the two."""

    id: str
    name: str
    ends: Literal["done", "refused", "not_applicable"] | None = None
    to: str | None = None
    data: dict[str, Any] = Field(default_factory=dict, description="JSON Schema of the decision's data")
    needs_reason: bool = False

    @model_validator(mode="after")
    def _one_way_out(self) -> "StepDecision":
        if (self.ends is None) == (self.to is None):
            raise ValueError("a decision either ends the procedure or leads to a step")
        return self


class Step(Frozen):
    """One step of a procedure.

    `actor` is `system` (runs at once), `department` (the department's answer is the act), or a role of
    api.md who decides on a task at `level`. A system step with `not_before` waits: it is passed when so many calendar
    days (or hours) have gone by since the event or the acceptance.
    """

    id: str
    name: str
    actor: str = "system"
    level: Literal["village", "township", "county", "city", "province"] | None = None
    limit: Limit | None = None
    not_before: Limit | None = Field(
        default=None, description="a system step's wait; never a limit, never red"
    )
    decisions: tuple[StepDecision, ...] = ()
    to: str | None = Field(default=None, description="next step of a system step; none: it ends done")


class Terms(Frozen):
    """The part of a catalogue row that travels with the order and stays with the owner."""

    name: str
    origin: Literal["ex_officio", "applied"]
    stage: Literal["declared", "confirmed"]
    steps: tuple[Step, ...] = Field(min_length=1)
    limit: Limit
    undo: UndoKind
    point_of_no_return: str | None = None
    predicate: str | None = Field(default=None, description="a condition that only the owner can answer")
    unknown: Literal["wait", "yes", "no"] = "wait"
    held_by: tuple[HoldKind, ...] = ()

    def step(self, step_id: str) -> Step:
        """The step of that name; KeyError when the row has none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    @property
    def first_step(self) -> Step:
        """Where an opened procedure begins."""
        return self.steps[0]
