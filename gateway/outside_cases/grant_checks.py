"""Grants of elder care that came after a death was recorded, for months before it: the county signs (design 5)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from gateway.cases.api.models import Reason, Strict
from gateway.desk import ThisDesk
from gateway.outside_cases.people import listed
from gateway.passing_on import Errand, kept, pass_on
from kernel.idempotency import RequestKey, request_key
from kernel.public_service.access import Action, Actor, authorize, region_prefix, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1/allowances", tags=["outside cases"])
Signer = Annotated[Actor, Depends(requires(Action.CHECK_GRANT))]
Key = Annotated[RequestKey, Depends(request_key)]
OWNER = "eldercare"
_AT = "/internal/v1/care"
_GRANT: dict[str, JsonValue] = {
    "id": "5b0f6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "person": "3f0c6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "name": "林文海",
    "kind": "old_age_allowance", "amount_fen": 10000, "granted_on": "2026-01-01", "ends_after": "2026-02-01",
    "region": "331022", "state": "in_check",
}  # fmt: skip


class GrantInCheck(BaseModel):
    """A grant from the month of `granted_on` through `ends_after` (the month of death), `amount_fen` a month."""

    model_config = ConfigDict(json_schema_extra={"example": _GRANT})

    id: UUID
    person: UUID
    name: str
    kind: str
    amount_fen: int
    granted_on: date
    ends_after: date | None
    region: str
    state: str


class GrantPage(BaseModel):
    """`next` goes into `after` for the next page."""

    items: list[GrantInCheck]
    next: UUID | None


class GrantDecision(Strict):
    """Paid through the month of death, or refused; the submission is the signature."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"decision": "pay", "reason": "去世前已符合条件，补发到去世当月"}},
    )  # fmt: skip

    decision: Literal["pay", "refuse"]
    reason: Reason


class GrantDecided(BaseModel):
    """The grant that was decided."""

    id: UUID


@router.get("/in-check", responses={200: {"model": GrantPage}}, response_model=None)
async def list_grants_in_check(
    desk: ThisDesk, actor: Signer, after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """等县级签批的津贴：发放决定晚于去世登记。Grants in check in the reader's region."""
    found, following = await listed(
        desk, actor, OWNER, f"{_AT}/grants-in-check", seen_as="read_grants_in_check",
        region=region_prefix(actor.region), limit=limit, after=after,
    )  # fmt: skip
    items = [{member: one[member] for member in GrantInCheck.model_fields} for one in found]
    return {"items": items, "next": following}


@router.post("/{allowance}/check", responses={200: {"model": GrantDecided}}, response_model=None)
async def check_grant(
    allowance: UUID, given: GrantDecision, desk: ThisDesk, actor: Signer, key: Key
) -> Response:
    """签批去世登记后才到的津贴：补发到去世当月，或者不发。Pay through the month of death, or refuse."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    found = await desk.owners.call(OWNER, "GET", f"{_AT}/grants-in-check/{allowance}")
    authorize(actor, Action.CHECK_GRANT, region=found["region"], owner=OWNER)
    body = {
        **given.model_dump(), "acted_by": actor.user, "role": actor.role.value, "region": actor.region,
        "acted_at": desk.clock.now().isoformat(),
    }  # fmt: skip
    errand = Errand(
        OWNER,
        f"{_AT}/allowances/{allowance}/check",
        body,
        "check_grant",
        f"allowance:{allowance}",
        given.decision,
    )
    return await pass_on(desk, actor, key, errand)
