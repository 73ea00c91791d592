"""Report a life event, list cases, read one (api.md, Cases)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from contracts.forms import clean_form
from gateway.cases import board, queries
from gateway.cases.api.models import CasePage, CaseShown, Region, ReportGiven
from gateway.cases.api.pages import After, Limit, moment_and_key, to_cursor
from gateway.cases.handled import last_told, status_of
from gateway.cases.problems import CaseUnknown, FormInvalid
from gateway.cases.readers import Sight, allowed, check, sight_of
from gateway.cases.reports import Filed, Report
from gateway.cases.standing import Standing
from gateway.cases.views import case_view, local
from gateway.desk import Desk, ThisDesk
from gateway.people import relatives
from kernel.errors import FieldError, Unprocessable, invalid
from kernel.idempotency import RequestKey, idempotent, required_request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor, authorize, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1", tags=["cases"])

Reporter = Annotated[Actor, Depends(requires(Action.REPORT_CASE))]
Lister = Annotated[Actor, Depends(requires(Action.LIST_CASES))]
Reader = Annotated[Actor, Depends(requires(Action.READ_CASE))]
Key = Annotated[RequestKey, Depends(required_request_key)]
_ALIKE = ("in_progress", "finished")


@router.post(
    "/cases", status_code=201, response_model=None,
    responses={
        201: {
            "model": CaseShown, "description": "已受理 / accepted",
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        200: {"model": CaseShown, "description": "并入已有的联办件 / joined the case that stands"},
    },
)  # fmt: skip
async def report(given: ReportGiven, desk: ThisDesk, actor: Reporter, key: Key) -> Response:
    """申报一件事。Report a life event: one form opens every linked procedure.

    `Idempotency-Key` is required. A second report of the same event and person answers 200 with the case that stands.
    """
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        at = desk.clock.now()
        clean = clean_report(given, desk, actor, at)
        await _check_principal(tx, given)
        filed = await desk.reports.file(tx, clean, at=at)
        body = await _filed_view(tx, filed, actor, at)
        location = {"Location": f"/api/v1/cases/{filed.case_no}"}
        return await slot.keep(201 if filed.created else 200, body, location)


async def _check_principal(tx: Transaction, given: ReportGiven) -> None:
    """Whoever is reported for will follow the case: somebody whom the register knows. Raises Unprocessable."""
    if given.on_behalf_of is not None and await relatives.read(tx, given.on_behalf_of) is None:
        raise invalid(
            "/on_behalf_of", "unknown_person", "没有找到委托人。", "There is no such person.",
            "请先按姓名或证件号码查找。", "Find the person by name or ID number first.",
        )  # fmt: skip


def clean_report(given: ReportGiven, desk: Desk, actor: Actor, at: datetime) -> Report:
    """The report as it is filed. Raises Unprocessable with every fault, or Forbidden for another region's window."""
    event = desk.catalogue.life_events.get(given.life_event)
    faults = []
    if event is None:
        faults.append(
            FieldError(
                "/life_event", "unknown_life_event", "没有这个“一件事”。", "There is no such life event.",
                "请从 GET /api/v1/life-events 中选择。", "Choose one of GET /api/v1/life-events.",
            )
        )  # fmt: skip
    if given.region not in desk.catalogue.tree:
        faults.append(
            FieldError(
                "/region", "unknown_region", "没有这个行政区划。", "There is no such region.",
                "请使用有效的行政区划代码。", "Use a code of the region files.",
            )
        )  # fmt: skip
    channel = "web" if actor.kind == "citizen" else "window"
    if given.channel is not None and given.channel != channel:
        faults.append(
            FieldError(
                "/channel", "channel_contradicts_role", "申报渠道与登录岗位不符。", "The channel contradicts the role.",
                "请不要填写 channel，由系统按岗位确定。", "Leave it out: it follows from the role.",
            )
        )  # fmt: skip
    if faults or event is None:
        raise Unprocessable(errors=faults)
    authorize(actor, Action.REPORT_CASE, region=given.region)
    form, wrong = clean_form(event, given.form, now=at, regions=desk.catalogue.tree)
    if wrong:
        raise FormInvalid(errors=[fault.as_error() for fault in wrong])
    reporters = tuple(one for one in (actor.person, given.on_behalf_of) if one is not None)
    return Report(event.id, given.region, form, channel, actor.user, reporters=reporters)


