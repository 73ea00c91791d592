"""Holds handed to the funeral service, who must not start while one stands: in the same request, without the bus."""

from typing import Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class HoldHanded(BaseModel):
    """Body of `PUT /internal/v1/holds/{id}` at the funeral service: the whole present state of one hold.

    Idempotent by id and version. `case` or `person` (the person who died), one of the two or both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    case: UUID | None = None
    person: UUID | None = None
    kind: str
    department: str
    placed_at: AwareDatetime
    released_at: AwareDatetime | None = None


class HandOver(Protocol):
    """Tells the funeral service of a hold. Raises kernel.errors.Unavailable when it is away."""

    async def __call__(self, hold: UUID, body: HoldHanded) -> None: ...
