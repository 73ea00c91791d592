"""Requests and answers of the case routes, as OpenAPI shows them (api.md). Answers are built by `views`, not parsed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.terms import UndoReason

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Region = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{12})$")]
Channel = Literal["web", "window", "department", "system"]

_FORM: Any = {
    "deceased": {
        "name": "林文海", "id_number": "331099194203150015", "died_at": "2026-03-01T06:20:00+08:00", "place": "home",
    },
    "applicant": {
        "name": "周秀兰", "id_number": "331099195106120027", "relation": "spouse", "phone": "13800000000",
    },
    "wishes": {"remains": "cremation"},
}  # fmt: skip
_PROCEDURE: Any = {
    "id": "0b5e7c1e-5d0a-5d2f-9a4e-3f1f0c9f7d11", "row": "9", "type": "assistance.stop_benefits",
    "owner": "assistance", "name": "停发社会救助", "origin": "ex_officio", "stage": "confirmed", "round": 1,
    "state": "done", "reason": None, "needs": [], "due_at": None, "limit": {"none": "系统即时办理"},
    "overdue": False, "provisional": False, "escalation": "none", "paused": False,
    "opened_at": "2026-03-01T09:00:02+08:00",
    "ended_at": "2026-03-01T09:00:02+08:00", "version": 1,
    "result": {"stopped": [{"kind": "dibao", "last_payable_month": "2026-03", "overpaid_fen": 0}]}, "tasks": [],
}  # fmt: skip
CASE: Any = {
    "case_no": "331022-20260301-7K3M9XQ2", "life_event": "death", "title": "亲人去世后要办的事，一次申报",
    "region": "331022", "status": "in_progress", "version": 1, "submitted_at": "2026-03-01T09:00:00+08:00",
    "channel": "window", "procedures": [_PROCEDURE],
    "timeline": [
        {"at": "2026-03-01T09:00:00+08:00", "actor": "window_clerk-331022", "kind": "reported", "procedure": None,
         "text": "已受理申报，相关事项开始联办。", "text_en": "The report was accepted; the linked procedures begin."},
    ],
}  # fmt: skip
TASK: Any = {
    "id": "5e0f7f0a-6d41-4f6f-8f3a-2f9d3f7f9a10", "case_no": CASE["case_no"],
    "procedure": "9a0d2b44-8d8f-5a5e-8f0e-7a6a7b1f3c21", "type": "assistance.household_recheck",
    "name": "入户核对", "owner": "assistance", "step": "survey", "region": "331022901000",
    "due_at": "2026-05-30T23:59:59+08:00", "provisional": False, "colour": "none",
    "escalation": "none", "version": 2, "facts": {"members": 1},
    "decisions": [{"id": "confirm", "name": "确认", "needs_reason": False, "data_schema": {"type": "object"}}],
}  # fmt: skip


class Strict(BaseModel):
    """An unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportGiven(Strict):
    """One report of one life event. `on_behalf_of`: the person for whom an agent or a window reports."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"life_event": "death", "region": "331022", "form": _FORM}},
    )  # fmt: skip

    life_event: str = Field(min_length=1, max_length=60)
    region: Region
    form: dict[str, Any]
    channel: Channel | None = None
    on_behalf_of: UUID | None = None


class WithdrawalGiven(Strict):
    """Without `procedures` the whole case; else procedures on application, by id."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"reason": "家属改变主意", "version": 1}}
    )

    reason: Reason
    procedures: tuple[UUID, ...] = Field(default=(), max_length=200)
    version: Version


class CorrectionGiven(Strict):
    """`changes`: pointers into the form and their new values; null takes an answer away."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={
            "example": {
                "changes": {"/deceased/died_at": "2026-02-28T23:10:00+08:00"}, "reason": "以医学证明为准", "version": 1,
            }
        },
    )  # fmt: skip

    changes: dict[Annotated[str, StringConstraints(min_length=2, max_length=200)], Any] = Field(
        min_length=1, max_length=100
    )
    reason: Reason
    version: Version


class RevocationGiven(Strict):
    """A county supervisor's is the signature; a department's makes a signing task."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={
            "example": {"kind": "wrong_match", "reason": "同名误报", "basis": "卫生健康部门更正函", "version": 1}
        },
    )  # fmt: skip

    kind: Literal[UndoReason.WRONG_MATCH, UndoReason.CERTIFICATE_VOID, UndoReason.COURT_REVOKED]
    reason: Reason
    basis: Reason
    version: Version


