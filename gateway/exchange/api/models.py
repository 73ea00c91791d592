"""What departments send and get (api.md, Exchange). Unknown fields in a request are refused."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from contracts.terms import HoldKind
from gateway.exchange.answering import Verdict
from gateway.exchange.results import GivenAnswer
from gateway.exchange.wire import Said

SourceNumber = Field(min_length=1, max_length=100, description="来文编号 / the department's own number")


class Given(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid")


class TaskItem(BaseModel):
    """One request to the department. `kind` cancellation takes the request of that id back."""

    id: UUID
    case_no: str
    type: str
    kind: str = Field(description="task | correction | undo | cancellation")
    purpose: str = ""
    legal_basis: str = ""
    region: str | None = None
    due_at: datetime | None = None
    provisional: bool = False
    fields: dict[str, Any] = {}
    special: list[str] = Field(
        default=[],
        description="特殊情形，如 newborn：出生登记和死亡注销一并办理 / special cases of the catalogue",
    )
    replaces: UUID | None = None
    reason: str | None = None
    reminder: Literal["half", "nearly", "late"] | None = Field(
        default=None,
        description="时限过半、将到、已过时再次提醒 / said again because half, most or all of its time has passed",
    )


class TaskItems(BaseModel):
    """What is leased to this department for ten minutes. `next` is always none: pull again."""

    items: list[TaskItem]
    next: str | None = None


class OneResult(Said):
    """One of many results."""

    id: UUID

    def given(self, department: str) -> GivenAnswer:
        return GivenAnswer(self.id, department, self.outcome, self.reason, self.data)


class ManyResults(Given):
    """Up to 500 results; each is answered for itself."""

    results: list[OneResult] = Field(min_length=1, max_length=500)


class ResultTaken(BaseModel):
    """accepted 已接收 | duplicate 重复 | conflict 与已有结果不符 | held 暂扣未解除 | unknown 没有这个请求."""

    id: UUID
    status: Verdict


class ResultsTaken(BaseModel):
    """In the order sent."""

    results: list[ResultTaken]


class LifeEventReport(Given):
    """A life event as the department knows it. `source_version` rises when it corrects itself."""

    life_event: str = Field(max_length=40)
    source_no: str = SourceNumber
    source_version: int = Field(strict=True, ge=1, le=2**31 - 1)
    occurred_at: AwareDatetime
    form: dict[str, Any]


class CaseNumber(BaseModel):
    """The case that the report opened, joined or corrected."""

    case_no: str


class HoldPlaced(Given):
    """Either a case or the person who died."""

    case_no: str | None = Field(default=None, max_length=60)
    person: UUID | None = None
    kind: HoldKind
    source_no: str = SourceNumber
    reason: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _one_object(self) -> "HoldPlaced":
        if (self.case_no is None) == (self.person is None):
            raise ValueError("请给出 case_no 或 person 其中一项 / give either case_no or person")
        return self


class HoldReleased(Given):
    """`version` is that of the hold as the department saw it."""

    release_no: str = SourceNumber
    version: int = Field(strict=True, ge=1, le=2**31 - 1)


class HoldStanding(BaseModel):
    """The hold as it stands. `state`: standing | released."""

    id: UUID
    kind: HoldKind
    state: str
    source_no: str
    placed_at: datetime
    released_at: datetime | None
    version: int
