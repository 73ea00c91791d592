"""What outlives a case: the full current state of something about a person, versioned (design 1)."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from kernel.messaging.event import Event


class FactStated(Event):
    """The whole present state of one fact about one person; applied only if `fact_version` is greater.

    `fact` is one of `benefits` (assistance), `care` (eldercare), `marital` (marriage), `life` (gateway:
    alive, declared or confirmed dead), `identity` (gateway: merged or split). `state` carries no name,
    number, phone, address or account; it is never sealed (facts are kept without limit).
    """

    name: ClassVar[str] = "FactStated"
    version: ClassVar[int] = 1

    person: UUID
    fact: str
    owner: str
    fact_version: int
    effective_on: date | None = None
    recorded_at: datetime
    state: dict[str, Any]

    def topic(self) -> str:
        """One topic for all facts."""
        return "facts"

    def key(self) -> str:
        """Facts of one person stay in order."""
        return str(self.person)
