"""Routes of marriage registration beside the internal ones every owner has."""

from uuid import UUID

from fastapi import Depends, Response
from pydantic import AwareDatetime

from contracts.terms import Frozen
from kernel.public_service.access import service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.marriage.commands import declare_unwilling

router = Router(prefix="/internal/v1", tags=["marriage"], dependencies=[Depends(service_only())])


class Declaration(Frozen):
    """The surviving spouse's written declaration not to resume the marriage (Civil Code 51)."""

    couple: UUID
    person: UUID
    declared_at: AwareDatetime


@router.post("/declarations/unwilling", status_code=204)
async def declare(declaration: Declaration, service: ThisService) -> Response:
    """Keep the declaration; the same twice is one."""
    async with service.transactions.begin() as tx:
        await declare_unwilling(
            tx, couple=declaration.couple, person=declaration.person, at=declaration.declared_at
        )
    return Response(status_code=204)
