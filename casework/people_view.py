"""What an owner holds for a person, as it shows it to the gateway and to the demo pages."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import date
from typing import Literal, Protocol
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


class Wait(Frozen):
    """What somebody has asked for and does not have yet: an application, or a place on a list.

    `state` is `offered` while it is kept for them and they have not answered. `place` counts from 1 on a list; none:
    there is no order, or it is not told.
    """

    id: UUID
    service: str
    kind: str
    since: date
    state: Literal["waiting", "offered", "requested"] = "waiting"
    place: int | None = None


class PersonView(Frozen):
    """One person at one owner. The marriage service answers the last two, the others `holds` and `waits`."""

    person: UUID
    holds: tuple[Hold, ...] = ()
    waits: tuple[Wait, ...] = ()
    marital_state: str | None = None
    spouse: UUID | None = None


class Holdings(Protocol):
    """Given by each service: what these people hold; people unknown here may be left out."""

    def __call__(self, tx: Transaction, persons: Sequence[UUID]) -> Awaitable[Mapping[UUID, PersonView]]: ...
