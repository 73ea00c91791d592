"""Free basic items: who is entitled to what, and what is waived, line by line (R22, FN-010 … FN-014). Pure.

Classes are three-valued: true, false, unknown. An unknown class counts for nothing by itself; where it alone would
decide, it is asked. Money is integer fen; a price that the list lacks stops the settlement, it is never zero.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.catalog_regions import FreeItem
from contracts.regions import inside
from services.funeral.domain.prices import Price, price_on

POOR = frozenset({"dibao", "tekun", "edge", "rigid"})
BY_THE_DAY = frozenset({"keeping", "ash_storage"})


@dataclass(frozen=True, slots=True)
class Death:
    """What decides the classes: regions of household and place (none: unknown), day, benefits, what was answered."""

    region: str
    local_area: str
    hukou: str | None
    place: str | None
    on: date
    benefits: Mapping[str, Any] | None
    answers: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class FreeLine:
    """One item: `quantity` times the price; `waived_fen` of it is paid by `funding_source`, the rest by the family."""

    item: str
    quantity: int
    price_fen: int
    waived_fen: int
    funding_source: str
    by_class: str

    @property
    def charged_fen(self) -> int:
        return self.quantity * self.price_fen - self.waived_fen


def classes(death: Death) -> dict[str, bool | None]:
    """Each class of the matrix: whether the dead person was of it; none: unknown."""
    return {
        "local_hukou": _in(death.local_area, death.hukou),
        "province_hukou": _in(f"{death.region[:2]}0000", death.hukou),
        "any_death_here": _in(death.local_area, death.place),
        "poor": _poor(death),
        "special": death.answers.get("special"),
    }


def _in(area: str, code: str | None) -> bool | None:
    return None if code is None else inside(area, code)


def _poor(death: Death) -> bool | None:
    """On dibao, tekun, edge or rigid in the month of death. What was answered counts where nothing is recorded."""
    if death.benefits is None:
        return death.answers.get("poor")
    month = death.on.replace(day=1).isoformat()
    for hold in death.benefits.get("holds", ()):
        last = hold.get("last_payable_month")
        ended_before = hold.get("state") == "ended" and (last is None or last < month)
        if hold.get("kind") in POOR and not ended_before:
            return True
    return death.answers.get("poor", False)


def entitled(
    cells: Iterable[FreeItem], known: Mapping[str, bool | None], death: Death
) -> tuple[dict[str, tuple[FreeItem, str]], dict[str, tuple[str, ...]]]:
    """By item: the best cell with the class that opens it; and of items not opened, the classes that are unknown."""
    open_to: dict[str, tuple[FreeItem, str]] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    for cell in cells:
        if cell.places and not any(_in(place, death.place) for place in cell.places):
            continue
        holding = next((name for name in cell.classes if known[name]), None)
        if holding is not None:
            kept = open_to.get(cell.item)
            if kept is None or _generosity(cell) > _generosity(kept[0]):
                open_to[cell.item] = (cell, holding)
        else:
            asked = tuple(name for name in cell.classes if known[name] is None)
            unknown[cell.item] = (*unknown.get(cell.item, ()), *asked)
    return open_to, {item: names for item, names in unknown.items() if names and item not in open_to}


def _generosity(cell: FreeItem) -> tuple[float, float]:
    """No cap is the best one."""
    infinite = float("inf")
    return (infinite if cell.cap_fen is None else cell.cap_fen, infinite if cell.days is None else cell.days)


class UnpricedItem(Exception):
    """价目表里没有这一项。
    The price list has no such item."""


def lines(
    items: Sequence[str],
    cells: Mapping[str, tuple[FreeItem, str]],
    quantities: Mapping[str, int],
    prices: Sequence[Price],
    on: date,
) -> tuple[FreeLine, ...]:
    """What is waived for these items, each of which somebody is entitled to. Raises UnpricedItem."""
    made = []
    for item in items:
        cell, by_class = cells[item]
        price = price_on(prices, item, on)
        if price is None:
            raise UnpricedItem(item)
        quantity = quantities.get(item, 1)
        free = quantity if cell.days is None else min(quantity, cell.days)
        waived = free * price.amount_fen
        if cell.cap_fen is not None:
            waived = min(waived, cell.cap_fen)
        made.append(FreeLine(item, quantity, price.amount_fen, waived, cell.funded_by, by_class))
    return tuple(made)


def receipts(
    given: Sequence[Mapping[str, Any]], cells: Mapping[str, tuple[FreeItem, str]]
) -> tuple[FreeLine, ...]:
    """What is given back for items paid elsewhere: the receipt's amount up to the cap; days as the receipt has them."""
    made = []
    for receipt in given:
        cell, by_class = cells[str(receipt["item"])]
        paid, days = int(receipt["amount_fen"]), int(receipt.get("days", 1))
        back = paid if cell.days is None or days <= cell.days else paid * cell.days // days
        if cell.cap_fen is not None:
            back = min(back, cell.cap_fen)
        made.append(FreeLine(str(receipt["item"]), 1, paid, back, cell.funded_by, by_class))
    return tuple(made)


def difference(before: Collection[FreeLine], after: Collection[FreeLine]) -> dict[tuple[str, str], int]:
    """By (item, funding source): how many fen more (or, negative, fewer) are waived; zeros are left out."""
    change: dict[tuple[str, str], int] = {}
    for sign, lines_ in ((-1, before), (1, after)):
        for line in lines_:
            key = (line.item, line.funding_source)
            change[key] = change.get(key, 0) + sign * line.waived_fen
    return {key: fen for key, fen in sorted(change.items()) if fen}
