"""Money that was paid too much, of every owner: the list, what came back, and the decisions that no task asks for.

What was paid after a death is decided as tasks of row 9d; a month paid twice, or found when that row had ended, here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field

from contracts.money import Day, Overpayment, OverpaymentPage, OverpaymentState, RegionCode, Words
from contracts.terms import Frozen
from gateway.cases.api.pages import After, Limit, bad_cursor, from_cursor, to_cursor
from gateway.cases.owners import with_query
from gateway.desk import Desk, ThisDesk
from gateway.money.holders import RECORDS, OverpaymentUnknown, find_overpayment
from gateway.passing_on import kept
from kernel.errors import Conflict, NotFound
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, authorize, region_prefix, requires
from kernel.public_service.identifiers import mask_name
from kernel.web.routing import Router

router = Router(prefix="/api/v1/overpayments", tags=["money"])
Key = Annotated[RequestKey, Depends(request_key)]
Reader = Annotated[Actor, Depends(requires(Action.READ_OVERPAYMENTS))]
Cashier = Annotated[Actor, Depends(requires(Action.RECORD_REPAYMENT))]
Proposer = Annotated[Actor, Depends(requires(Action.PROPOSE_RECOVERY))]
Signer = Annotated[Actor, Depends(requires(Action.SIGN_RECOVERY))]
# Hands the act to the owner of the record, with who acts.
Carry = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]


class DecidedByTask(Conflict):
    """这笔多发款项由联办件中的待办事项处理。
    What was overpaid here is decided as a task of its case."""

    how = "请在待办中办理“核对去世后月份已发放的款项”。"
    how_en = "Decide it in the task queue, as `assistance.overpayment`."


class OverpaymentShown(Overpayment):
    """The owner's record, and who it is about: names masked, none when the register does not know."""

    owner: Literal["assistance", "eldercare"]
    person_name: str | None
    payee_name: str | None


class OverpaymentsShown(Frozen):
    """A page over all owners, by id."""

    items: tuple[OverpaymentShown, ...]
    next: str | None


class RepaymentGiven(Frozen):
    """Money that came back on `received_on`. `reference`: the bank's; told twice it is one."""

    amount_fen: int = Field(gt=0, le=1_000_000_000)
    received_on: Day
    reference: Words
    version: Version


class ProposalGiven(Frozen):
    """What the township proposes: to recover it, in so many instalments, or to waive it."""

    proposal: Literal["recover", "waive"]
    instalments: int | None = Field(default=None, ge=1, le=60)
    reason: Words
    version: Version


class DecisionGiven(Frozen):
    """The county signs what was proposed, or sends it back."""

    decision: Literal["sign", "return"]
    version: Version


class NoticeGiven(Frozen):
    """The letter has gone out."""

    version: Version


@router.get("")
async def list_overpayments(
    desk: ThisDesk, actor: Reader,
    region: Annotated[RegionCode | None, Query(description="缺省为本人所在地区 / by default the reader's")] = None,
    state: Annotated[list[OverpaymentState] | None, Query(max_length=6)] = None,
    owner: Annotated[Literal["assistance", "eldercare"] | None, Query()] = None,
    limit: Limit = 50, after: After = None,
) -> OverpaymentsShown:  # fmt: skip
    """本地区的多发款项，缺省只列未了结的。Overpayments of a region, the open ones if no state is named."""
    place = region or actor.region
    authorize(actor, Action.READ_OVERPAYMENTS, region=place)
    behind = _position(after)
    asked = {"region": region_prefix(place), "state": state, "after": behind, "limit": limit}
    owners = [owner] if owner else list(RECORDS)
    pages = await asyncio.gather(*(_page(desk, one, asked) for one in owners))
    found = sorted(
        ((record, one) for one, page in zip(owners, pages, strict=True) for record in page.items),
        key=lambda each: each[0].id,
    )
    more = len(found) > limit or any(page.next is not None for page in pages)
    async with desk.open() as tx:
        items = await _shown(tx, desk, found[:limit])
    return OverpaymentsShown(items=items, next=to_cursor(items[-1].id) if more and items else None)


def _position(after: str | None) -> UUID | None:
    parts = from_cursor(after, 1)
    try:
        return UUID(parts[0]) if parts else None
    except ValueError as error:
        raise bad_cursor() from error


async def _page(desk: Desk, owner: str, asked: Mapping[str, Any]) -> OverpaymentPage:
    return OverpaymentPage.model_validate(
        await desk.owners.call(owner, "GET", with_query(RECORDS[owner], **asked))
    )


