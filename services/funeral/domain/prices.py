"""The dated price list of a home (R22: charges from lists only). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Price:
    """Fen for one `item`, once or per day, from a day on."""

    home: UUID
    item: str
    per: str
    amount_fen: int
    valid_from: date


def price_on(prices: Iterable[Price], item: str, day: date) -> Price | None:
    """The newest price in force that day; none when the home's list has none."""
    standing = [price for price in prices if price.item == item and price.valid_from <= day]
    return max(standing, key=lambda price: price.valid_from) if standing else None
