"""What an owner's side works with: its procedures, the key to its sealed parts, the calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.also_due import AlsoDue
from casework.procedure import Form
from casework.registry import Procedures
from casework.rows import CaseFile
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.sealing import Sealed, Sealer


@dataclass(frozen=True, slots=True)
class Office:
    """One owner. Made once at the start of a service and handed to every function of casework.

    `also_due`: what its clock looks at besides procedures.
    """

    procedures: Procedures
    sealer: Sealer
    calendar: WorkingCalendar
    also_due: Sequence[AlsoDue] = ()

    @property
    def owner(self) -> str:
        return self.procedures.owner

    def form(self, case: CaseFile) -> Form:
        """The owner's part of a case's form, opened when it is first read. Raises SealBroken then."""
        sealed = case.sealed
        if sealed is None:
            return Form()

        def unseal() -> Mapping[str, Any]:
            return self.sealer.open(Sealed.model_validate_json(sealed), case.case_id, self.owner)

        return Form(unseal)
