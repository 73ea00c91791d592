"""Which life events there are, and what each asks and opens in a region (api.md, Life events)."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query

from contracts.catalog import LifeEvent, ProcedureRow
from contracts.catalog_regions import HONOURED
from contracts.forms import json_schema
from contracts.regions import RegionTree
from gateway.cases.api.models import Region
from gateway.desk import ThisDesk
from kernel.errors import NotFound, invalid
from kernel.public_service.access import public
from kernel.web.routing import Router

router = Router(prefix="/api/v1/life-events", tags=["life-events"])
_OPEN = [Depends(public("办事指南，不含个人信息 / a guide without personal data"))]


class LifeEventUnknown(NotFound):
    """没有这个“一件事”。
    There is no such life event."""

    how = "请从 GET /api/v1/life-events 的列表中选择。"
    how_en = "Choose one of GET /api/v1/life-events."


@router.get("", dependencies=_OPEN)
async def list_life_events(desk: ThisDesk) -> list[dict[str, str]]:
    """可以申报的“一件事”。The life events that can be reported."""
    return [
        {"id": event.id, "name": event.name, "name_en": event.name_en, "title": event.title}
        for event in desk.catalogue.life_events.values()
    ]


@router.get("/{life_event}", dependencies=_OPEN)
async def read_life_event(
    life_event: str, desk: ThisDesk, region: Annotated[Region | None, Query()] = None
) -> dict[str, Any]:
    """表单、材料和事项。Form as JSON Schema, materials, and the procedures as this region has them today."""
    if life_event not in desk.catalogue.life_events:
        raise LifeEventUnknown()
    if region is not None and region not in desk.catalogue.tree:
        raise invalid(
            "/query/region", "unknown_region", "没有这个行政区划。", "There is no such region.",
            "请使用有效的行政区划代码。", "Use a code of the region files.",
        )  # fmt: skip
    event = desk.catalogue.life_events[life_event]
    if region is None:
        return _guide(event)
    on = await _today(desk)
    event = desk.plans.for_region(life_event, region, on)[1]
    return {**_guide(event), "local": _local(event, desk.catalogue.tree, region, on)}


async def _today(desk: ThisDesk) -> date:
    async with desk.open():
        return desk.clock.today()


def _guide(event: LifeEvent) -> dict[str, Any]:
    return {
        "id": event.id, "name": event.name, "name_en": event.name_en, "title": event.title, "version": event.version,
        "form": json_schema(event), "materials": [one.model_dump(mode="json") for one in event.materials],
        "procedures": [_row(row) for row in event.procedures],
    }  # fmt: skip


def _local(event: LifeEvent, tree: RegionTree, region: str, on: date) -> dict[str, Any]:
    """What the place owes everybody or some people there and then: basic funeral services (FN-013), and the months of
    allowance paid once more after the death of somebody honoured (FN-024). Only of rows that it offers."""
    offered = {row.type for row in event.procedures}
    local: dict[str, Any] = {}
    if "funeral.free_items" in offered:
        local["basic_services"] = sorted(tree.basic_services(region, on))
    if "veterans.bereavement" in offered:
        months = {who: tree.bereavement_months(who, region, on) for who in HONOURED}
        local["bereavements"] = [
            {"who": who, "months": number} for who, number in months.items() if number is not None
        ]
    return local


def _row(row: ProcedureRow) -> dict[str, Any]:
    said = row.model_dump(mode="json", by_alias=True, exclude_none=True)
    names = (
        "row", "type", "owner", "name", "name_en", "origin", "stage", "needs", "held_by", "when", "wish", "limit",
        "undo", "point_of_no_return", "fields", "competent_at", "purpose", "legal_basis", "offer_lapses",
    )  # fmt: skip
    asked = [{"department": source.department, "name": source.name} for source in row.sources]
    return {name: said.get(name) for name in names} | ({"sources": asked} if asked else {})
