"""Puts synthetic or migrated people's elder care into the tables, a chunk of households at a time.

The rows are those of `deploy/local/people/model.py`; this service names only what it reads of them. Keys that stand
already are skipped, so a second run changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID, uuid5

from casework.bulk import Columns, insert_missing
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

_NOON = time(12, tzinfo=TZ)


class Household(Protocol):
    """What is read of a household: see the model for the fields of each row."""

    @property
    def allowances(self) -> Sequence[Any]: ...
    @property
    def vouchers(self) -> Sequence[Any]: ...
    @property
    def meal_discounts(self) -> Sequence[Any]: ...
    @property
    def home_orders(self) -> Sequence[Any]: ...
    @property
    def visit_plans(self) -> Sequence[Any]: ...
    @property
    def beds(self) -> Sequence[Any]: ...
    @property
    def elder_cards(self) -> Sequence[Any]: ...


_TABLES: Mapping[str, Columns] = {
    "allowances": {
        "id": "uuid", "person": "uuid", "kind": "text", "payee": "uuid", "amount_fen": "bigint", "granted_on": "date",
        "paid_through": "date", "region": "text", "state": "text",
    },
    "vouchers": {
        "id": "uuid", "person": "uuid", "amount_fen": "bigint", "balance_fen": "bigint", "month": "date",
        "region": "text", "state": "text",
    },
    "meal_discounts": {"id": "uuid", "person": "uuid", "discount_fen": "integer", "region": "text", "state": "text"},
    "home_orders": {
        "id": "uuid", "person": "uuid", "service": "text", "on_date": "date", "price_fen": "integer", "region": "text",
        "state": "text",
    },
    "visit_plans": {
        "id": "uuid", "person": "uuid", "every_days": "integer", "next_on": "date", "region": "text", "state": "text",
    },
    "elder_cards": {
        "id": "uuid", "person": "uuid", "number": "text", "issued_on": "date", "region": "text", "state": "text",
    },
    "beds": {"id": "uuid", "home": "uuid", "home_name": "text", "number": "text", "kind": "text", "region": "text"},
    "stays": {"id": "uuid", "person": "uuid", "bed": "uuid", "since": "date", "region": "text", "state": "text"},
    "visits": {"id": "uuid", "person": "uuid", "made_at": "timestamptz"},
    "meals": {"id": "uuid", "person": "uuid", "taken_at": "timestamptz"},
}  # fmt: skip


async def load_people(tx: Transaction, rows: Sequence[Household]) -> int:
    """Import these households; gives the number of rows handed over. One statement per table."""
    return await insert_missing(tx, _TABLES, _values(rows), key="id")


def _values(rows: Sequence[Household]) -> dict[str, list[dict[str, Any]]]:
    """Rows per table, in an order that foreign keys allow."""
    orders = [row for each in rows for row in each.home_orders]
    plans = [row for each in rows for row in each.visit_plans]
    meals = [row for each in rows for row in each.meal_discounts]
    beds = [row for each in rows for row in each.beds]
    return {
        "allowances": _plain("allowances", (row for each in rows for row in each.allowances)),
        "vouchers": _plain("vouchers", (row for each in rows for row in each.vouchers)),
        "meal_discounts": _plain("meal_discounts", meals),
        "home_orders": [
            {**_row("home_orders", order, "on_date"), "on_date": order.on, "state": "booked"} for order in orders
        ],
        "visit_plans": _plain("visit_plans", plans),
        "elder_cards": _plain("elder_cards", (row for each in rows for row in each.elder_cards)),
        "beds": _plain("beds", beds),
        "stays": [{**_row("stays", bed, "bed"), "bed": bed.id} for bed in beds],
        "visits": [_met(plan, day, "made_at") for plan in plans for day in plan.visited_on],
        "meals": [_met(meal, meal.last_meal_on, "taken_at") for meal in meals if meal.last_meal_on],
    }  # fmt: skip


def _plain(table: str, rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [_row(table, row) for row in rows]


def _row(table: str, row: Any, *computed: str) -> dict[str, Any]:
    names = [name for name in _TABLES[table] if name not in ("state", *computed)]
    return {**{name: getattr(row, name) for name in names}, "state": "active"}


def _met(row: Any, day: date, column: str) -> dict[str, Any]:
    """A visit or a meal at noon of a day, with a key that follows from both."""
    key: UUID = uuid5(row.id, day.isoformat())
    return {"id": key, "person": row.person, column: datetime.combine(day, _NOON)}
