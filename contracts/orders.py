"""What the gateway tells an owner: one message per owner, case and round (design 1)."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.terms import Frozen, Terms, UndoReason
from kernel.messaging.event import Event
from kernel.public_service.sealing import Sealed


class Verb(StrEnum):
    """What the owner shall do. Clocks and decisions advance a procedure without an order."""

    OPEN = "open"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    UNDO = "undo"


class Order(Frozen):
    """One order for one procedure.

    `number` rises by one for each order of the same procedure; an outcome names the last number it has
    seen. `terms` come with `open` only. `undo_reason` and `reverses` come with `undo` only.
    """

    procedure: UUID
    type: str
    verb: Verb
    number: int
    region: str
    terms: Terms | None = None
    undo_reason: UndoReason | None = None
    reverses: int | None = None


class Evidence(Frozen):
    """One proof of the life event that stands: a catalogue's evidence row, done and not doubted (design 4).

    `version` rises when the issuer issues it anew. `released`: for the police's proof of an abnormal death, whether
    they have set the body free; for every other proof nothing has to be released, and it is true.
    """

    type: str
    version: int
    released: bool = True


class OrdersIssued(Event):
    """All orders of one round of one case for one owner, with the owner's sealed part of the form.

    `subject` is the person key of whom the life event is about; `persons` maps a role (`applicant`,
    `heirs/0`, `dependants/1`, …) to a person key. `occurred_at` is the instant of the event as this case
    version knows it. `sealed` holds only the fields that the owner's rows list, as `{pointer: value}`. `evidence` is
    every proof that stands when the orders are issued; one that is void or doubted is missing.
    """

    name: ClassVar[str] = "OrdersIssued"
    version: ClassVar[int] = 1

    case: UUID
    case_no: str
    case_version: int
    life_event: str
    owner: str
    round: int
    subject: UUID
    persons: dict[str, UUID] = {}
    occurred_at: datetime
    effective_on: date
    confirmed: bool
    region: str
    issued_at: datetime
    sealed: Sealed | None = None
    evidence: tuple[Evidence, ...] = ()
    orders: tuple[Order, ...]

    def topic(self) -> str:
        """Each owner reads its own topic only."""
        return f"orders.{self.owner}"

    def key(self) -> str:
        """Orders of one case stay in order."""
        return str(self.case)
