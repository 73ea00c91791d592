"""What a household consists of that is made up or imported. Services read it in their `people_import.load_people`.

Amounts are fen per month. Months are the first day of the month (`date`). All people are alive. Every id is a UUID
that follows from (seed, household, slot), so a second run makes the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

Sex = Literal["male", "female"]
MaritalState = Literal["single", "married", "widowed", "divorced"]
AssistanceKind = Literal[
    "dibao", "tekun", "edge", "rigid", "temporary", "disability_living", "disability_nursing", "orphan",
    "unattended_child",
]  # fmt: skip
AllowanceKind = Literal["old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy"]


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """One person. `region`: the township (12 digits, six of them the county's); `marital_state` none: not known."""

    person: UUID
    name: str
    id_number: str
    sex: Sex
    birth_date: date
    phone: str
    region: str
    household: UUID
    marital_state: MaritalState | None
    spouse: UUID | None = None
    relations: tuple[
        tuple[UUID, str], ...
    ] = ()  # (other person, what they are to this one: child, parent, …)

    def age_on(self, day: date) -> int:
        """Full years on that day."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (0 if had_birthday else 1)


@dataclass(frozen=True, slots=True)
class Holding:
    """An assistance benefit. `persons` are its beneficiaries: all members for dibao, edge and rigid, else one.

    `amount_fen` is the monthly amount of the whole holding (zero for recognitions that pay nothing: edge, rigid,
    unattended_child in some places); `paid_through` the last month already paid (None: nothing is ever paid).
    """

    id: UUID
    kind: AssistanceKind
    persons: tuple[UUID, ...]
    payee: UUID
    amount_fen: int
    granted_on: date
    paid_through: date | None
    region: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """A monthly eldercare benefit of one person; the payee may be another (a child, a care home's resident's kin)."""

    id: UUID
    kind: AllowanceKind
    person: UUID
    payee: UUID
    amount_fen: int
    granted_on: date
    paid_through: date | None
    region: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """Service vouchers of a month-long validity: `balance_fen` is what is left."""

    id: UUID
    person: UUID
    amount_fen: int
    balance_fen: int
    month: date
    region: str


@dataclass(frozen=True, slots=True)
class MealDiscount:
    """A price cut per meal at a community canteen; `last_meal_on` is a sign of life."""

    id: UUID
    person: UUID
    discount_fen: int
    last_meal_on: date | None
    region: str


@dataclass(frozen=True, slots=True)
class HomeOrder:
    """A home service ordered for a day: bath, cleaning, meal, medical, travel, emergency."""

    id: UUID
    person: UUID
    service: str
    on: date
    price_fen: int
    region: str


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Regular visits to an elder; `visited_on` are those already made (signs of life)."""

    id: UUID
    person: UUID
    every_days: int
    next_on: date
    visited_on: tuple[date, ...]
    region: str


@dataclass(frozen=True, slots=True)
class Bed:
    """An occupied bed: in a care home (`institution`) or a family care bed at home (`family`)."""

    id: UUID
    kind: Literal["institution", "family"]
    home: UUID
    home_name: str
    number: str
    person: UUID
    since: date
    region: str


@dataclass(frozen=True, slots=True)
class ElderCard:
    """A card of preferential treatment from 60 on."""

    id: UUID
    person: UUID
    number: str
    issued_on: date
    region: str


@dataclass(frozen=True, slots=True)
class Couple:
    """A registered marriage."""

    id: UUID
    husband: UUID
    wife: UUID
    registered_on: date
    region: str


@dataclass(frozen=True, slots=True)
class SyntheticHousehold:
    """People who live together and what they hold. `income_fen`: monthly income of all of them together, none: not
    known.

    `outside_ties`: what a relative who lives elsewhere has in one of these, as (relative, one of these, relation).
    """

    household: UUID
    index: int
    shape: str
    region: str
    persons: tuple[SyntheticPerson, ...]
    income_fen: int | None = None
    holdings: tuple[Holding, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    meal_discounts: tuple[MealDiscount, ...] = ()
    home_orders: tuple[HomeOrder, ...] = ()
    visit_plans: tuple[VisitPlan, ...] = ()
    beds: tuple[Bed, ...] = ()
    elder_cards: tuple[ElderCard, ...] = ()
    couples: tuple[Couple, ...] = ()
    outside_ties: tuple[tuple[UUID, UUID, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """A demo county with its townships (12 digits) and its standards by id, in fen per person and month."""

    county: str
    townships: tuple[str, ...]
    standards: Mapping[str, int] = field(default_factory=dict)

    def standard(self, name: str) -> int:
        """The region's standard; where the region file has none, the sum below (invented, for demonstration)."""
        return self.standards.get(name, INVENTED_STANDARDS[name])


INVENTED_STANDARDS: Mapping[str, int] = {
    "dibao": 100_000, "tekun_basic": 130_000, "disability_living": 30_000, "disability_nursing": 25_000,
    "orphan": 190_000, "unattended_child": 150_000, "temporary": 300_000, "old_age_allowance_80": 5_000,
    "old_age_allowance_90": 10_000, "old_age_allowance_100": 50_000, "elder_service_subsidy": 25_000,
    "elder_nursing_subsidy": 25_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register:
    """What the departments' simulators know of a person."""

    name: str
    id_number: str
    sex: Sex
    birth_date: date
    person: UUID = field(compare=False)
