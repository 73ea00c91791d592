"""The gateway holds nothing for anybody: its answer to the owners' common question."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from casework.people_view import PersonView
from kernel.messaging.transaction import Transaction


async def no_holdings(_tx: Transaction, _persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """Nothing."""
    return {}
