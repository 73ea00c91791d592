"""The joint query read: its list with a watermark, who has looked, and the guide to the estate (rows 19 and 20)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from gateway.assets import lookups
from gateway.assets.asset_list import Line, line_view, lines_of, routes_found
from gateway.assets.entitlement import Capacity
from gateway.assets.estate_rules import Bank, EstateRoute, Money, NoRuleYet, estate_rules
from gateway.assets.models import AssetListShown, BankWayShown, EstateGuideShown, LookUpsShown
from gateway.assets.readers import Look, check_shown, look, purpose_of
from gateway.cases.api.case_routes import readable
from gateway.desk import Desk, ThisDesk
from kernel.errors import NotFound, invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, public, requires
from kernel.public_service.identifiers import mask_name
from kernel.web.routing import Router

router = Router(prefix="/api/v1", tags=["assets"])
Heir = Annotated[Actor, Depends(requires(Action.READ_ASSETS))]
Reader = Annotated[Actor, Depends(requires(Action.READ_CASE))]
Purpose = Annotated[
    str | None, Query(max_length=20, description="工作人员必填 / staff: delivery | objection | inspection")
]
_MOST_FEN = 10**13


@router.get("/cases/{case_no}/asset-query", responses={200: {"model": AssetListShown}}, response_model=None)
async def read_list(case_no: str, desk: ThisDesk, actor: Heir, purpose: Purpose = None) -> dict[str, Any]:
    """查询结果清单：有或没有、去哪里办，不含金额；每次查看留痕。Has or has not, and where to go; each look is kept."""
    async with desk.open() as tx:
        looked = await look(tx, case_no, desk, actor)
        check_shown(looked)
        at = desk.clock.now()
        stated = purpose_of(actor, purpose)
        lines = await _opened(tx, looked, desk, actor, stated, at)
        reader = await _reader(tx, desk, actor)
    query = looked.query
    answered = sum(line.answer in ("has", "has_not", "unclear") for line in lines)
    return {
        "case_no": case_no, "procedure": str(query.procedure), "state": query.state.value, "edition": query.edition,
        "sources": len(lines), "answered": answered, "not_answered": len(lines) - answered,
        "delivered_at": query.delivered_at and query.delivered_at.isoformat(timespec="seconds"),
        "valid_until": query.valid_until and query.valid_until.isoformat(),
        "valid": query.valid_until is not None and at.date() <= query.valid_until,
        "watermark": {"case_no": case_no, "reader": reader, "at": at.isoformat(timespec="seconds")},
        "lines": [line_view(line) for line in lines],
    }  # fmt: skip


async def _opened(
    tx: Transaction, looked: Look, desk: Desk, actor: Actor, purpose: str, at: datetime
) -> list[Line]:
    """The lines, opened for this look, which is kept in the same transaction."""
    await _keep(tx, looked, actor, "list", purpose, at)
    routes = estate_rules().routes(at.date())
    return await lines_of(tx, looked.standing, looked.query, routes, sealer=desk.sealer)


async def _keep(
    tx: Transaction, looked: Look, actor: Actor, kind: lookups.Kind, purpose: str, at: datetime
) -> None:
    """For the other heirs, and for the auditors."""
    query = looked.query
    seen = lookups.LookUp(
        procedure=query.procedure, case_id=looked.standing.id, at=at, kind=kind, actor=actor.user,
        role=actor.role.value, region=actor.region, person=looked.person, purpose=purpose, edition=query.edition,
    )  # fmt: skip
    await lookups.record(tx, [seen])
    line = audit.AuditLine(at, actor.user, f"assets_{kind}", f"procedure:{query.procedure}", purpose)
    await audit.record(tx, [line])


async def _reader(tx: Transaction, desk: Desk, actor: Actor) -> str:
    """Who reads, as the page bears it: the family reader's own name, the account of staff."""
    if actor.person is None:
        return f"{actor.role.value} {actor.user}"
    known = await desk.register.details(tx, [actor.person])
    name: str = known.get(actor.person, {}).get("name") or actor.user
    return name


@router.get(
    "/cases/{case_no}/asset-query/lookups", responses={200: {"model": LookUpsShown}}, response_model=None
)
async def read_lookups(case_no: str, desk: ThisDesk, actor: Heir) -> dict[str, Any]:
    """谁在什么时候查询、查看过。Who asked and who looked, for every heir; this look is kept, too."""
    async with desk.open() as tx:
        looked = await look(tx, case_no, desk, actor)
        found = await lookups.looks_at(tx, looked.query.procedure)
        await _keep(tx, looked, actor, "log", "record", desk.clock.now())
        people = [one.person for one in found if one.person is not None]
        names = await desk.register.details(tx, people)
    return {"items": [_look_view(one, looked, names) for one in found], "next": None}


