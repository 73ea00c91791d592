"""The payment run of assistance, for finance: look, prepare, release (SA-077). The release looks at each line again."""

from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from fastapi import Depends, Query, Response
from pydantic import Field

from contracts.money import PaymentRun, PaymentRuns, RegionCode
from contracts.terms import Frozen
from gateway.cases.api.pages import Limit
from gateway.cases.owners import OwnerRefused, with_query
from gateway.desk import Desk, ThisDesk
from gateway.money.holders import RUNS, PaymentRunUnknown
from gateway.passing_on import keep, kept
from kernel.errors import NotFound
from kernel.idempotency import RequestKey, request_key
from kernel.public_service.access import Action, Actor, authorize, region_prefix, requires
from kernel.public_service.months import month_from_text
from kernel.web.routing import Router

router = Router(prefix="/api/v1/payment-runs", tags=["money"])
OWNER = "assistance"
Key = Annotated[RequestKey, Depends(request_key)]
Reader = Annotated[Actor, Depends(requires(Action.READ_LEDGER))]
Cashier = Annotated[Actor, Depends(requires(Action.RUN_PAYMENTS))]
Month = Annotated[str, Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$", examples=["2026-03"])]


class RunAsked(Frozen):
    """All that is due in a region, up to and with the month."""

    region: RegionCode
    month: Month


@router.get("")
async def list_runs(
    desk: ThisDesk, actor: Reader,
    region: Annotated[RegionCode | None, Query(description="缺省为本人所在地区 / by default the reader's")] = None,
    after: Annotated[UUID | None, Query(description="上一页的 next / `next` of the page before")] = None,
    limit: Limit = 50,
) -> PaymentRuns:  # fmt: skip
    """发放批次，新的在前。Payment runs of a region, newest first."""
    place = region or actor.region
    authorize(actor, Action.READ_LEDGER, region=place)
    path = with_query(f"{RUNS}/files", region=region_prefix(place), after=after, limit=limit)
    return PaymentRuns.model_validate(await desk.owners.call(OWNER, "GET", path))


@router.get("/preview")
async def preview_run(
    desk: ThisDesk, actor: Cashier, region: Annotated[RegionCode, Query()], month: Annotated[Month, Query()]
) -> PaymentRun:
    """预览：现在做批次会发多少、哪些暂不发放。不写任何东西。What a run made now would pay; nothing is written."""
    authorize(actor, Action.RUN_PAYMENTS, region=region)
    path = with_query(f"{RUNS}/runs/preview", region=region, month=month_from_text(month).isoformat())
    return PaymentRun.model_validate(await desk.owners.call(OWNER, "GET", path))


@router.get("/{run}")
async def read_run(run: UUID, desk: ThisDesk, actor: Reader) -> PaymentRun:
    """一个发放批次。One run, by kind, with what stays behind and why."""
    return await _found(desk, run, actor, Action.READ_LEDGER)


@router.post("", response_model=PaymentRun, status_code=201)
async def prepare_run(asked: RunAsked, desk: ThisDesk, actor: Cashier, key: Key) -> Response:
    """制作发放批次；还没有付款。Prepare a run; nothing has gone out yet."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    authorize(actor, Action.RUN_PAYMENTS, region=asked.region)
    # One key is one run, also where the answer got lost on the way.
    run = uuid5(NAMESPACE_URL, f"lianban payment run {actor.user} {key.key}") if key.key else uuid4()
    body = {
        "id": str(run), "region": asked.region, "month": month_from_text(asked.month).isoformat(),
        "acted_by": actor.user,
    }  # fmt: skip
    made = await desk.owners.call(OWNER, "POST", f"{RUNS}/files", json=body)
    return await _keep(desk, actor, key, PaymentRun.model_validate(made), "prepare_payments", 201)


@router.post("/{run}/release", response_model=PaymentRun)
async def release_run(run: UUID, desk: ThisDesk, actor: Cashier, key: Key) -> Response:
    """付款：每一笔再核对一次，记入台账。Pay out: each line is looked at again; a second release changes nothing."""
    if (answered := await kept(desk, actor, key)) is not None:
        return answered
    await _found(desk, run, actor, Action.RUN_PAYMENTS)
    path = f"{RUNS}/files/{run}/release"
    paid = await desk.owners.call(OWNER, "POST", path, json={"acted_by": actor.user})
    return await _keep(desk, actor, key, PaymentRun.model_validate(paid), "release_payments", 200)


async def _found(desk: Desk, run: UUID, actor: Actor, action: Action) -> PaymentRun:
    """The run, for whom it concerns. Raises PaymentRunUnknown for everybody else."""
    try:
        found = PaymentRun.model_validate(await desk.owners.call(OWNER, "GET", f"{RUNS}/files/{run}"))
        authorize(actor, action, region=found.region)
    except NotFound as error:
        raise PaymentRunUnknown() from error
    except OwnerRefused as refused:
        if refused.status == NotFound.status:
            raise PaymentRunUnknown() from refused
        raise
    return found


async def _keep(
    desk: Desk, actor: Actor, key: RequestKey, run: PaymentRun, action: str, status: int
) -> Response:
    return await keep(
        desk, actor, key, run, status=status, action=action, object=f"payment_run:{run.id}", purpose=run.month
    )
