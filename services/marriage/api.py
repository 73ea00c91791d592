"""Routes of marriage registration beside the internal ones every owner has."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime, Field

from contracts.terms import Frozen
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.marriage.commands import declare_unwilling
from services.marriage.problems import CoupleUnknown, NotTheRegistrar
from services.marriage.queries import couple_of

router = Router(prefix="/internal/v1", tags=["marriage"], dependencies=[Depends(service_only())])
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Words = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class Declaration(Frozen):
    """The surviving spouse's written declaration not to resume the marriage (Civil Code 51), as a registrar took it.

    `declared_at`: when it was made, which may lie before it is recorded here.
    """

    couple: UUID
    person: UUID
    declared_at: Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
    acted_by: Words
    role: Words


class CoupleShown(Frozen):
    """The newest marriage of two people, and where it is registered."""

    couple: UUID
    region: str


class Declared(Frozen):
    """The marriage that the declaration is about."""

    couple: UUID


@router.get("/couples")
async def read_couple(
    service: ThisService, one: Annotated[UUID, Query()], other: Annotated[UUID, Query()]
) -> CoupleShown:
    """The newest marriage of these two, whichever is the husband. 404 when they were never married here."""
    async with service.transactions.begin() as tx:
        found = await couple_of(tx, one, other)
    if found is None:
        raise CoupleUnknown()
    return CoupleShown(couple=found.id, region=found.region)


@router.post("/declarations/unwilling", response_model=Declared)
async def declare(
    declaration: Declaration, service: ThisService, key: Annotated[RequestKey, Depends(request_key)]
) -> Response:
    """Keep the declaration; the same twice is one. 403 not the registrar, 404 unknown marriage, 409 no survivor."""
    if declaration.role != "registrar":
        raise NotTheRegistrar()
    async with service.transactions.begin() as tx, idempotent(tx, declaration.acted_by, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        await declare_unwilling(
            tx, couple=declaration.couple, person=declaration.person, declared_at=declaration.declared_at,
            by=declaration.acted_by, at=service.clock.now(),
        )  # fmt: skip
        return await slot.keep(200, Declared(couple=declaration.couple))
