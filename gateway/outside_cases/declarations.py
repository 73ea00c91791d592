"""The surviving spouse's declaration not to resume the marriage, as a registrar took it (Civil Code 51)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gateway.cases.api.models import Strict
from gateway.desk import Desk, ThisDesk
from gateway.outside_cases.people import Found, identified
from gateway.passing_on import Errand, kept, pass_on
from kernel.errors import FieldError, Unprocessable, invalid
from kernel.idempotency import RequestKey, request_key
from kernel.public_service.access import Action, Actor, authorize, requires
from kernel.public_service.clock import TZ
from kernel.web.routing import Router

router = Router(prefix="/api/v1/marriage-declarations", tags=["outside cases"])
Registrar = Annotated[Actor, Depends(requires(Action.DECLARE_UNWILLING))]
Key = Annotated[RequestKey, Depends(request_key)]
OWNER = "marriage"
_FIRST, _LAST = datetime(1950, 1, 1, tzinfo=TZ), datetime(2200, 1, 1, tzinfo=TZ)


class Party(Strict):
    """Somebody as the document shows them."""

    id_number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=40)]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class DeclarationGiven(Strict):
    """`survivor` declares in writing that the marriage with `spouse` is not to resume. `declared_at`: when it was made,
    which may lie before it is recorded here."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={
            "example": {
                "survivor": {"id_number": "110101194005060019", "name": "李某"},
                "spouse": {"id_number": "110101193905060010", "name": "王某"},
                "declared_at": "2026-03-01T09:00:00+08:00",
            }
        },
    )  # fmt: skip

    survivor: Party
    spouse: Party
    declared_at: Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]


class DeclarationTaken(BaseModel):
    """The marriage that the declaration is about."""

    couple: UUID


@router.post("", status_code=201, responses={201: {"model": DeclarationTaken}}, response_model=None)
async def declare_unwilling(given: DeclarationGiven, desk: ThisDesk, actor: Registrar, key: Key) -> Response:
    """登记配偶不愿恢复婚姻关系的书面声明。Declared in time, no marriage resumes when a court takes the death back."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    survivor, couple = await _marriage(desk, actor, given)
    body = {
        "couple": couple, "person": str(survivor.person), "declared_at": given.declared_at.isoformat(),
        "acted_by": actor.user, "role": actor.role.value,
    }  # fmt: skip
    errand = Errand(
        OWNER,
        "/internal/v1/declarations/unwilling",
        body,
        "declare_unwilling",
        f"couple:{couple}",
        status=201,
    )
    return await pass_on(desk, actor, key, errand)


async def _marriage(desk: Desk, actor: Actor, given: DeclarationGiven) -> tuple[Found, str]:
    """Who declares, and the marriage's key. Raises 422 for people who are not found, what the registry says of two who
    were never married, and NotFound where the marriage and who declares are another county's."""
    async with desk.open() as tx:
        if given.declared_at > desk.clock.now():
            raise invalid(
                "/declared_at", "in_future", "声明的时间还没有到。", "This lies ahead.", "请核对日期和时间。",
                "Check day and time.",
            )  # fmt: skip
        parties = []
        for name, party in (("survivor", given.survivor), ("spouse", given.spouse)):
            try:
                parties.append(await identified(tx, desk, id_number=party.id_number, name=party.name))
            except Unprocessable as nobody:
                raise _placed(nobody, name) from None
    survivor, spouse = parties
    found = await desk.owners.call(
        OWNER, "GET", f"/internal/v1/couples?one={survivor.person}&other={spouse.person}"
    )
    regions = [found["region"], *([survivor.region] if survivor.region else [])]
    authorize(actor, Action.DECLARE_UNWILLING, region=regions, owner=OWNER)
    return survivor, str(found["couple"])


def _placed(nobody: Unprocessable, party: str) -> Unprocessable:
    """The fault points at the party it is about."""
    return Unprocessable(
        errors=[
            FieldError(
                f"/{party}{error.field}", error.code, error.message, error.message_en, error.how, error.how_en
            )
            for error in nobody.errors
        ]
    )
