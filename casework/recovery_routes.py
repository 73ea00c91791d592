"""The internal routes of every owner of money about what was paid too much (contracts.money)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Depends, Query, Response

from contracts.money import OPEN_STATES, Overpayment, OverpaymentPage, OverpaymentState, RepaymentTold
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.service import ThisService
from kernel.web.routing import Router

ThisKey = Annotated[RequestKey, Depends(request_key)]


class Listed(Protocol):
    """A page of the records in these states of a region (a prefix of its code), by id."""

    def __call__(
        self, tx: Transaction, *, states: tuple[str, ...], region: str, after: UUID, limit: int
    ) -> Awaitable[tuple[Overpayment, ...]]: ...


def add_overpayment_routes(
    router: Router,
    *,
    listed: Listed,
    shown: Callable[[Transaction, UUID], Awaitable[Overpayment]],
    repay: Callable[[Transaction, UUID, RepaymentTold], Awaitable[None]],
) -> None:
    """`/overpayments` below the router's prefix: the list, one record, and money that came back.

    `shown` raises NotFound; `repay` whatever it refuses (casework.repayments).
    """

    @router.get("/overpayments")
    async def read_overpayments(
        service: ThisService,
        region: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
        state: Annotated[list[OverpaymentState] | None, Query(max_length=6)] = None,
        after: UUID = UUID(int=0),
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> OverpaymentPage:
        """Records of overpayments in a region (a prefix of its code), open ones if no state is named."""
        states = tuple(state or OPEN_STATES)
        async with service.transactions.begin() as tx:
            items = await listed(tx, states=states, region=region, after=after, limit=limit)
        return OverpaymentPage(items=items, next=items[-1].id if len(items) == limit else None)

    @router.get("/overpayments/{overpayment}")
    async def read_overpayment(overpayment: UUID, service: ThisService) -> Overpayment:
        """One record. 404."""
        async with service.transactions.begin() as tx:
            return await shown(tx, overpayment)

    @router.post("/overpayments/{overpayment}/repayments", response_model=Overpayment)
    async def take_repayment(
        overpayment: UUID, told: RepaymentTold, service: ThisService, key: ThisKey
    ) -> Response:
        """Money came back. 403 another's act, 404, 409 version, state, reference or amount, 422 content."""
        async with service.transactions.begin() as tx, idempotent(tx, told.acted_by, key) as slot:
            if slot.replay:
                return slot.response
            await repay(tx, overpayment, told)
            return await slot.keep(200, await shown(tx, overpayment))
