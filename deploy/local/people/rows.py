"""Invented households as the lines of an import file: they go in by the door that everybody uses."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TextIO
from uuid import UUID

from deploy.local.people.model import SyntheticHousehold
from deploy.people_import.columns import COLUMNS
from deploy.people_import.reading import Line

SOURCE = "synthetic"
Row = dict[str, Any]


def lines_of(households: Iterable[SyntheticHousehold]) -> Iterator[Sequence[Line]]:
    """The lines of each household, numbered as in a file: line 1 is the heading."""
    number = 1
    for household in households:
        group = []
        for row in rows_of(household):
            number += 1
            group.append(Line(number, _text(row)))
        yield group


def write_csv(households: Iterable[SyntheticHousehold], file: TextIO) -> None:
    """The same as a CSV file."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for household in households:
        writer.writerows(_text(row) for row in rows_of(household))


def rows_of(household: SyntheticHousehold) -> Iterator[Row]:
    """The household's own row first, then its people, what they are to each other, and what they hold."""
    numbers = {person.person: person.id_number for person in household.persons}
    first = next(iter(numbers.values()))
    common = {"source": SOURCE, "household": household.index}
    yield {
        **common, "record": "household", "key": household.household, "region": household.region,
        "amount_fen": household.income_fen,
    }  # fmt: skip
    for row in (*_people(household, numbers), *_money(household, numbers, first), *_care(household, numbers)):
        yield {**common, **row}


def _people(household: SyntheticHousehold, numbers: Mapping[UUID, str]) -> Iterator[Row]:
    for person in household.persons:
        yield {
            "record": "person", "key": person.person, "id_number": person.id_number, "name": person.name,
            "sex": person.sex, "birth_date": person.birth_date, "phone": person.phone,
            "marital_state": person.marital_state,
        }  # fmt: skip
    told: set[frozenset[UUID]] = set()
    for person in household.persons:
        for other, relation in person.relations:
            pair = frozenset((person.person, other))
            if relation != "spouse" and pair not in told:
                told.add(pair)
                yield {
                    "record": "relation", "id_number": person.id_number, "other_id_number": numbers[other],
                    "relation": relation,
                }  # fmt: skip
    for couple in household.couples:
        yield {
            "record": "marriage", "key": couple.id, "id_number": numbers[couple.husband],
            "other_id_number": numbers[couple.wife], "from": couple.registered_on,
        }  # fmt: skip


def _money(household: SyntheticHousehold, numbers: Mapping[UUID, str], first: str) -> Iterator[Row]:
    for holding in household.holdings:
        whose = numbers[holding.persons[0]] if len(holding.persons) == 1 else first
        yield {
            "record": "assistance", "key": holding.id, "id_number": whose, "kind": holding.kind,
            "amount_fen": holding.amount_fen, "payee_id_number": numbers[holding.payee], "from": holding.granted_on,
            "through": _month(holding.paid_through),
        }  # fmt: skip
    for allowance in household.allowances:
        yield {
            "record": "allowance", "key": allowance.id, "id_number": numbers[allowance.person], "kind": allowance.kind,
            "amount_fen": allowance.amount_fen, "payee_id_number": numbers[allowance.payee],
            "from": allowance.granted_on, "through": _month(allowance.paid_through),
        }  # fmt: skip
    for voucher in household.vouchers:
        yield {
            "record": "voucher", "key": voucher.id, "id_number": numbers[voucher.person],
            "amount_fen": voucher.amount_fen, "balance_fen": voucher.balance_fen, "through": _month(voucher.month),
        }  # fmt: skip


def _care(household: SyntheticHousehold, numbers: Mapping[UUID, str]) -> Iterator[Row]:
    for meal in household.meal_discounts:
        yield {"record": "meal_discount", "key": meal.id, "id_number": numbers[meal.person],
               "amount_fen": meal.discount_fen, "dates": meal.last_meal_on}  # fmt: skip
    for order in household.home_orders:
        yield {"record": "home_order", "key": order.id, "id_number": numbers[order.person], "kind": order.service,
               "amount_fen": order.price_fen, "from": order.on}  # fmt: skip
    for plan in household.visit_plans:
        yield {"record": "visit_plan", "key": plan.id, "id_number": numbers[plan.person],
               "every_days": plan.every_days, "next_on": plan.next_on,
               "dates": ";".join(day.isoformat() for day in plan.visited_on)}  # fmt: skip
    for bed in household.beds:
        yield {"record": "bed", "key": bed.id, "id_number": numbers[bed.person], "kind": bed.kind,
               "home_name": bed.home_name, "number": bed.number, "from": bed.since}  # fmt: skip
    for card in household.elder_cards:
        yield {"record": "elder_card", "key": card.id, "id_number": numbers[card.person], "number": card.number,
               "from": card.issued_on}  # fmt: skip


def _month(day: date | None) -> str | None:
    return day.strftime("%Y-%m") if day else None


def _text(row: Row) -> dict[str, str]:
    return {name: str(value) for name, value in row.items() if value is not None and value != ""}
