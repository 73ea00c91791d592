"""Awards for an eco-burial enjoyed in life (FN-015, the second mode). Under the service key."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field

from contracts.catalog_files import load_catalogue
from contracts.catalog_regions import EcoAward
from contracts.terms import Frozen
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.public_service.access import service_only
from kernel.public_service.clock import TZ
from kernel.service import ThisService
from kernel.web.routing import Router
from services.funeral.commands.in_life import InLife, award_in_life, take_back
from services.funeral.problems import AwardUnknown, NoAward
from services.funeral.queries.awards import list_awards, read_award

Key = Annotated[RequestKey, Depends(request_key)]
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
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


class InLifeShown(Frozen):
    """An award enjoyed in life, in fen; `cancelled_at`: taken back."""

    id: UUID
    person: UUID
    kind: str
    amount_fen: int
    region: str
    granted_at: datetime
    cancelled_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> "InLifeShown":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class InLifePage(Frozen):
    """The newest first; `next` goes on behind the last one."""

    items: tuple[InLifeShown, ...]
    next: UUID | None


class TakenBack(Frozen):
    """Why it is taken back, and who of the county signs."""

    acted_by: Words
    reason: Words


class Recoverable(Frozen):
    """What the person has to give back, in fen."""

    id: UUID
    recoverable_fen: int


@router.get("/eco-awards/in-life")
async def read_awards(
    service: ThisService,
    region: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
    ended: bool = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> InLifePage:
    """Awards in life of a region (a prefix of its code); those taken back only if `ended`."""
    async with service.transactions.begin() as tx:
        found = await list_awards(tx, region=region, ended=ended, after=after, limit=limit)
    items = tuple(InLifeShown.of(row) for row in found)
    return InLifePage(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/eco-awards/in-life/{award}")
async def read_one(award: UUID, service: ThisService) -> InLifeShown:
    """One award in life. 404 unknown."""
    async with service.transactions.begin() as tx:
        found = await read_award(tx, award)
    if found is None:
        raise AwardUnknown()
    return InLifeShown.of(found)


@router.post("/eco-awards/in-life/{award}/undo", response_model=Recoverable)
async def undo(award: UUID, signed: TakenBack, service: ThisService, key: Key) -> Response:
    """Take it back and book what is to be recovered. 404, 409 `award_taken_back` or `award_after_death_stands`."""
    async with service.transactions.begin() as tx, idempotent(tx, signed.acted_by, key) as slot:
        if slot.replay:
            return slot.response
        await service.clock.refresh(tx)
        fen = await take_back(tx, award, by=signed.acted_by, reason=signed.reason, at=service.clock.now())
        return await slot.keep(200, Recoverable(id=award, recoverable_fen=fen))


@router.post("/eco-awards/in-life", status_code=201, response_model=InLifeGiven)
async def give(wanted: InLifeWanted, service: ThisService, key: Key) -> Response:
    """Give and book it. 409 `no_award` where the region has none, `awarded_before`, `dead_from_then`."""
    async with service.transactions.begin() as tx, idempotent(tx, wanted.decided_by, key) as slot:
        if slot.replay:
            return slot.response
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
        return await slot.keep(201, InLifeGiven(id=award, amount_fen=found.amount_fen))
