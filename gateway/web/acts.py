"""What a person does to a case from its progress page: correct, withdraw, answer an offer, revoke."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from contracts.catalog import LifeEvent
from gateway.web import words
from gateway.web.api_client import Api, CaseNo, Refused
from gateway.web.controls import Control, Said, question, read_question
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.report.answers import SummaryLine, field_at
from gateway.web.report.plan import layouts
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)

_TAKES_BACK = frozenset({"waiting", "offered", "open", "stuck"})


def reason_control(visit: Visit) -> Control:
    """Why it is done, as it was posted."""
    return Control(
        "/reason", "为什么", "long", label_en="Why", required=True, longest=500, value=visit.value("/reason")
    )


def act_page(
    visit: Visit,
    case: Mapping[str, Any],
    controls: Sequence[Control],
    words_: Mapping[str, str],
    *,
    refused: Refused | None = None,
) -> Response:
    """One act as one form; after a refusal the same form with what to mend."""
    faults, drawn = _with_faults(controls, refused)
    return page(
        visit, "act.html", status=refused.status if refused else 200, title=words_["title"], case=case, act=words_,
        controls=drawn, faults=faults, faulty=bool(faults), key=visit.value("key") or uuid4().hex,
        version=case["version"], refused=refused,
    )  # fmt: skip


def _with_faults(
    controls: Sequence[Control], refused: Refused | None
) -> tuple[list[SummaryLine], list[Control]]:
    if refused is None:
        return [], list(controls)
    lines, drawn = [], []
    for control in controls:
        own = [error for error in refused.errors if _speaks_of(error.field, control.name)]
        lines += [SummaryLine(f"#{control.id}", control.label, error.message) for error in own]
        drawn.append(replace(control, faults=tuple(Said(error.message, error.how) for error in own)))
    told = {line.message for line in lines}
    lines += [
        SummaryLine("#main", "这次提交", error.message)
        for error in refused.errors
        if error.message not in told
    ] or ([] if lines else [SummaryLine("#main", "这次提交", refused.detail)])
    return lines, drawn


def _speaks_of(field: str, name: str) -> bool:
    """`/changes/~1deceased~1died_at` and `/form/deceased/died_at` speak of `/deceased/died_at`."""
    return field.replace("~1", "/").rstrip("/").endswith(name)


async def send(visit: Visit, case_no: str, part: str, body: Mapping[str, Any]) -> Any:
    """The API's answer to the act, on the version that the page showed."""
    given = visit.value("version")
    body = {**body, "version": int(given) if given.isdigit() else 0}
    return await Api(visit).post(f"/api/v1/cases/{case_no}/{part}", body, key=visit.value("key") or None)


# --- correction -----------------------------------------------------------------------------------------------------

Corrector = Annotated[Visit, Depends(Visitor(Action.CORRECT))]
_CORRECTION = {
    "part": "correction", "title": "更正申报内容", "title_en": "Correct the report",
    "lead": "只填要改的，其余空着。更正后，受影响的事项会自动重新核对。",
    "lead_en": "Fill in only what is to change. What depends on it is checked again by itself.",
    "button": "提交更正", "grave": "",
}  # fmt: skip


def _correctable(event: LifeEvent) -> list[str]:
    return list(layouts().get(event.id, {}).get("corrections", [event.occurred_at]))


def _correction_controls(visit: Visit, event: LifeEvent) -> list[Control]:
    controls = []
    for pointer in _correctable(event):
        asked = field_at(event, pointer)
        if asked is not None:
            answer = read_question(visit, pointer, asked) if visit.posted else None
            controls.append(replace(question(pointer, asked, answer, near=visit.who.region), required=False))
    return [*controls, reason_control(visit)]


@router.get("/cases/{case_no}/correction")
async def correction_page(case_no: CaseNo, visit: Corrector) -> Response:
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    event = words.catalogue().life_events[case["life_event"]]
    return act_page(visit, case, _correction_controls(visit, event), _CORRECTION)


@router.post("/cases/{case_no}/correction")
async def correct(case_no: CaseNo, visit: Corrector) -> Response:
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    event = words.catalogue().life_events[case["life_event"]]
    read = {pointer: _posted(visit, event, pointer) for pointer in _correctable(event)}
    changes = {pointer: answer for pointer, answer in read.items() if answer is not None}
    try:
        await send(visit, case_no, "corrections", {"changes": changes, "reason": visit.value("/reason")})
    except Refused as refused:
        return act_page(visit, case, _correction_controls(visit, event), _CORRECTION, refused=refused)
    return go_to(f"/cases/{case_no}?said=corrected")


