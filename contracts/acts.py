"""A human's act on an owner's task, passed on by the gateway over HTTP (design 6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.outcomes import Outcome
from contracts.terms import Frozen


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
