"""A message as it travels: headers for everybody, payload for the one who knows the event."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `id` is a UUIDv7 and the only thing duplicates are told by (design 6).

    Messages of one `topic` and `key` arrive in the order they were written; others in any order.
    """

    id: UUID
    topic: str
    key: str
    headers: Mapping[str, str]
    payload: bytes
