"""Puts synthetic or migrated people's elder care into the tables, a chunk of households at a time.

The rows are those of `deploy/local/people/model.py`; this service names only what it reads of them. Keys that stand
already are skipped, so a second run changes nothing. `objections` says beforehand what contradicts what stands here:
nothing is overwritten.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID, uuid5

from sqlalchemy import text

from casework.bulk import Columns, insert_missing
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

_NOON = time(12, tzinfo=TZ)

_PERSONAL = ("vouchers", "meal_discounts", "home_orders", "visit_plans", "elder_cards")
_OTHERS = text(
    """WITH given AS (SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:person AS uuid[])) AS g(id, person))
       SELECT g.id, 'record_differs' AS code FROM given g JOIN (
             SELECT id, person FROM vouchers UNION ALL SELECT id, person FROM meal_discounts
             UNION ALL SELECT id, person FROM home_orders UNION ALL SELECT id, person FROM visit_plans
             UNION ALL SELECT id, person FROM elder_cards UNION ALL SELECT id, person FROM stays) AS s ON s.id = g.id
        WHERE s.person <> g.person"""
)
_ALLOWANCES = text(
    """WITH given AS (
           SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:person AS uuid[]), CAST(:kind AS text[]),
                CAST(:payee AS uuid[]), CAST(:amount_fen AS bigint[])) AS g(id, person, kind, payee, amount_fen))
       SELECT g.id, 'record_differs' AS code FROM given g JOIN allowances a ON a.id = g.id
        WHERE (a.person, a.kind, a.payee, a.amount_fen) <> (g.person, g.kind, g.payee, g.amount_fen)
       UNION ALL
       SELECT g.id, 'benefit_stands' FROM given g JOIN allowances a ON a.person = g.person AND a.kind = g.kind
              AND a.id <> g.id WHERE a.ended_by IS NULL AND a.ended_on IS NULL"""
)
_CARDS = text(
    """SELECT g.id, 'card_taken' AS code FROM unnest(CAST(:id AS uuid[]), CAST(:number AS text[])) AS g(id, number)
         JOIN elder_cards c ON c.number = g.number AND c.id <> g.id"""
)
_BEDS = text(
    """SELECT g.id, 'bed_taken' AS code
         FROM unnest(CAST(:id AS uuid[]), CAST(:home AS uuid[]), CAST(:number AS text[])) AS g(id, home, number)
         JOIN beds b ON b.home = g.home AND b.number = g.number AND b.id <> g.id"""
)


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


async def objections(tx: Transaction, rows: Sequence[Household]) -> dict[UUID, str]:
    """Records that contradict what stands, with the reason: told otherwise, held already, a card or bed of another."""
    allowances = [row for each in rows for row in each.allowances]
    cards = [row for each in rows for row in each.elder_cards]
    beds = [row for each in rows for row in each.beds]
    personal = [row for each in rows for name in _PERSONAL for row in getattr(each, name)] + beds
    asked = (
        (_ALLOWANCES, allowances, ("id", "person", "kind", "payee", "amount_fen")), (_CARDS, cards, ("id", "number")),
        (_BEDS, beds, ("id", "home", "number")), (_OTHERS, personal, ("id", "person")),
    )  # fmt: skip
    found: dict[UUID, str] = {}
    for statement, given, names in asked:
        if given:
            columns = {name: [getattr(one, name) for one in given] for name in names}
            found |= {UUID(str(row.id)): row.code for row in (await tx.execute(statement, columns)).all()}
    return found


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