async def _shown(
    tx: Transaction, desk: Desk, found: list[tuple[Overpayment, str]]
) -> tuple[OverpaymentShown, ...]:
    people = {person for record, _ in found for person in (record.person, record.payee) if person is not None}
    known = await desk.register.details(tx, sorted(people))

    def name(person: UUID | None) -> str | None:
        told = known.get(person, {}).get("name") if person is not None else None
        return mask_name(str(told)) if told else None

    return tuple(
        OverpaymentShown.model_validate(
            {
                **record.model_dump(), "owner": owner, "person_name": name(record.person),
                "payee_name": name(record.payee),
            }
        )
        for record, owner in found
    )  # fmt: skip


@router.get("/{overpayment}")
async def read_overpayment(overpayment: UUID, desk: ThisDesk, actor: Reader) -> OverpaymentShown:
    """一笔多发款项。One record."""
    owner, record = await _found(desk, overpayment, actor, Action.READ_OVERPAYMENTS)
    async with desk.open() as tx:
        return (await _shown(tx, desk, [(record, owner)]))[0]


@router.post("/{overpayment}/repayments", response_model=OverpaymentShown)
async def record_repayment(
    overpayment: UUID, given: RepaymentGiven, desk: ThisDesk, actor: Cashier, key: Key
) -> Response:
    """登记退回的款项（财务）。Finance books what came back: only of a signed claim, at most what is outstanding."""

    async def carry(owner: str, said: Mapping[str, Any]) -> Any:
        body = {**given.model_dump(mode="json"), **said}
        return await desk.owners.call(owner, "POST", f"{RECORDS[owner]}/{overpayment}/repayments", json=body)

    return await _act(desk, overpayment, actor, key, Action.RECORD_REPAYMENT, carry)


@router.post("/{overpayment}/proposal", response_model=OverpaymentShown)
async def propose(
    overpayment: UUID, given: ProposalGiven, desk: ThisDesk, actor: Proposer, key: Key
) -> Response:
    """提出处理意见（乡镇）。The township's proposal on a record that no task decides."""
    body = {"decision": given.proposal, "instalments": given.instalments, "reason": given.reason}
    return await _decided(desk, overpayment, actor, key, "propose", given.version, body)


@router.post("/{overpayment}/decision", response_model=OverpaymentShown)
async def sign(overpayment: UUID, given: DecisionGiven, desk: ThisDesk, actor: Signer, key: Key) -> Response:
    """签批或退回（县级，另一人）。The county's word; whoever proposed cannot sign."""
    return await _decided(
        desk, overpayment, actor, key, "decide", given.version, {"decision": given.decision}
    )


@router.post("/{overpayment}/notice", response_model=OverpaymentShown)
async def notify(overpayment: UUID, given: NoticeGiven, desk: ThisDesk, actor: Signer, key: Key) -> Response:
    """记录告知书已发出；静默期以内不能发。The letter has gone out: not before `letter_from`."""
    return await _decided(desk, overpayment, actor, key, "notify", given.version, {})


async def _decided(
    desk: Desk,
    overpayment: UUID,
    actor: Actor,
    key: RequestKey,
    act: str,
    version: int,
    body: Mapping[str, Any],
) -> Response:
    async def carry(owner: str, said: Mapping[str, Any]) -> Any:
        if owner != "eldercare":
            raise DecidedByTask()
        path = f"{RECORDS[owner]}/{overpayment}/{act}"
        return await desk.owners.call(owner, "POST", path, json={**body, **said, "version": version})

    action = Action.PROPOSE_RECOVERY if act == "propose" else Action.SIGN_RECOVERY
    return await _act(desk, overpayment, actor, key, action, carry)


async def _act(
    desk: Desk, overpayment: UUID, actor: Actor, key: RequestKey, action: Action, carry: Carry
) -> Response:
    """Find, authorize, hand to the owner, keep answer and audit line. The owner makes a repeated act one itself (by
    reference or version), so the caller's key guards this answer only."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    at = desk.clock.now()
    owner, _ = await _found(desk, overpayment, actor, action)
    said = {
        "acted_by": actor.user, "role": actor.role.value, "region": actor.region, "acted_at": at.isoformat(),
    }  # fmt: skip
    record = Overpayment.model_validate(await carry(owner, said))
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        await audit.record(tx, [audit.AuditLine(at, actor.user, action.value, f"overpayment:{overpayment}")])
        (shown,) = await _shown(tx, desk, [(record, owner)])
        return await slot.keep(200, shown)


async def _found(desk: Desk, overpayment: UUID, actor: Actor, action: Action) -> tuple[str, Overpayment]:
    """The owner and the record, for whom it concerns. Raises OverpaymentUnknown for everybody else."""
    owner, record = await find_overpayment(desk.owners, overpayment)
    try:
        authorize(actor, action, region=record.region)
    except NotFound as error:
        raise OverpaymentUnknown() from error
    return owner, record