def _posted(visit: Visit, event: LifeEvent, pointer: str) -> Any:
    asked = field_at(event, pointer)
    return read_question(visit, pointer, asked) if asked is not None else None


# --- withdrawal -----------------------------------------------------------------------------------------------------

Withdrawer = Annotated[Visit, Depends(Visitor(Action.WITHDRAW))]
_WITHDRAWAL = {
    "part": "withdrawal", "title": "撤回", "title_en": "Withdraw",
    "lead": "不想办的，可以撤回。已经办完、不能退回的，会如实告诉您。不选事项就是撤回整件申报。",
    "lead_en": "Choose what to withdraw; choose nothing to withdraw the whole report.",
    "button": "确认撤回", "grave": "",
}  # fmt: skip


def _withdrawal_controls(visit: Visit, case: Mapping[str, Any]) -> list[Control]:
    choices = tuple(
        (row["id"], row["name"])
        for row in case["procedures"]
        if row["origin"] == "applied" and row["state"] in _TAKES_BACK
    )
    chosen = tuple(visit.values("/procedures"))
    some = [
        Control("/procedures", "只撤回这些事项", "many", label_en="Only these", choices=choices, value=chosen)
    ]
    return [*(some if choices else []), reason_control(visit)]


@router.get("/cases/{case_no}/withdrawal")
async def withdrawal_page(case_no: CaseNo, visit: Withdrawer) -> Response:
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    return act_page(visit, case, _withdrawal_controls(visit, case), _WITHDRAWAL)


@router.post("/cases/{case_no}/withdrawal")
async def withdraw(case_no: CaseNo, visit: Withdrawer) -> Response:
    body: dict[str, Any] = {"reason": visit.value("/reason")}
    chosen = visit.values("/procedures")
    if chosen:
        body["procedures"] = chosen
    try:
        await send(visit, case_no, "withdrawal", body)
    except Refused as refused:
        case = await Api(visit).get(f"/api/v1/cases/{case_no}")
        return act_page(visit, case, _withdrawal_controls(visit, case), _WITHDRAWAL, refused=refused)
    return go_to(f"/cases/{case_no}?said=withdrawn")


# --- offers ---------------------------------------------------------------------------------------------------------


@router.post("/cases/{case_no}/offers/{procedure_id}")
async def answer_offer(
    case_no: CaseNo, procedure_id: UUID, visit: Annotated[Visit, Depends(Visitor(Action.ANSWER_OFFER))]
) -> Response:
    answer = "accept" if visit.value("answer") == "accept" else "decline"
    await send(visit, case_no, f"offers/{procedure_id}", {"answer": answer, "data": {}})
    return go_to(f"/cases/{case_no}?said={answer}")


# --- revocation -----------------------------------------------------------------------------------------------------

Revoker = Annotated[Visit, Depends(Visitor(Action.REVOKE))]
_REVOCATION = {
    "part": "revocation", "title": "撤销本件并恢复", "title_en": "Revoke and restore",
    "lead": "县级审核人提交即为签署：办过的事项全部恢复，停发的补发，婚姻状态还原。请写明依据。",
    "lead_en": "Your submission is the signature: everything done is undone.",
    "button": "签署撤销", "grave": "yes",
}  # fmt: skip


def _revocation_controls(visit: Visit) -> list[Control]:
    kinds = tuple((code, name) for code, (name, _) in words.REVOCATION_KINDS.items())
    kind = (visit.value("/kind"),)
    return [
        Control("/kind", "撤销的缘由", "one", label_en="Kind", required=True, choices=kinds, value=kind),
        Control("/basis", "依据的文书和编号", "text", label_en="Basis", required=True, value=visit.value("/basis")),
        reason_control(visit),
    ]  # fmt: skip


@router.get("/cases/{case_no}/revocation")
async def revocation_page(case_no: CaseNo, visit: Revoker) -> Response:
    case = await Api(visit).get(f"/api/v1/cases/{case_no}")
    return act_page(visit, case, _revocation_controls(visit), _REVOCATION)


@router.post("/cases/{case_no}/revocation")
async def revoke(case_no: CaseNo, visit: Revoker) -> Response:
    body = {"kind": visit.value("/kind"), "reason": visit.value("/reason"), "basis": visit.value("/basis")}
    try:
        await send(visit, case_no, "revocation", body)
    except Refused as refused:
        case = await Api(visit).get(f"/api/v1/cases/{case_no}")
        return act_page(visit, case, _revocation_controls(visit), _REVOCATION, refused=refused)
    return go_to(f"/cases/{case_no}?said=revoked")
