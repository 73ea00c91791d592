"""A case as the gateway holds it: the planner's values and what stands beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from gateway.cases.planner.model import Ask, Case
from kernel.public_service.sealing import Sealed, Sealer

OWNER = "gateway"


@dataclass
class Standing:
    """One case under its row lock. `case` is what the planner knows; the rest it never sees.

    `regions` maps a kind of competence (hukou, residence, …) to a region; `progress` counts the commits that
    moved the case; `form_text` is the sealed form as the row keeps it.
    """

    case: Case
    case_no: str
    plan: str
    subject: UUID
    applicant: UUID | None
    reporters: tuple[UUID, ...]
    persons: Mapping[str, UUID]
    region: str
    regions: Mapping[str, str]
    form_text: str
    verified: tuple[str, ...]
    progress: int
    kinship: bool
    channel: str
    submitted_at: datetime
    asks: frozenset[Ask] = field(default_factory=frozenset)

    @property
    def id(self) -> UUID:
        return self.case.id

    @cached_property
    def sealed(self) -> Sealed:
        return Sealed.model_validate_json(self.form_text)

    def form(self, sealer: Sealer) -> dict[str, Any]:
        """The form, unsealed. Raises SealBroken when it was altered."""
        return sealer.open(self.sealed, self.id, OWNER)


def parsed(value: Any) -> Any:
    """A jsonb column of a plain SQL statement comes as text."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value
