"""Routes about one person: what they hold, and that somebody of ours has met them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import AwareDatetime

from casework.people_view import PersonView
from casework.procedure import Act
from casework.routes import ThisOffice
from casework.tasks import act_on
from contracts.terms import Frozen
from kernel.errors import NotFound
from kernel.public_service.access import Action, Actor, authorize, requires, service_only
from kernel.service import ThisService
from kernel.web.routing import Router
from services.assistance.commands.signs_of_life import met, procedures_to_tell
from services.assistance.queries import holdings, regions_of

router = Router(tags=["assistance"])


class SignOfLifeMet(Frozen):
    """Somebody of ours met the person. `id` makes a repeated message one meeting."""

    id: UUID
    person: UUID
    seen_at: AwareDatetime
    kind: str


class Told(Frozen):
    """How many procedures were told."""

    procedures: int


@router.get("/api/v1/assistance/people/{person}/holds")
async def read_holds(
    person: UUID, service: ThisService, actor: Annotated[Actor, Depends(requires(Action.READ_PERSON))]
) -> PersonView:
    """What a person holds, for staff of the region and for the person."""
    async with service.transactions.begin() as tx:
        regions = await regions_of(tx, person)
        if not regions:
            raise NotFound()
        authorize(actor, Action.READ_PERSON, region=regions, persons=(person,))
        found = await holdings(tx, [person])
    return found.get(person) or PersonView(person=person)


@router.post("/internal/v1/signs-of-life", dependencies=[Depends(service_only())])
async def record_sign_of_life(sign: SignOfLifeMet, service: ThisService, office: ThisOffice) -> Told:
    """Keep a meeting, and tell every case that holds this person for dead."""
    async with service.transactions.begin() as tx:
        await service.clock.refresh(tx)
        await met(tx, id=sign.id, person=sign.person, seen_at=sign.seen_at, kind=sign.kind)
        told = await procedures_to_tell(tx, sign.person, "assistance.hold_payments")
        acts = dict.fromkeys(told, Act("answer", "sign_of_life"))
        reports = await act_on(acts, tx=tx, office=office, at=service.clock.now(), done_too=True)
        for report in reports:
            tx.emit(report)
    return Told(procedures=len(told))