def _look_view(one: lookups.LookUp, looked: Look, names: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    """One look: a family reader by the masked name, staff by role and region, never by account."""
    who = mask_name(str(names.get(one.person, {}).get("name", ""))) if one.person else ""
    applicant = one.person is not None and one.person == looked.standing.applicant
    return {
        "at": one.at.isoformat(timespec="seconds"), "kind": one.kind, "who": who,
        "role": ("applicant" if applicant else "heir") if one.person else one.role,
        "region": "" if one.person else one.region, "purpose": one.purpose, "edition": one.edition,
        "own": one.person is not None and one.person == looked.person,
    }  # fmt: skip


@router.get(
    "/cases/{case_no}/estate-guide", responses={200: {"model": EstateGuideShown}}, response_model=None
)
async def read_guide(case_no: str, desk: ThisDesk, actor: Reader, purpose: Purpose = None) -> dict[str, Any]:
    """遗产办理指引：查到的放在前面，其余供参考。What was found first (for an entitled reader), then the rest."""
    async with desk.open() as tx:
        at = desk.clock.now()
        lines, case = await _found(tx, case_no, desk, actor, purpose, at)
        if case is None:
            await readable(tx, case_no, desk, actor)
    routes = estate_rules().routes(at.date())
    found = routes_found(lines, routes)
    missing = [line.name for line in lines if line.answer not in ("has", "has_not", "unclear")]
    return {
        "case_no": case_no, "as_of": at.date().isoformat(), "delivered": bool(lines), "not_answered": missing,
        "found": [_route_view(route, lines) for route in found],
        "others": [_route_view(route, ()) for route in routes if route not in found],
    }  # fmt: skip


async def _found(
    tx: Transaction, case_no: str, desk: Desk, actor: Actor, purpose: str | None, at: datetime
) -> tuple[list[Line], str | None]:
    """The list's lines for a reader who may see them, and the case when this reader knows it as one concerned."""
    try:
        looked = await look(tx, case_no, desk, actor)
    except NotFound:
        return [], None
    silent_staff = (
        actor.kind == "staff" and purpose is None
    )  # who states no purpose gets the guide for everybody
    if silent_staff or not (looked.may_read_list and looked.query.shown):
        return [], case_no
    return await _opened(tx, looked, desk, actor, purpose_of(actor, purpose), at), case_no


def _route_view(route: EstateRoute, lines: list[Line] | tuple[()]) -> dict[str, Any]:
    places = [place for line in lines if line.source in route.asked_of for place in line.places]
    return {
        "id": route.id, "what": route.what, "where": route.where, "how": route.how, "papers": list(route.papers),
        "source": route.source, "places": places,
    }  # fmt: skip


Fen = Annotated[int, Query(ge=0, le=_MOST_FEN, description="分 / fen")]


@router.get(
    "/estate-guide/bank-way", response_model=BankWayShown,
    dependencies=[Depends(public("按金额算办理途径，不涉及任何人 / a sum, about nobody"))],
)  # fmt: skip
async def bank_way(
    desk: ThisDesk, deposit_fen: Fen = 0, gold_fen: Fen = 0, treasury_fen: Fen = 0, agency_fen: Fen = 0,
    survivors_fen: Fen = 0, bank: Bank = "commercial", capacity: Capacity = Capacity.FIRST_ORDER_HEIR,
) -> dict[str, Any]:  # fmt: skip
    """一家银行的钱怎么办：合计不超过限额的直接提取，超过的公证或诉讼。Which way the money at one bank goes (R27)."""
    async with desk.open():
        on = desk.clock.today()
    money = Money(deposit_fen, gold_fen, treasury_fen, agency_fen, survivors_fen)
    try:
        way = estate_rules().bank_way(money, capacity=capacity.value, bank=bank, on=on)
    except NoRuleYet as error:
        raise invalid(
            "/query/bank", "no_rule", "这一天还没有适用的规定。", "No rule is in force on this day.",
            "请咨询开户银行。", "Ask the bank.",
        ) from error  # fmt: skip
    return {
        "at_bank": way.at_bank, "counted_fen": way.counted_fen, "limit_fen": way.limit_fen, "source": way.source,
        "as_of": on.isoformat(),
    }  # fmt: skip
