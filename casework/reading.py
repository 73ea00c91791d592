"""A batch of messages as events: what cannot be read is parked, never the batch."""

from collections.abc import Sequence
from typing import TypeVar

from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.event import Event, decode
from kernel.messaging.message import Message

Kind = TypeVar("Kind", bound=Event)


async def read(
    messages: Sequence[Message], tx: ConsumerTransaction, kind: type[Kind]
) -> list[tuple[Message, Kind]]:
    """The events of that kind, each with its message, in the order they came; other kinds pass by."""
    found: list[tuple[Message, Kind]] = []
    for message in messages:
        try:
            event = decode(message)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message stays with its key
            await tx.park(message, error)
            continue
        if isinstance(event, kind):
            found.append((message, event))
    return found
