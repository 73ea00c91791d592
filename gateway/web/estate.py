"""The delivered list of assets, with its watermark, and the guide to the estate: pages that a family prints."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api, CaseNo
from gateway.web.rendering import PageRoute, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Heir = Annotated[Visit, Depends(Visitor(Action.READ_ASSETS))]
Reader = Annotated[Visit, Depends(Visitor(Action.READ_CASE))]

# answer: (sign, Chinese, English); the sign tells it without colour
ANSWERS: Mapping[str, tuple[str, str, str]] = {
    "has": ("✓", "有", "Yes"),
    "has_not": ("–", "没有", "No"),
    "unclear": ("?", "已答复，请到该单位核实", "Answered; ask there"),
    "not_answered": ("◐", "还没有答复，后到的答复会补进来", "Not yet answered; it is added when it comes"),
    "refused": ("✕", "该单位不予答复，可以自己去问", "It gives no answer; you may ask there"),
    "need_more": ("‖", "该单位还要材料，请到该单位办理", "It needs a paper; please ask there"),
    "wrong_person": ("!", "该单位的登记信息对不上，请到该单位核对", "Its records differ; please have them checked"),
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "asked": "向各单位发出查询",
    "list": "查看了清单",
    "log": "查看了这份记录",
}
READERS: Mapping[str, str] = {
    "applicant": "申请人", "heir": "继承人", "window_clerk": "窗口工作人员", "county_supervisor": "县级审核人",
    "system": "系统",
}  # fmt: skip
# The sum at one bank (R27): what the page asks in yuan, and the member of the API in fen.
SUMS: Mapping[str, tuple[str, str]] = {
    "deposit": ("deposit_fen", "存款"), "gold": ("gold_fen", "黄金积存"), "treasury": ("treasury_fen", "国债"),
    "agency": ("agency_fen", "银行代销的理财、基金、保险"),
    "survivors": ("survivors_fen", "上面的钱里，打进来的丧葬费和抚恤金"),
}  # fmt: skip
_YUAN = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")


def _stated(visit: Visit) -> str | None:
    """The desk opens these pages to hand them over; a family states nothing."""
    return None if visit.who.kind == "citizen" else "delivery"


@router.get("/cases/{case_no}/asset-query")
async def asset_list(case_no: CaseNo, visit: Heir) -> Response:
    api = Api(visit)
    found = await api.get(f"/api/v1/cases/{case_no}/asset-query", purpose=_stated(visit))
    looks = await api.get(f"/api/v1/cases/{case_no}/asset-query/lookups")
    return page(
        visit, "asset_list.html", title="财产去向清单", found=found, looks=looks["items"], answers=ANSWERS,
        kinds=KINDS, readers=READERS,
    )  # fmt: skip


@router.get("/cases/{case_no}/asset-query/lookups")
async def look_ups(case_no: CaseNo, visit: Heir) -> Response:
    """For an heir who may see who has looked, whether or not there is a list to see."""
    looks = await Api(visit).get(f"/api/v1/cases/{case_no}/asset-query/lookups")
    return page(
        visit, "asset_lookups.html", title="查询和查看的记录", case_no=case_no, looks=looks["items"], kinds=KINDS,
        readers=READERS,
    )  # fmt: skip


@router.get("/cases/{case_no}/estate-guide")
async def guide(case_no: CaseNo, visit: Reader) -> Response:
    api = Api(visit)
    found = await api.get(f"/api/v1/cases/{case_no}/estate-guide", purpose=_stated(visit))
    given = {name: visit.request.query_params.get(name, "") for name in SUMS}
    sums = {SUMS[name][0]: fen(text) for name, text in given.items() if text.strip()}
    bank = visit.request.query_params.get("bank", "commercial")
    way: Any = None
    if sums and None not in sums.values():
        rural = "rural" if bank == "rural" else "commercial"
        way = await api.get("/api/v1/estate-guide/bank-way", bank=rural, **sums)
    return page(
        visit, "estate_guide.html", title="遗产办理指引", found=found, sums=SUMS, given=given, bank=bank, way=way,
        unreadable=None in sums.values(),
    )  # fmt: skip


def fen(text: str) -> int | None:
    """Fen of an amount in yuan with at most two decimals, thousands separated or not; None when it is none."""
    read = _YUAN.fullmatch(text.strip().replace(",", "").replace("，", ""))
    return int(read[1]) * 100 + int((read[2] or "").ljust(2, "0")) if read else None