class SubjectGiven(Strict):
    """Whom the case is really about: a county supervisor's signature undoes it for the first person."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={
            "example": {
                "id_kind": "resident_id", "id_number": "110101194005060019", "name": "李某", "reason": "同名误报",
                "basis": "公安机关核查函", "version": 1,
            }
        },
    )  # fmt: skip

    id_kind: Literal["resident_id", "passport", "permit", "birth_certificate"] = "resident_id"
    id_number: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=100)
    reason: Reason
    basis: Reason
    version: Version


class OfferAnswerGiven(Strict):
    """`data`: answers of the form that the accepted procedure needs, as pointers (`/applicant/bank_account`)."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"answer": "accept", "data": {}, "version": 1}},
    )

    answer: Literal["accept", "decline"]
    data: dict[Annotated[str, StringConstraints(min_length=2, max_length=200)], Any] = Field(
        default_factory=dict, max_length=50
    )
    version: Version


class DecisionGiven(Strict):
    """A decision of the task's list, on the version that the human saw."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={"example": {"decision": "confirm", "reason": "入户核对无误", "data": {}, "version": 2}},
    )  # fmt: skip

    decision: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None = None
    data: dict[str, Any] = Field(default_factory=dict, max_length=50)
    version: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]


class ProcedureShown(BaseModel):
    """One procedure of a case, masked for the reader."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": _PROCEDURE})

    id: UUID
    type: str
    owner: str
    name: str
    origin: Literal["ex_officio", "applied"]
    stage: Literal["declared", "confirmed"]
    round: int
    state: Literal[
        "waiting",
        "open",
        "offered",
        "done",
        "refused",
        "not_applicable",
        "withdrawn",
        "undoing",
        "undone",
        "stuck",
    ]
    reason: str | None
    needs: list[dict[str, Any]]
    due_at: str | None
    limit: dict[str, Any]
    overdue: bool
    provisional: bool = Field(
        description="due_at 可能随国务院公布节假日安排而变动 / may move when the year is announced"
    )
    escalation: Literal["none", "half", "reminded", "county"]
    paused: bool
    opened_at: str | None
    ended_at: str | None
    version: int
    result: dict[str, Any]
    tasks: list[dict[str, Any]]


class CaseShown(BaseModel):
    """A case with all its procedures and its timeline."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": CASE})

    case_no: str
    life_event: str
    title: str
    region: str
    status: Literal["accepted", "in_progress", "finished", "withdrawing", "withdrawn", "revoking", "revoked"]
    version: int
    submitted_at: str
    channel: Channel
    procedures: list[ProcedureShown]
    timeline: list[dict[str, Any]]


class CaseHead(BaseModel):
    """A case in a list."""

    model_config = ConfigDict(extra="allow")

    case_no: str
    life_event: str
    title: str
    region: str
    status: str
    version: int
    submitted_at: str
    channel: str


class CasePage(BaseModel):
    """`next` goes into `after` for the next page; none: this is the last."""

    items: list[CaseHead]
    next: str | None


class TaskShown(BaseModel):
    """A human's next act."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": TASK})

    id: UUID
    case_no: str
    procedure: UUID | None
    type: str | None
    name: str
    owner: str
    step: str
    region: str
    due_at: str | None
    provisional: bool = Field(
        description="due_at 可能随国务院公布节假日安排而变动 / may move when the year is announced"
    )
    colour: Literal["none", "blue", "yellow", "red"]
    escalation: Literal["none", "half", "reminded", "county"] = Field(
        description="half 过半；reminded 已提醒（80%）；county 县里督办，县级主管也可以办理 / at the county too"
    )
    version: int
    facts: dict[str, Any]
    decisions: list[dict[str, Any]]


class TaskPage(BaseModel):
    """`next` goes into `after` for the next page."""

    items: list[TaskShown]
    next: str | None
