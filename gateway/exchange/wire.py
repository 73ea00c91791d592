"""The words on the wire between us and a department (api.md, Exchange): validated before anything is believed."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from gateway.exchange.answering import Word
from gateway.exchange.results import GivenAnswer


class Said(BaseModel):
    """An answer's content. `data` is kept sealed; amounts and dates of it are shown.

    To a question about assets (`….asset_query`) `data` is `{held: true | false, places: [names of offices]}`; nothing
    else of it is kept, and no amount is asked for.
    """

    model_config = ConfigDict(extra="forbid")

    outcome: Word = Field(
        description="done 办结 | refused 不予办理 | need_more 需补充材料 | wrong_person 人员不符 | cancelled 已取消"
    )
    reason: str | None = Field(default=None, max_length=500)
    data: dict[str, Any] = Field(default_factory=dict, max_length=100)


class Pushed(Said):
    """One answer in the response to a push; members that we do not know are ignored there."""

    model_config = ConfigDict(extra="ignore")

    request_id: UUID

    def given(self, department: str) -> GivenAnswer:
        return GivenAnswer(self.request_id, department, self.outcome, self.reason, self.data)


class PushAnswer(BaseModel):
    """The body of a department's 200: those answered at once; the others follow later."""

    model_config = ConfigDict(extra="ignore")

    results: list[Pushed] = Field(default_factory=list, max_length=400)
