"""From a judged draft to the household that the owners load, and back to JSON for what is staged between them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter

from deploy.local.people.model import (
    Allowance,
    Bed,
    Couple,
    ElderCard,
    Holding,
    HomeOrder,
    MealDiscount,
    SyntheticHousehold,
    SyntheticPerson,
    VisitPlan,
    Voucher,
)
from deploy.local.people.numbers import home_key
from deploy.people_import.drafts import SHARED, Draft, Record
from deploy.people_import.judging import Judged

MIRRORED = {"child": "parent", "parent": "child", "spouse": "spouse", "sibling": "sibling",
            "grandchild": "grandparent", "grandparent": "grandchild"}  # fmt: skip
_HOUSEHOLDS = TypeAdapter(tuple[SyntheticHousehold, ...])
Ties = dict[UUID, list[tuple[UUID, str]]]


def household_of(judged: Judged) -> SyntheticHousehold:
    """The household with the register's keys in place of numbers."""
    draft, persons = judged.draft, judged.persons
    head = draft.head
    if head is None:
        raise ValueError("a household without its own line is never accepted")
    region, own = str(head.values["region"]), {persons[number] for number in draft.people}
    ties = _ties(draft, persons)
    made = _Maker(persons, region, own)
    by_kind: dict[str, list[Any]] = {}
    for record in draft.records:
        if record.kind != "relation":
            by_kind.setdefault(record.kind, []).append(made.thing(record))
    return SyntheticHousehold(
        household=head.object, index=-1, shape="imported", region=region,
        persons=tuple(_person(one, draft, persons, ties, region, head.object) for one in draft.people.values()),
        income_fen=head.values.get("amount_fen"), holdings=tuple(by_kind.get("assistance", ())),
        allowances=tuple(by_kind.get("allowance", ())), vouchers=tuple(by_kind.get("voucher", ())),
        meal_discounts=tuple(by_kind.get("meal_discount", ())), home_orders=tuple(by_kind.get("home_order", ())),
        visit_plans=tuple(by_kind.get("visit_plan", ())), beds=tuple(by_kind.get("bed", ())),
        elder_cards=tuple(by_kind.get("elder_card", ())), couples=tuple(by_kind.get("marriage", ())),
        outside_ties=tuple(
            (person, relative, relation) for person, told in ties.items() if person not in own
            for relative, relation in told
        ),
    )  # fmt: skip


def without_names(household: SyntheticHousehold) -> SyntheticHousehold:
    """What owners need and no more: keys, dates and sums; names, numbers and phones are the register's."""
    persons = tuple(replace(one, name="", id_number="", phone="") for one in household.persons)
    return replace(household, persons=persons)


def from_json(value: Any) -> tuple[SyntheticHousehold, ...]:
    """What was staged, as rows again."""
    return _HOUSEHOLDS.validate_python(value)


def to_json(households: Sequence[SyntheticHousehold]) -> Any:
    """JSON of rows for staging."""
    return _HOUSEHOLDS.dump_python(tuple(without_names(one) for one in households), mode="json")


def _ties(draft: Draft, persons: Mapping[str, UUID]) -> Ties:
    """What others are to each, both ways, each pair once."""
    ties: Ties = {}

    def tie(one: UUID, other: UUID, relation: str) -> None:
        told = ties.setdefault(one, [])
        if all(known != other for known, _ in told):
            told.append((other, relation))

    for record in draft.records:
        if record.kind in ("relation", "marriage"):
            relation = str(record.values.get("relation", "spouse"))
            one, other = persons[record.number], persons[str(record.values["other_id_number"])]
            tie(one, other, relation)
            tie(other, one, MIRRORED[relation])
    return ties


def _person(
    record: Record, draft: Draft, persons: Mapping[str, UUID], ties: Ties, region: str, household: UUID
) -> SyntheticPerson:
    number, values = record.number, record.values
    spouse = draft.spouses().get(number)
    sex: Literal["male", "female"] = "male" if int(number[16]) % 2 else "female"
    return SyntheticPerson(
        person=persons[number], name=values["name"], id_number=number, sex=sex,
        birth_date=date(int(number[6:10]), int(number[10:12]), int(number[12:14])), phone=values.get("phone", ""),
        region=region, household=household, marital_state=values.get("marital_state", "married" if spouse else None),
        spouse=persons[spouse] if spouse else None, relations=tuple(ties.get(persons[number], ())),
    )  # fmt: skip


class _Maker:
    """Things of one household, by the kind of their record."""

    def __init__(self, persons: Mapping[str, UUID], region: str, members: set[UUID]) -> None:
        self._persons, self._region, self._members = persons, region, members

    def thing(self, record: Record) -> Any:
        """The row that the owner loads."""
        return getattr(self, f"_{record.kind}")(record, record.values, self._persons[record.number])

    def _assistance(self, record: Record, values: Mapping[str, Any], person: UUID) -> Holding:
        shared = values["kind"] in SHARED
        return Holding(
            record.object, values["kind"], tuple(sorted(self._members)) if shared else (person,),
            self._payee(values), values["amount_fen"], values["from"], values.get("through"), self._region,
        )  # fmt: skip

    def _allowance(self, record: Record, values: Mapping[str, Any], person: UUID) -> Allowance:
        return Allowance(
            record.object, values["kind"], person, self._payee(values), values["amount_fen"], values["from"],
            values.get("through"), self._region,
        )  # fmt: skip

    def _voucher(self, record: Record, values: Mapping[str, Any], person: UUID) -> Voucher:
        return Voucher(
            record.object,
            person,
            values["amount_fen"],
            values["balance_fen"],
            values["through"],
            self._region,
        )

    def _meal_discount(self, record: Record, values: Mapping[str, Any], person: UUID) -> MealDiscount:
        return MealDiscount(record.object, person, values["amount_fen"], values.get("dates"), self._region)

    def _home_order(self, record: Record, values: Mapping[str, Any], person: UUID) -> HomeOrder:
        return HomeOrder(
            record.object, person, values["kind"], values["from"], values["amount_fen"], self._region
        )

    def _visit_plan(self, record: Record, values: Mapping[str, Any], person: UUID) -> VisitPlan:
        return VisitPlan(
            record.object, person, values["every_days"], values["next_on"], values.get("dates", ()), self._region
        )  # fmt: skip

    def _bed(self, record: Record, values: Mapping[str, Any], person: UUID) -> Bed:
        home = home_key(self._region[:6], values["home_name"])
        return Bed(
            record.object, values["kind"], home, values["home_name"], values["number"], person, values["from"],
            self._region,
        )  # fmt: skip

    def _elder_card(self, record: Record, values: Mapping[str, Any], person: UUID) -> ElderCard:
        return ElderCard(record.object, person, values["number"], values["from"], self._region)

    def _marriage(self, record: Record, values: Mapping[str, Any], person: UUID) -> Couple:
        return Couple(
            record.object, person, self._persons[values["other_id_number"]], values["from"], self._region
        )

    def _payee(self, values: Mapping[str, Any]) -> UUID:
        return self._persons[values["payee_id_number"]]