async def _filed_view(tx: Transaction, filed: Filed, actor: Actor, at: datetime) -> dict[str, Any]:
    """A new case is shown from what was just written; a joined one is read, as far as the reporter may see it."""
    standing = filed.standing
    if not filed.created:
        if not allowed(actor, Action.READ_CASE, standing):
            return head_view(standing, sight_of(actor, standing), at)
        return await shown(tx, standing, actor, at)
    if standing.asks:
        return await shown(tx, standing, actor, at)
    return case_view(
        standing, filed.moved.rows, [filed.moved.line], [], sight=sight_of(actor, standing), now=at
    )


async def shown(tx: Transaction, standing: Standing, actor: Actor, now: datetime) -> dict[str, Any]:
    """The case as this reader sees it, read back from the board."""
    found = await queries.with_board(tx, standing)
    sight = sight_of(actor, standing)
    return case_view(standing, found.rows, found.timeline, found.asked, sight=sight, now=now)


def head_view(standing: Standing, sight: Sight, now: datetime) -> dict[str, Any]:
    """What a reporter who may not read the case learns: that it stands, and its number."""
    event = standing.case.event
    return {
        "case_no": standing.case_no, "life_event": event.id, "title": event.title, "region": standing.region,
        "status": status_of(standing, sight, at=now).value, "version": standing.case.version,
        "submitted_at": local(standing.submitted_at), "channel": standing.channel, "procedures": [], "timeline": [],
    }  # fmt: skip


@router.get("/cases", responses={200: {"model": CasePage}}, response_model=None)
async def list_cases(
    desk: ThisDesk, actor: Lister,
    status: Annotated[str | None, Query(max_length=20)] = None,
    life_event: Annotated[str | None, Query(max_length=60)] = None,
    region: Annotated[Region | None, Query()] = None,
    person: Annotated[UUID | None, Query()] = None,
    limit: Limit = 50, after: After = None,
) -> dict[str, Any]:  # fmt: skip
    """联办件列表，新的在前。Cases in the reader's scope, newest first."""
    # To somebody whose kinship is not proven a case may read finished that is not: both are looked through.
    wide = actor.kind == "citizen" and status in _ALIKE
    chosen = queries.CaseFilter(
        tuple(_ALIKE) if wide else tuple(filter(None, [status])), life_event, region, person,
        moment_and_key(after), limit,
    )  # fmt: skip
    async with desk.open() as tx:
        rows = await queries.list_cases(tx, chosen, actor)
        events = await desk.plans.of(tx, {row["plan"] for row in rows})
        page = rows[:limit]
        told = await _told(tx, page, desk, actor)
    last = page[-1] if len(rows) > limit else None
    items = [
        {
            "case_no": row["case_no"], "life_event": row["life_event"], "title": events[row["plan"]].title,
            "region": row["region"], "status": told[row["id"]][0], "version": row["version"],
            "submitted_at": local(row["submitted_at"]), "changed_at": local(told[row["id"]][1]),
            "channel": row["channel"],
        }
        for row in page
        if not wide or told[row["id"]][0] == status
    ]  # fmt: skip
    return {"items": items, "next": last and to_cursor(last["submitted_at"].isoformat(), last["id"])}


async def _told(
    tx: Transaction, page: queries.Rows, desk: Desk, actor: Actor
) -> dict[UUID, tuple[str, datetime]]:
    """Each case's status, and when it last changed, as far as this reader may know it."""
    told = {row["id"]: (row["status"], row["changed_at"]) for row in page}
    if actor.kind != "citizen":
        return told
    standings = await board.load(tx, list(told), desk.plans, lock=False)
    unproven = {
        case: (standing, sight)
        for case, standing in standings.items()
        if (sight := sight_of(actor, standing)).unproven
    }
    lines = await queries.lines_of(tx, list(unproven))
    for case, (standing, sight) in unproven.items():
        status = status_of(standing, sight, at=desk.clock.now()).value
        told[case] = (status, last_told(standing, *lines[case], sight))
    return told


@router.get("/cases/{case_no}", responses={200: {"model": CaseShown}}, response_model=None)
async def read_case(case_no: str, desk: ThisDesk, actor: Reader) -> dict[str, Any]:
    """一个联办件的全部事项和经过。A case with its procedures and timeline, masked for the reader."""
    async with desk.open() as tx:
        standing = await readable(tx, case_no, desk, actor)
        return await shown(tx, standing, actor, desk.clock.now())


async def readable(tx: Transaction, case_no: str, desk: Desk, actor: Actor) -> Standing:
    """The case, when this reader may know of it. Raises CaseUnknown."""
    standing = await queries.standing_of(tx, case_no, desk.plans)
    if not allowed(actor, Action.READ_CASE, standing):
        raise CaseUnknown()
    check(actor, Action.READ_CASE, standing)
    return standing
