"""Money for finance and those who decide about it: what was paid too much, what came back, and the payment runs."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.desk import this_desk
from gateway.web.api_client import Api, Refused
from gateway.web.estate import fen
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action, role_may
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Reader = Annotated[Visit, Depends(Visitor(Action.READ_OVERPAYMENTS))]
Cashier = Annotated[Visit, Depends(Visitor(Action.RECORD_REPAYMENT))]
RunReader = Annotated[Visit, Depends(Visitor(Action.READ_LEDGER))]
Payer = Annotated[Visit, Depends(Visitor(Action.RUN_PAYMENTS))]

# state: (sign, Chinese, English); the sign tells it without colour
STATES: Mapping[str, tuple[str, str, str]] = {
    "found": ("○", "已发现，等乡镇提出意见", "Found"),
    "proposed": ("◐", "已提出意见，等县级签署", "Proposed"),
    "decided": ("◑", "已签署，等退回", "Signed"),
    "notified": ("◑", "已告知，等退回", "Told"),
    "settled": ("✓", "已了结", "Settled"),
    "cancelled": ("–", "不再追回", "Cancelled"),
}
RUN_STATES: Mapping[str, tuple[str, str, str]] = {
    "preview": ("○", "预览，什么也没有写", "Preview, nothing written"),
    "prepared": ("◐", "已制作，还没有付款", "Prepared, not paid"),
    "released": ("✓", "已付款", "Paid"),
}
HELD_FOR: Mapping[str, str] = {
    "payee_dead": "领取人已去世，先变更领取人",
    "payee_reported_dead": "领取人有去世申报，等核实",
    "payee_changed": "制作以后领取人变了",
    "amount_changed": "制作以后金额变了",
    "suspended": "已暂缓发放",
    "cancelled": "已停发",
    "released": "已经付过",
}
_CLAIMED = ("decided", "notified")


@router.get("/money/overpayments")
async def overpayments(visit: Reader) -> Response:
    query = visit.request.query_params
    chosen = query.get("state", "")
    found = await Api(visit).get(
        "/api/v1/overpayments", state=chosen if chosen in STATES else None, after=query.get("after"), limit=50
    )
    return page(
        visit, "overpayments.html", title="多发款项", found=found, chosen=chosen, states=STATES,
        runs=role_may(visit.who.role, Action.READ_LEDGER),
    )  # fmt: skip


@router.get("/money/overpayments/{overpayment}")
async def overpayment(overpayment: UUID, visit: Reader) -> Response:
    return await _record(visit, overpayment)


async def _record(visit: Visit, overpayment: UUID, refused: Refused | None = None) -> Response:
    record = await Api(visit).get(f"/api/v1/overpayments/{overpayment}")
    takes = role_may(visit.who.role, Action.RECORD_REPAYMENT) and record["state"] in _CLAIMED
    return page(
        visit, "overpayment.html", status=refused.status if refused else 200, title="一笔多发款项", record=record,
        states=STATES, takes=takes, refused=refused, key=uuid4().hex, faulty=refused is not None,
        given={name: visit.value(name) for name in ("amount", "received_on", "reference")} if refused else {},
        today=_today(visit),
    )  # fmt: skip


@router.post("/money/overpayments/{overpayment}")
async def take_repayment(overpayment: UUID, visit: Cashier) -> Response:
    version = visit.value("version")
    body = {
        "amount_fen": fen(visit.value("amount")) or 0, "received_on": visit.value("received_on"),
        "reference": visit.value("reference").strip(), "version": int(version) if version.isdigit() else 0,
    }  # fmt: skip
    try:
        await Api(visit).post(
            f"/api/v1/overpayments/{overpayment}/repayments", body, key=visit.value("key") or None
        )
    except Refused as refused:
        return await _record(visit, overpayment, refused)
    return go_to(f"/money/overpayments/{overpayment}")


@router.get("/money/runs")
async def runs(visit: RunReader) -> Response:
    """The runs; and, for finance that names a month, what a run made now would pay."""
    api, query = Api(visit), visit.request.query_params
    found = await api.get("/api/v1/payment-runs", after=query.get("after"), limit=50)
    pays = role_may(visit.who.role, Action.RUN_PAYMENTS)
    month = query.get("month") or _today(visit)[:7]
    seen: Any = None
    if pays and query.get("month"):
        seen = await api.get("/api/v1/payment-runs/preview", region=visit.who.region, month=month)
    return page(
        visit, "payment_runs.html", title="发放批次", found=found, month=month, seen=seen, pays=pays,
        states=RUN_STATES, held_for=HELD_FOR, key=uuid4().hex,
    )  # fmt: skip


@router.post("/money/runs")
async def prepare(visit: Payer) -> Response:
    asked = {"region": visit.who.region, "month": visit.value("month")}
    made = await Api(visit).post("/api/v1/payment-runs", asked, key=visit.value("key") or None)
    return go_to(f"/money/runs/{made['id']}")


@router.get("/money/runs/{run}")
async def run_page(run: UUID, visit: RunReader) -> Response:
    found = await Api(visit).get(f"/api/v1/payment-runs/{run}")
    return page(
        visit, "payment_run.html", title=f"{found['month']} 发放批次", run=found, states=RUN_STATES,
        held_for=HELD_FOR, pays=role_may(visit.who.role, Action.RUN_PAYMENTS), key=uuid4().hex,
    )  # fmt: skip


@router.post("/money/runs/{run}")
async def release(run: UUID, visit: Payer) -> Response:
    await Api(visit).post(f"/api/v1/payment-runs/{run}/release", {}, key=visit.value("key") or None)
    return go_to(f"/money/runs/{run}")


def _today(visit: Visit) -> str:
    today: date = this_desk(visit.request).clock.today()
    return today.isoformat()
