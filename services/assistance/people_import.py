"""Puts synthetic or migrated people into the tables, a chunk of households at a time.

The rows are those of `deploy/local/people/model.py`; this service names only what it reads of them. Keys that stand
already are skipped, so a second run changes nothing. The month after the last paid one is owed at once.
`objections` says beforehand what contradicts what stands here: nothing is overwritten.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID, uuid5

from sqlalchemy import text

from casework.bulk import Columns, insert_missing
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import next_month
from services.assistance.domain.values import HOUSEHOLD_KINDS

FUNDING_SOURCE = "county"
_NOON = time(12, tzinfo=TZ)

_GIVEN = """unnest(CAST(:id AS uuid[]), CAST(:region AS text[]), CAST(:income_fen AS bigint[]))
             AS g(id, region, income_fen)"""
_MOVED = text(
    f"""SELECT g.id, 'household_differs' AS code FROM {_GIVEN} JOIN households h ON h.id = g.id
         WHERE h.region <> g.region OR h.income_fen <> g.income_fen"""
)
_FILL_INCOME = text(
    f"""UPDATE households h SET income_fen = g.income_fen FROM {_GIVEN}
         WHERE h.id = g.id AND h.income_fen IS NULL AND g.income_fen IS NOT NULL"""
)
_OBJECTIONS = text(
    """WITH given AS (
           SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:household AS uuid[]), CAST(:person AS uuid[]),
                CAST(:kind AS text[]), CAST(:amount_fen AS bigint[]), CAST(:payee AS uuid[]))
             AS g(id, household, person, kind, amount_fen, payee))
       SELECT g.id, 'record_differs' AS code FROM given g JOIN holdings h ON h.id = g.id
        WHERE (h.household, h.person, h.kind, h.amount_fen, h.payee)
              IS DISTINCT FROM (g.household, g.person, g.kind, g.amount_fen, g.payee)
       UNION ALL
       SELECT g.id, 'benefit_stands' FROM given g JOIN holdings h ON h.kind = g.kind AND h.id <> g.id
              AND (h.household = g.household OR h.person = g.person)
        WHERE h.state <> 'ended'"""
)


class Household(Protocol):
    """What is read of a household: see the model for the fields of each row."""

    @property
    def household(self) -> UUID: ...
    @property
    def region(self) -> str: ...
    @property
    def income_fen(self) -> int | None: ...
    @property
    def persons(self) -> Sequence[Any]: ...
    @property
    def holdings(self) -> Sequence[Any]: ...
    @property
    def outside_ties(self) -> Sequence[tuple[UUID, UUID, str]]: ...


_TABLES: Mapping[str, Columns] = {
    "households": {"id": "uuid", "region": "text", "income_fen": "bigint"},
    "household_members": {"household": "uuid", "person": "uuid", "birth_date": "date"},
    "relatives": {"person": "uuid", "relative": "uuid", "relation": "text"},
    "holdings": {
        "id": "uuid", "household": "uuid", "person": "uuid", "kind": "text", "amount_fen": "bigint", "payee": "uuid",
        "funding_source": "text", "region": "text", "granted_on": "date", "paid_through": "date",
    },
    "payments": {"id": "uuid", "holding": "uuid", "month": "date", "amount_fen": "bigint", "payee": "uuid"},
    "signs_of_life": {"id": "uuid", "person": "uuid", "seen_at": "timestamptz", "kind": "text"},
}  # fmt: skip


async def load_people(tx: Transaction, rows: Sequence[Household]) -> int:
    """Import these households; gives the number of rows handed over. An income that is not known yet is filled."""
    count = await insert_missing(tx, _TABLES, _values(rows))
    await tx.execute(_FILL_INCOME, _incomes(rows))
    return count


async def objections(tx: Transaction, rows: Sequence[Household]) -> dict[UUID, str]:
    """Households and holdings that contradict what stands, with the reason: told otherwise, or there already."""
    found = {UUID(str(row.id)): row.code for row in (await tx.execute(_MOVED, _incomes(rows))).all()}
    wanted = ("id", "household", "person", "kind", "amount_fen", "payee")
    given = [_holding(each, holding) for each in rows for holding in each.holdings]
    if given:
        columns = {name: [one[name] for one in given] for name in wanted}
        found |= {UUID(str(row.id)): row.code for row in (await tx.execute(_OBJECTIONS, columns)).all()}
    return found


def _incomes(rows: Sequence[Household]) -> dict[str, list[Any]]:
    return {
        "id": [each.household for each in rows], "region": [each.region for each in rows],
        "income_fen": [each.income_fen for each in rows],
    }  # fmt: skip


def _values(rows: Sequence[Household]) -> dict[str, list[dict[str, Any]]]:
    held = [(each, holding) for each in rows for holding in each.holdings]
    return {
        "households": [
            {"id": each.household, "region": each.region, "income_fen": each.income_fen} for each in rows
        ],
        "household_members": [
            {"household": each.household, "person": person.person, "birth_date": person.birth_date}
            for each in rows
            for person in each.persons
        ],
        "relatives": [
            {"person": person.person, "relative": relative, "relation": relation}
            for each in rows
            for person in each.persons
            for relative, relation in person.relations
        ]
        + [
            {"person": person, "relative": relative, "relation": relation}
            for each in rows
            for person, relative, relation in each.outside_ties
        ],
        "holdings": [_holding(each, holding) for each, holding in held],
        "payments": [_owed(holding) for _, holding in held if holding.amount_fen and holding.paid_through],
        "signs_of_life": [_applied(holding) for _, holding in held],
    }


def _holding(each: Household, holding: Any) -> dict[str, Any]:
    shared = holding.kind in HOUSEHOLD_KINDS
    return {
        "id": holding.id, "household": each.household if shared else None,
        "person": None if shared else holding.persons[0], "kind": holding.kind, "amount_fen": holding.amount_fen,
        "payee": holding.payee, "funding_source": FUNDING_SOURCE, "region": holding.region,
        "granted_on": holding.granted_on, "paid_through": holding.paid_through,
    }  # fmt: skip


def _owed(holding: Any) -> dict[str, Any]:
    month: date = next_month(holding.paid_through)
    return {
        "id": uuid5(holding.id, month.isoformat()), "holding": holding.id, "month": month,
        "amount_fen": holding.amount_fen, "payee": holding.payee,
    }  # fmt: skip


def _applied(holding: Any) -> dict[str, Any]:
    """Whoever draws a benefit applied for it in person."""
    return {
        "id": uuid5(holding.id, "application in person"), "person": holding.payee, "kind": "application_in_person",
        "seen_at": datetime.combine(holding.granted_on, _NOON),
    }  # fmt: skip
