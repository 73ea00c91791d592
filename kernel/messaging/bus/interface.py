"""What a bus promises. One suite (tests/kernel/messaging/test_bus_contract.py) holds both to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

from kernel.messaging.message import Message

if TYPE_CHECKING:
    from kernel.messaging.transaction import Transaction


class OutboxRow(NamedTuple):
    """One row as the relay reads it; `headers` is the JSON text as it was written."""

    seq: int
    id: UUID
    topic: str
    key: str
    headers: str
    payload: bytes


@dataclass(slots=True)
class SendResult:
    """What became of the rows handed to `Publisher.send`.

    acknowledged: on the bus for good; delete them.
    refused: (seq, reason): this record can never pass; park its key.
    broken: any error at all; the publisher is closed and a fresh one opened before the next send.
    Rows in none of the lists are still to be sent.
    """

    acknowledged: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    broken: Exception | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and where it was read. `offset` is the mail's `seq` on the local bus."""

    message: Message
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Lag:
    """What waits to be handled. `oldest_seconds` is None where nothing waits or nobody knows."""

    messages: int
    oldest_seconds: float | None
    partitions: int


class Publisher(Protocol):
    """The relay's end. Never used by two tasks at once."""

    async def open(self) -> None:
        """Connect; raises what the connection raises."""

    async def close(self) -> None:
        """Give up whatever is unsent; ends within seconds also when the bus is away."""

    async def send(self, rows: Sequence[OutboxRow]) -> SendResult:
        """Send rows in order and wait for every answer. Waits as long as the bus is away."""


class Subscription(Protocol):
    """The consumer's end: one consumer's share of some topics, in order per key."""

    async def open(self) -> None:
        """Connect; raises what the connection raises, LostOffset where the position is gone."""

    async def close(self) -> None:
        """Remember what was settled and leave."""

    async def fetch(self, *, limit: int = 500, wait_seconds: float = 0.5) -> Sequence[Delivery]:
        """The next messages; waits only while there is none. Raises LostOffset."""

    async def settle(self, tx: "Transaction", deliveries: Sequence[Delivery]) -> None:
        """Give them back inside the transaction that handled them."""

    async def settled(self, deliveries: Sequence[Delivery]) -> None:
        """That transaction has committed."""

    async def rewind(self) -> None:
        """Something failed: fetch again from the last settled one."""

    async def lag(self) -> Lag:
        """What waits; cheap enough for every few seconds."""


class Bus(Protocol):
    """One way between services."""

    async def start(self) -> None:
        """Make ready what publishers and subscriptions need (topics)."""

    async def stop(self) -> None:
        """Let go; publishers and subscriptions are closed by their own users."""

    def publisher(self, service: str) -> Publisher:
        """The publisher of one service's relay."""

    def subscription(self, service: str, consumer: str, topics: Sequence[str]) -> Subscription:
        """One consumer's subscription; `consumer` names its inbox rows and its group."""

    async def unread(self, consumers: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
        """Messages on the bus that these consumers (name → topics) have yet to handle, also when nobody runs them.

        Consumers with nothing unread are left out. What lies parked counts as handled. Raises BusAway.
        """
