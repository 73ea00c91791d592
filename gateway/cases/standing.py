"""A case as the gateway holds it: the planner's values and what stands beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
    moved the case; `kin` are those of the reporters whose kinship is proven; `vouchers` says which department
    stands for which verified answer; `form_text` is the sealed form as the row keeps it, `new_form` one that has
    still to be written.
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
    kin: tuple[UUID, ...]
    channel: str
    submitted_at: datetime
    vouchers: Mapping[str, str] = field(default_factory=dict)
    asks: frozenset[Ask] = field(default_factory=frozenset)
    new_form: Sealed | None = None
    _opened: dict[str, Any] | None = None

    @property
    def id(self) -> UUID:
        return self.case.id

    def form(self, sealer: Sealer) -> dict[str, Any]:
        """The form, unsealed once. Raises SealBroken when it was altered."""
        if self._opened is None:
            self._opened = sealer.open(Sealed.model_validate(parsed(self.form_text)), self.id, OWNER)
        return self._opened

    def know(self, form: dict[str, Any]) -> None:
        """The form is at hand: it need not be unsealed."""
        self._opened = form

    def rewrite(self, form: dict[str, Any], sealer: Sealer) -> None:
        """Take a new form over, sealed under the same data key; the next save writes it."""
        before = Sealed.model_validate(parsed(self.form_text))
        self.new_form = sealer.seal(form, self.id, OWNER, like=before)
        self.form_text = self.new_form.model_dump_json()
        self._opened = form


def parsed(value: Any) -> Any:
    """A jsonb column of a plain SQL statement comes as text."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value
