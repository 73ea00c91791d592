"""Awards for an eco-burial enjoyed in life (FN-015, the second mode). Under the service key."""

from uuid import UUID

from fastapi import Depends
from pydantic import Field

from contracts.catalog_files import load_catalogue
from contracts.catalog_regions import EcoAward
from contracts.terms import Frozen
from kernel.public_service.access import service_only
from kernel.public_service.clock import TZ
from kernel.service import ThisService
from kernel.web.routing import Router
from services.funeral.commands.in_life import InLife, award_in_life
from services.funeral.problems import NoAward

router = Router(prefix="/internal/v1", tags=["funeral"], dependencies=[Depends(service_only())])


class InLifeWanted(Frozen):
    """A living person's agreement to an eco-burial of this kind, decided by somebody of the county."""

    person: UUID
    kind: str = Field(pattern="^(tree|flower|lawn|sea|wall)$")
    region: str = Field(pattern=r"^\d{6}(\d{6})?$")
    decided_by: str = Field(min_length=1, max_length=100)


class InLifeGiven(Frozen):
    """The award as it was given, in fen."""

    id: UUID
    amount_fen: int


@router.post("/eco-awards/in-life", status_code=201)
async def give(wanted: InLifeWanted, service: ThisService) -> InLifeGiven:
    """Give and book it. 409 `no_award` where the region has none, `awarded_before`, `dead_from_then`."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        at = service.clock.now()
        tree = load_catalogue().tree
        found: EcoAward | None = None
        if wanted.region in tree:
            found = tree.eco_award(wanted.kind, "in_life", wanted.region, at.astimezone(TZ).date())
        if found is None:
            raise NoAward()
        decision = InLife(
            wanted.person, wanted.kind, wanted.region, found.amount_fen, found.funded_by, wanted.decided_by
        )
        award = await award_in_life(tx, decision, at=at)
    return InLifeGiven(id=award, amount_fen=found.amount_fen)
