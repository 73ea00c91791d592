"""A human's act on an owner's task, passed on by the gateway over HTTP (design 6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.outcomes import Outcome
from contracts.terms import Frozen

# Marks that have passed when the limit is over: the task then stands at the county too (life-events G7).
ESCALATED = 3
COUNTY = "county_supervisor"
# What an office decides on paper the county may decide in its place. What is done with hands or money (a cremation, a
# registration, a payment) it can only press for (docs/decisions/0012).
COUNTY_STANDS_IN_FOR = frozenset({"township_officer", "village_assistant", "window_clerk", "surveyor"})


class TaskDecision(Frozen):
    """Body of `POST /internal/v1/tasks/{id}/decision`.

    `version` is the procedure's outcome version that the human saw; another one since answers 409
    `stale_version`. `acted_by` is the user id, `acted_at` the legal instant.
    """

    decision: str
    reason: str | None = None
    data: dict[str, Any] = {}
    version: int
    acted_by: str
    role: str
    region: str
    acted_at: datetime


class DecisionAnswer(Frozen):
    """The owner's answer: the procedure as it stands after the act (read your own writes)."""

    case: UUID
    outcome: Outcome
