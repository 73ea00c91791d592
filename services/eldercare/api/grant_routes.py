"""Grants in check, read for the county that signs them (`POST /allowances/{id}/check`)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from contracts.terms import Frozen
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.eldercare.commands.grants import GrantUnknown
from services.eldercare.queries.grants import list_in_check, read_grant

router = Router(
    prefix="/internal/v1/care/grants-in-check", tags=["care"], dependencies=[Depends(service_only())]
)


class GrantShown(Frozen):
    """A grant for months before a recorded death: from `granted_on` through `ends_after`, `amount_fen` a month."""

    id: UUID
    person: UUID
    payee: UUID
    kind: str
    amount_fen: int
    granted_on: date
    ends_after: date | None
    region: str
    state: str

    @classmethod
    def of(cls, row: Any) -> "GrantShown":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class GrantPage(Frozen):
    """Grants by id; `next` goes on behind the last one."""

    items: tuple[GrantShown, ...]
    next: UUID | None


@router.get("")
async def read_in_check(
    service: ThisService,
    region: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> GrantPage:
    """Grants in check in a region (a prefix of its code)."""
    async with service.transactions.begin() as tx:
        found = await list_in_check(tx, region=region, after=after, limit=limit)
    items = tuple(GrantShown.of(row) for row in found)
    return GrantPage(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/{allowance}")
async def read_one(allowance: UUID, service: ThisService) -> GrantShown:
    """One grant that is or was in check. 404 any other."""
    async with service.transactions.begin() as tx:
        found = await read_grant(tx, allowance)
    if found is None:
        raise GrantUnknown()
    return GrantShown.of(found)
