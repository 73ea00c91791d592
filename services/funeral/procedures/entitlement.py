"""Who is entitled to which free item, from the form, the region files and the benefits; and the lines of a bill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.procedure import Procedure
from contracts.catalog_files import load_catalogue
from contracts.catalog_regions import FreeItem
from contracts.regions import RegionTree
from kernel.public_service.clock import TZ
from services.funeral.domain.facts import Settling
from services.funeral.domain.free_items import (
    BY_THE_DAY,
    Death,
    FreeLine,
    UnpricedItem,
    classes,
    entitled,
    lines,
    receipts,
)
from services.funeral.domain.prices import price_on
from services.funeral.problems import PriceUnknown, fault


@dataclass(frozen=True, slots=True)
class Entitled:
    """By item the cell and class that open it; of the others the classes that are unknown. `elsewhere`: died away."""

    death: Death
    cells: Mapping[str, tuple[FreeItem, str]]
    unknown: Mapping[str, tuple[str, ...]]
    elsewhere: bool


def entitled_to(procedure: Procedure, facts: Settling, answers: Mapping[str, bool]) -> Entitled:
    """The matrix of the place that settles, on the day of death (R22: dated, per county)."""
    tree = load_catalogue().tree
    hukou = procedure.fields.get("/deceased/hukou_region")
    # Where no place is reported the gateway took the place of acceptance for it (`competent_at`).
    place = procedure.fields.get("/deceased/place_region") or procedure.region
    region = _region(tree, place, hukou, procedure.region)
    on = procedure.occurred_at.astimezone(TZ).date()
    death = Death(region, tree.local_area(region), hukou, place, on, facts.benefits, answers)
    cells, unknown = entitled(tree.free_items(region, on), classes(death), death)
    return Entitled(death, cells, unknown, elsewhere=place not in tree)


def _region(tree: RegionTree, place: str, hukou: str | None, fallback: str) -> str:
    """Died here: the place. Died where this platform does not serve: the household registration, who then claims."""
    return next((code for code in (place, hukou) if code and code in tree), fallback)


def settled(
    found: Entitled, facts: Settling, data: Mapping[str, Any], wished: Sequence[str] | None
) -> tuple[FreeLine, ...]:
    """The lines of the bill. Raises Unprocessable for what is not free or not known, PriceUnknown."""
    quantities = _quantities(facts, data)
    items = data.get("items")
    if items is None:
        items = _done_here(found, facts, wished)
    _refuse_what_is_not_free(found, items)
    for item in items:
        if item in BY_THE_DAY - {"ash_storage"} and item not in quantities:
            raise fault(
                "/data/keeping_days", "required", "没有存放记录，请填写存放天数。",
                "There is no record of the keeping: say how many days.", "从存放记录中查得。",
                "As the home's book has it.",
            )  # fmt: skip
    try:
        bill = lines(items, found.cells, quantities, facts.prices, found.death.on)
    except UnpricedItem as error:
        raise PriceUnknown(extra={"item": str(error)}) from error
    _refuse_another_sum(bill, data.get("waived_fen"))
    return bill


def settled_again(
    found: Entitled,
    facts: Settling,
    data: Mapping[str, Any],
    *,
    before: Sequence[FreeLine],
    free_then: Sequence[str],
    wished_then: Sequence[str],
    wished: Sequence[str],
) -> tuple[FreeLine, ...]:
    """The bill on newer knowledge: what is free no more goes, what was done and has become free comes.

    An item that the list has no price for on that day keeps the line it had; a new one waits for its price.
    """
    no_more_wished = set(wished_then) - set(wished)
    items = [line.item for line in before if line.item in found.cells and line.item not in no_more_wished]
    fresh = [item for item in _done_here_now(found, facts, wished) if item not in items]
    # What was free already and left off the bill was not used: no cash for it, unless it is wished only now.
    newly_wished = set(wished) - set(wished_then)
    items += [item for item in fresh if item not in free_then or item in newly_wished]
    priced = [item for item in items if price_on(facts.prices, item, found.death.on) is not None]
    quantities = _quantities(facts, data)
    bill = lines([item for item in priced if item != "keeping" or item in quantities], found.cells, quantities,
                 facts.prices, found.death.on)  # fmt: skip
    kept = [line for line in before if line.item in items and line.item not in {each.item for each in bill}]
    return (*bill, *kept)


def receipts_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The receipts of a claim: `urn_fen: 45000` is one of 450.00 yuan for an urn; `keeping_days` belongs to keeping.

    Raises Unprocessable when there is none.
    """
    given: list[dict[str, Any]] = [
        {"item": name.removesuffix("_fen"), "amount_fen": fen}
        for name, fen in data.items()
        if name.endswith("_fen")
    ]
    for receipt in given:
        if receipt["item"] == "keeping" and "keeping_days" in data:
            receipt["days"] = data["keeping_days"]
    if not given:
        raise fault(
            "/data", "required", "请至少填写一张票据的金额。", "Give the amount of one receipt at least.",
            "按票据填写。", "As the receipts have it.",
        )  # fmt: skip
    return given


