"""What the funeral service says of a person."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from casework.people_view import PersonView
from kernel.messaging.transaction import Transaction


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:  # noqa: ARG001
    """Nobody holds a benefit here."""
    return {person: PersonView(person=person) for person in persons}
