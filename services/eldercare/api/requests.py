"""What the routes share: bounded times and sums, the caller, the answer that names what was made."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import AwareDatetime, Field

from contracts.terms import Frozen
from kernel.idempotency import RequestKey, request_key

ThisKey = Annotated[RequestKey, Depends(request_key)]
ACTOR = "service"
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Instant = Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
Day = Annotated[date, Field(ge=_FIRST.date(), lt=_LAST.date())]
Fen = Annotated[int, Field(gt=0, le=10_000_000)]
RegionCode = Annotated[str, Field(pattern=r"^\d{6}(\d{6})?$")]
Month = Annotated[str, Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")]
# What a text column of PostgreSQL takes: no NUL.
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class Made(Frozen):
    """The key of what was made or changed."""

    id: UUID
