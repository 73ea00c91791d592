"""What an owner holds for a person, as it shows it to the gateway and to the demo pages."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from contracts.terms import Frozen
from kernel.messaging.transaction import Transaction


class Hold(Frozen):
    """One benefit, order, card or plan. `amount_fen` a month; `paid_through` the first day of the last month paid."""

    id: UUID
    service: str
    kind: str
    state: str
    amount_fen: int | None = None
    paid_through: date | None = None


class PersonView(Frozen):
    """One person at one owner. The marriage service answers the last two, the others `holds`."""

    person: UUID
    holds: tuple[Hold, ...] = ()
    marital_state: str | None = None
    spouse: UUID | None = None


class Holdings(Protocol):
    """Given by each service: what these people hold; people unknown here may be left out."""

    def __call__(self, tx: Transaction, persons: Sequence[UUID]) -> Awaitable[Mapping[UUID, PersonView]]: ...
