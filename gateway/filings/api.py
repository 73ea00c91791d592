"""Filing over HTTP: the county reads what townships decided by a delegated power, and says what it finds (R01, X6)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from gateway.cases.api.models import Reason, Version
from gateway.cases.api.pages import After, Limit, moment_and_key, to_cursor
from gateway.cases.planner.inputs import DecisionAnnulled
from gateway.desk import Desk, ThisDesk
from gateway.filings.decisions import Decided, Filings, Finding, say
from gateway.filings.problems import CheckNeeded, CheckOver, DecisionMoved, FilingSaid
from kernel.errors import NotFound, invalid
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, may, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1/filings", tags=["filings"])
County = Annotated[Actor, Depends(requires(Action.FILE_DECISIONS))]
Key = Annotated[RequestKey, Depends(request_key)]
State = Literal["to_file", "filed"]


class FilingShown(BaseModel):
    """`sampled`: drawn for a check; `finding` is the county's word, none while nothing was said."""

    procedure: UUID
    case_no: str
    type: str
    region: str
    decision: str
    decided_at: str
    version: int
    sampled: bool
    check_until: str
    finding: Finding | None
    reason: str | None
    said_by: str | None
    said_at: str | None


class FilingsShown(BaseModel):
    items: list[FilingShown]
    next: str | None


class FindingGiven(BaseModel):
    """`reason` is needed to annul; `version` is the decision's as it was read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"finding": "filed", "version": 3}}
    )

    finding: Finding
    version: Version
    reason: Reason | None = None


@router.get("", responses={200: {"model": FilingsShown}}, response_model=None)
async def list_filings(
    desk: ThisDesk,
    actor: County,
    state: Annotated[State, Query(description="未处理或已处理 / nothing said yet, or said")] = "to_file",
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """乡镇按下放权限作出的决定，逐件备案，三成抽查。What townships decided by a delegated power, the oldest first."""
    async with desk.open() as tx:
        found, more = await _filings(desk).listed(
            tx, region=actor.region, said=state == "filed", after=moment_and_key(after), limit=limit
        )
    following = to_cursor(more[0].isoformat(), more[1]) if more else None
    return {"items": [_view(one) for one in found], "next": following}


@router.post("/{procedure}", responses={200: {"model": FilingShown}}, response_model=None)
async def file(procedure: UUID, given: FindingGiven, desk: ThisDesk, actor: County, key: Key) -> Response:
    """备案、抽查维持或撤销；撤销后由县级签批恢复，再重新办理。Filed, upheld, or annulled and then decided anew."""
    if given.finding == "annulled" and given.reason is None:
        raise _reason_needed()
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        await _said(tx, desk, actor, procedure, given)
        after = await _filings(desk).one(tx, procedure)
        return await slot.keep(200, _view(after) if after else {})


def _reason_needed() -> Exception:
    return invalid(
        "/reason", "required", "撤销要写明理由。", "To annul it, give the reason.",
        "请填写理由。", "Give it in `reason`.",
    )  # fmt: skip


async def _said(tx: Transaction, desk: Desk, actor: Actor, procedure: UUID, given: FindingGiven) -> None:
    at = desk.clock.now()
    one = await _filings(desk).one(tx, procedure)
    if one is None or not may(actor, Action.FILE_DECISIONS, region=one.region):
        raise NotFound()
    _check(one, given, at)
    reason = given.reason or ""
    if not await say(tx, one, finding=given.finding, reason=reason, by=actor.user, at=at):
        raise FilingSaid()
    line = audit.AuditLine(at, actor.user, f"decision_{given.finding}", f"procedure:{procedure}", reason)
    await audit.record(tx, [line])
    if given.finding == "annulled":
        moves = [(one.case_id, [DecisionAnnulled(procedure)])]
        await desk.moves.move(tx, moves, at=at, actor=actor.user)


def _check(one: Decided, given: FindingGiven, at: datetime) -> None:
    """Raises DecisionMoved, FilingSaid, CheckNeeded, CheckOver."""
    if one.version != given.version:
        raise DecisionMoved()
    if one.finding is not None:
        raise FilingSaid()
    if one.sampled and given.finding == "filed":
        raise CheckNeeded()
    if given.finding == "annulled" and at > one.check_until:
        raise CheckOver()


def _filings(desk: Desk) -> Filings:
    return Filings(desk.catalogue, desk.calendar)


def _view(one: Decided) -> dict[str, Any]:
    return {
        "procedure": str(one.id), "case_no": one.case_no, "type": one.type, "region": one.region,
        "decision": one.decision, "decided_at": one.decided_at.isoformat(timespec="seconds"), "version": one.version,
        "sampled": one.sampled, "check_until": one.check_until.isoformat(timespec="seconds"), "finding": one.finding,
        "reason": one.reason, "said_by": one.said_by,
        "said_at": one.said_at and one.said_at.isoformat(timespec="seconds"),
    }  # fmt: skip
