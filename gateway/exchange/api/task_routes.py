"""Pull, and results: one or many, each answered for itself."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from gateway.exchange.answering import Verdict
from gateway.exchange.api.models import ManyResults, ResultsTaken, ResultTaken, TaskItem, TaskItems
from gateway.exchange.contents import cancellation, contents, items
from gateway.exchange.delivery import TAKEN_BACK, Delivery
from gateway.exchange.exchange import Exchange, ThisExchange
from gateway.exchange.leases import lease_for_pull
from gateway.exchange.problems import AnsweredOtherwise, HoldStands, NotADepartment, RequestUnknown
from gateway.exchange.push import technical_now
from gateway.exchange.results import GivenAnswer
from gateway.exchange.wire import Said
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor, requires
from kernel.web.routing import Router

router = Router(prefix="/exchange/v1", tags=["exchange"])
PULL_LEASE = timedelta(minutes=10)
Puller = Annotated[Actor, Depends(requires(Action.EXCHANGE_PULL))]
Answerer = Annotated[Actor, Depends(requires(Action.EXCHANGE_ANSWER))]
Key = Annotated[RequestKey, Depends(request_key)]


def department_of(actor: Actor) -> str:
    """The department a token speaks for."""
    if actor.owner is None:
        raise NotADepartment()
    return actor.owner


@router.get("/tasks")
async def pull(
    exchange: ThisExchange, actor: Puller, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> TaskItems:
    """Requests that the department still owes an answer to, leased to the caller for ten minutes."""
    desk = exchange.desk
    now = technical_now()
    async with desk.open() as tx:
        found, _ = await lease_for_pull(tx, department_of(actor), most=limit, now=now, until=now + PULL_LEASE)
        return TaskItems(
            items=[TaskItem.model_validate(entry) for entry in await _entries(tx, exchange, found)]
        )


async def _entries(tx: Transaction, exchange: Exchange, found: list[Delivery]) -> list[dict[str, Any]]:
    desk = exchange.desk
    asked = [row for row in found if row.state not in TAKEN_BACK]
    opened = await contents(tx, (row.case_id for row in asked), plans=desk.plans, sealer=desk.sealer)
    taken_back = [
        {"id": row.id, "kind": "cancellation", **cancellation(row)}
        for row in found
        if row.state in TAKEN_BACK
    ]
    for entry in taken_back:
        entry.pop("request_id")
    return taken_back + items(asked, opened, id_name="id")


@router.post("/tasks/{request_id}/result", response_model=ResultTaken)
async def answer_one(
    request_id: UUID, said: Said, exchange: ThisExchange, actor: Answerer, key: Key
) -> Response:
    """One result. 404 unknown, 409 when it contradicts an earlier one or a hold stands."""
    department = department_of(actor)
    given = GivenAnswer(request_id, department, said.outcome, said.reason, said.data)
    async with exchange.desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        (verdict,) = await exchange.take_answers(tx, [given], at=exchange.desk.clock.now())
        if verdict is Verdict.UNKNOWN:
            raise RequestUnknown()
        if verdict is Verdict.CONFLICT:
            raise AnsweredOtherwise()
        if verdict is Verdict.HELD:
            raise HoldStands()
        return await slot.keep(200, ResultTaken(id=request_id, status=verdict))


@router.post("/results", response_model=ResultsTaken)
async def answer_many(many: ManyResults, exchange: ThisExchange, actor: Answerer, key: Key) -> Response:
    """Many results in one transaction; none of them fails the others."""
    department = department_of(actor)
    given = [result.given(department) for result in many.results]
    async with exchange.desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        verdicts = await exchange.take_answers(tx, given, at=exchange.desk.clock.now())
        taken = [ResultTaken(id=one.id, status=verdict) for one, verdict in zip(given, verdicts, strict=True)]
        return await slot.keep(200, ResultsTaken(results=taken))
