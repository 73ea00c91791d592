"""What the routes about assets answer, for OpenAPI and for whoever reads it."""

from pydantic import BaseModel, Field


class Watermark(BaseModel):
    """What the delivered page bears: whose copy this is."""

    case_no: str
    reader: str
    at: str


class AssetLine(BaseModel):
    """has 有 | has_not 没有 | unclear 已答复，请到该单位核实 | not_answered 未答复 | refused 不予答复 |
    need_more 需补充材料 | wrong_person 人员信息不符."""

    source: str
    name: str
    answer: str
    places: list[str] = Field(description="持有财产的机构名称 / the offices that hold it")
    go_to: str
    answered_at: str | None


class AssetListShown(BaseModel):
    """The delivered list in its newest edition; no amounts."""

    case_no: str
    procedure: str
    state: str
    edition: int
    sources: int
    answered: int
    not_answered: int
    delivered_at: str | None
    valid_until: str | None
    valid: bool
    watermark: Watermark
    lines: list[AssetLine]


class LookUpShown(BaseModel):
    """asked 向各单位查询 | list 查看清单 | log 查看留痕. `role`: applicant, heir, or the role of staff."""

    at: str
    kind: str
    who: str = Field(description="姓名脱敏 / masked")
    role: str
    region: str
    purpose: str
    edition: int
    own: bool


class LookUpsShown(BaseModel):
    """The last thousand, newest first."""

    items: list[LookUpShown]
    next: str | None


class RouteShown(BaseModel):
    """Where one kind of asset is dealt with."""

    id: str
    what: str
    where: str
    how: str
    papers: list[str]
    source: str
    places: list[str]


class EstateGuideShown(BaseModel):
    """`delivered`: whether this reader was shown what the joint query found (then in `found`, and kept as a look)."""

    case_no: str
    as_of: str
    delivered: bool
    not_answered: list[str]
    found: list[RouteShown]
    others: list[RouteShown]


class BankWayShown(BaseModel):
    """`at_bank`: paid out by the bank without a notary. Amounts in fen."""

    at_bank: bool
    counted_fen: int
    limit_fen: int
    source: str
    as_of: str
