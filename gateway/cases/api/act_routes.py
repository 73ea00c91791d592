"""Withdraw, correct, revoke, answer an offer, add a paper: each answers 202 with the case (api.md)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from gateway.cases import acts, queries
from gateway.cases.api.case_routes import shown
from gateway.cases.api.models import (
    CaseShown,
    CorrectionGiven,
    OfferAnswerGiven,
    RevocationGiven,
    SubjectGiven,
    WithdrawalGiven,
)
from gateway.cases.materials import Paper, add_paper, read_upload
from gateway.cases.planner.inputs import Material
from gateway.cases.problems import CaseUnknown
from gateway.cases.readers import allowed, check
from gateway.cases.standing import Standing
from gateway.cases.transfer import RightPerson, Transfers
from gateway.desk import Desk, ThisDesk
from kernel.errors import invalid
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor, requires
from kernel.web.routing import Router

router = Router(prefix="/api/v1/cases/{case_no}", tags=["cases"])
Key = Annotated[RequestKey, Depends(request_key)]
Make = Callable[[Transaction, Standing, datetime], Awaitable[acts.Act]]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"model": CaseShown, "description": "已接收，本件现状 / taken, the case as it stands"}
}


async def _acted(
    desk: Desk, actor: Actor, action: Action, case_no: str, version: int, key: RequestKey, make: Make
) -> Response:
    """Lock, check who and which version, make the act, perform it, answer with the case."""
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        at = desk.clock.now()
        standing = await queries.locked(tx, case_no, desk.plans)
        if not allowed(actor, Action.READ_CASE, standing):
            raise CaseUnknown()
        check(actor, action, standing)
        acts.check_version(standing, version)
        act = await make(tx, standing, at)
        await acts.perform(tx, desk.moves, standing, act, at=at)
        return await slot.keep(202, await shown(tx, standing, actor, at))


@router.post("/withdrawal", status_code=202, response_model=None, responses=_ANSWERS)
async def withdraw(
    case_no: str, given: WithdrawalGiven, desk: ThisDesk, key: Key,
    actor: Annotated[Actor, Depends(requires(Action.WITHDRAW))],
) -> Response:  # fmt: skip
    """撤回全件或依申请的事项。Before confirmation every row ends; afterwards what the state must do runs on."""

    async def make(_tx: Transaction, standing: Standing, _at: datetime) -> acts.Act:
        return acts.withdrawal(standing, actor, given.procedures, given.reason)

    return await _acted(desk, actor, Action.WITHDRAW, case_no, given.version, key, make)


@router.post("/corrections", status_code=202, response_model=None, responses=_ANSWERS)
async def correct(
    case_no: str, given: CorrectionGiven, desk: ThisDesk, key: Key,
    actor: Annotated[Actor, Depends(requires(Action.CORRECT))],
) -> Response:  # fmt: skip
    """更正申报内容。Version + 1; owners whose rows use the changed answers decide again."""

    async def make(tx: Transaction, standing: Standing, at: datetime) -> acts.Act:
        acts.check_correction(standing, actor, given.changes)
        return await desk.corrections.act(tx, standing, actor, given.changes, given.reason, at=at)

    return await _acted(desk, actor, Action.CORRECT, case_no, given.version, key, make)


@router.post("/revocation", status_code=202, response_model=None, responses=_ANSWERS)
async def revoke(
    case_no: str, given: RevocationGiven, desk: ThisDesk, key: Key,
    actor: Annotated[Actor, Depends(requires(Action.REVOKE))],
) -> Response:  # fmt: skip
    """撤销本件，已办事项全部恢复。The county's signature undoes at once; a department's request asks for it."""

    async def make(_tx: Transaction, standing: Standing, _at: datetime) -> acts.Act:
        return acts.revocation(standing, actor, given.kind, given.reason, given.basis)

    return await _acted(desk, actor, Action.REVOKE, case_no, given.version, key, make)


@router.post(
    "/subject", status_code=202, response_model=None,
    responses={202: {"model": CaseShown, "description": "正确对象的联办件 / the case of the right person"}},
)  # fmt: skip
async def transfer(
    case_no: str, given: SubjectGiven, desk: ThisDesk, key: Key,
    actor: Annotated[Actor, Depends(requires(Action.REVOKE))],
) -> Response:  # fmt: skip
    """对象有误：原对象全部恢复，转到正确的人名下。The county moves a case to the right person, whose case answers."""
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        at = desk.clock.now()
        standing = await queries.locked(tx, case_no, desk.plans)
        if not allowed(actor, Action.READ_CASE, standing):
            raise CaseUnknown()
        check(actor, Action.REVOKE, standing)
        acts.check_version(standing, given.version)
        right = RightPerson(given.id_kind, given.id_number, given.name)
        filed = await Transfers(desk.reports)(tx, standing, actor, right, given.reason, given.basis, at=at)
        location = {"Location": f"/api/v1/cases/{filed.case_no}"}
        return await slot.keep(202, await shown(tx, filed.standing, actor, at), location)


@router.post("/offers/{procedure_id}", status_code=202, response_model=None, responses=_ANSWERS)
async def answer_offer(
    case_no: str, procedure_id: UUID, given: OfferAnswerGiven, desk: ThisDesk, key: Key,
    actor: Annotated[Actor, Depends(requires(Action.ANSWER_OFFER))],
) -> Response:  # fmt: skip
    """办理或不办理一件可选事项。Accept or decline what is offered."""

    async def make(tx: Transaction, standing: Standing, at: datetime) -> acts.Act:
        act = acts.offer_answer(standing, actor, procedure_id, accept=given.answer == "accept")
        if not given.data:
            return act
        _check_offer_data(standing, procedure_id, given)
        told = await desk.corrections.act(tx, standing, actor, given.data, "offer", at=at, may_be_same=True)
        return acts.Act(act.kind, act.actor, {**act.words, "data": given.data}, [*told.inputs, *act.inputs])

    return await _acted(desk, actor, Action.ANSWER_OFFER, case_no, given.version, key, make)


def _check_offer_data(standing: Standing, procedure: UUID, given: OfferAnswerGiven) -> None:
    """Only answers that the accepted procedure itself receives. Raises 422."""
    kind = next(row.type for row in standing.case.rows if row.id == procedure)
    fields = standing.case.event.row(kind).fields
    for pointer in given.data:
        if given.answer == "decline" or pointer not in fields:
            raise invalid(
                f"/data/{pointer[1:]}", "unknown_field", "这件事项不需要这一项。",
                "This procedure takes no such answer.", "请只填写这件事项列出的内容。",
                "Give only what the procedure's `fields` list.",
            )  # fmt: skip


_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "version"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "PDF, JPEG, PNG ≤ 5 MiB",
                        },
                        "material": {
                            "type": "string",
                            "description": "材料编号 / id of the life event's materials",
                        },
                        "version": {"type": "integer"},
                    },
                }
            }
        },
    }
}


@router.post("/materials", status_code=202, response_model=None, responses=_ANSWERS, openapi_extra=_UPLOAD)
async def add_material(
    case_no: str, request: Request, desk: ThisDesk, key: Key,
    actor: Annotated[Actor, Depends(requires(Action.ADD_MATERIAL))],
) -> Response:  # fmt: skip
    """上传一份材料。A paper, kept sealed; the owners that take papers are told."""
    upload = await read_upload(request, desk.settings.material_limit_bytes)

    async def make(tx: Transaction, standing: Standing, at: datetime) -> acts.Act:
        acts.check_open(standing)
        paper: Paper = await add_paper(tx, standing, upload, sealer=desk.sealer, actor=actor.user, at=at)
        return acts.Act("material", actor.user, {"material": str(paper.id)}, [Material()])

    return await _acted(desk, actor, Action.ADD_MATERIAL, case_no, upload.version, key, make)