def claimed(found: Entitled, given: Sequence[Mapping[str, Any]]) -> tuple[FreeLine, ...]:
    """What is given back for receipts. Raises Unprocessable for what is not free or not known."""
    _refuse_what_is_not_free(found, [str(each["item"]) for each in given])
    return receipts(given, found.cells)


def _done_here(found: Entitled, facts: Settling, wished: Sequence[str] | None) -> list[str]:
    """Nothing listed: everything free that was done here, and what the family wished. No cash for what was not used."""
    if found.unknown:
        _refuse_unknown(found, next(iter(found.unknown)))
    return _done_here_now(found, facts, wished or ())


def _done_here_now(found: Entitled, facts: Settling, wished: Sequence[str]) -> list[str]:
    done = {
        "transport": facts.body is not None and facts.body.kept_from is not None,
        "keeping": bool(facts.charged_days),
        "farewell": facts.farewell_held,
        "cremation": facts.cremated_at is not None,
        "ash_storage": facts.stored,
    }
    return [item for item in found.cells if done.get(item) or (item not in done and item in wished)]


def _quantities(facts: Settling, data: Mapping[str, Any]) -> dict[str, int]:
    """Days, where an item is charged by the day; everything else is one."""
    days = data.get("keeping_days", facts.charged_days)
    return {} if days is None else {"keeping": int(days)}


def _refuse_what_is_not_free(found: Entitled, items: Sequence[str]) -> None:
    for item in items:
        if item in found.cells:
            continue
        if item in found.unknown:
            _refuse_unknown(found, item)
        raise fault(
            "/data/items", "not_free", f"当地政策下这一项对逝者不免费：{item}。",
            f"This item is not free for this person here: {item}.",
            "请去掉这一项，或核对户籍、去世地点和困难身份。", "Leave it out, or check household, place and benefits.",
        )  # fmt: skip


def _refuse_unknown(found: Entitled, item: str) -> None:
    name = found.unknown[item][0]
    raise fault(
        f"/data/{name}", "class_unknown", "系统查不到逝者是否属于这一类免费对象，请核实后填写。",
        "Whether the person was of this class is not known here: find out and say so.",
        "困难身份向民政部门核实；特殊对象凭证件。", "Ask civil affairs, or look at the papers.",
    )  # fmt: skip


def _refuse_another_sum(bill: Sequence[FreeLine], stated: Any) -> None:
    total = sum(line.waived_fen for line in bill)
    if stated is not None and stated != total:
        raise fault(
            "/data/waived_fen", "sum_differs", "免除金额与按价目表和政策计算的不一致。",
            "The amount is not what price list and matrix give.", f"应为 {total} 分；也可以不填。",
            f"It is {total} fen; it may be left out.",
        )  # fmt: skip
