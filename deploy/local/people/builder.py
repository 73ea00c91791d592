"""Puts one household together: people, ties, and what they hold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from deploy.local.people import names, numbers
from deploy.local.people.model import (
    Allowance,
    AllowanceKind,
    AssistanceKind,
    Bed,
    Couple,
    ElderCard,
    Holding,
    HomeOrder,
    MaritalState,
    MealDiscount,
    Place,
    Sex,
    SyntheticHousehold,
    SyntheticPerson,
    VisitPlan,
    Voucher,
)

# Ages are counted from here, so that a person's birth date and number never depend on the day of the run.
ANCHOR = date(2026, 1, 1)
HOME_SERVICES = ("bath", "cleaning", "meal", "medical", "travel", "emergency")
HOMES_PER_COUNTY = 3
_MIRRORED = {"child": "parent", "parent": "child", "spouse": "spouse", "sibling": "sibling",
             "grandchild": "grandparent", "grandparent": "grandchild"}  # fmt: skip


class HouseholdBuilder:
    """One household in the making; `build()` gives the finished rows. `month`: the month last paid."""

    def __init__(self, seed: int, index: int, shape: str, place: Place, month: date) -> None:
        self.rng = Random(numbers.key(seed, index, 4095).int)
        self.seed, self.index, self.shape, self.place, self.month = seed, index, shape, place, month
        self._parts = 0
        self.region = self.rng.choice(place.townships)
        self.household = self.key()
        self.surname = names.surname(self.rng)
        self.persons: list[SyntheticPerson] = []
        self.income_fen = 0
        self.holdings: list[Holding] = []
        self.allowances: list[Allowance] = []
        self.vouchers: list[Voucher] = []
        self.meal_discounts: list[MealDiscount] = []
        self.home_orders: list[HomeOrder] = []
        self.visit_plans: list[VisitPlan] = []
        self.beds: list[Bed] = []
        self.elder_cards: list[ElderCard] = []
        self.couples: list[Couple] = []

    def key(self) -> UUID:
        self._parts += 1
        return numbers.key(self.seed, self.index, self._parts)

    # -- people and ties

    def person(
        self, sex: Sex, ages: tuple[int, int], state: MaritalState = "single", *, in_law: bool = False
    ) -> SyntheticPerson:
        """Adds a person aged between `ages` (both included) on the anchor day."""
        slot, rng = len(self.persons), self.rng
        born = ANCHOR - timedelta(days=int(rng.randint(*ages) * 365.2425) + rng.randrange(1, 365))
        family_name = names.surname(rng) if in_law else self.surname
        made = SyntheticPerson(
            person=self.key(), name=family_name + names.given_name(rng, sex, born.year),
            id_number=numbers.id_number(self.index, slot, born, sex), sex=sex, birth_date=born,
            phone=numbers.phone(self.index, slot), region=self.region, household=self.household, marital_state=state,
        )  # fmt: skip
        self.persons.append(made)
        return made

    def couple(self, ages: tuple[int, int]) -> tuple[SyntheticPerson, SyntheticPerson]:
        """A married man and woman; the wife has her own family name."""
        husband = self.person("male", ages, "married")
        wife = self.person("female", ages, "married", in_law=True)
        return self.marry(husband, wife)

    def marry(
        self, husband: SyntheticPerson, wife: SyntheticPerson
    ) -> tuple[SyntheticPerson, SyntheticPerson]:
        """Registers their marriage at an age at which both may marry (rules R40); gives both with the tie."""
        self.tie(husband, wife, "spouse")
        youngest = max(husband.birth_date, wife.birth_date)
        registered = youngest + timedelta(days=self.rng.randrange(22 * 366, 28 * 365))
        self.couples.append(
            Couple(self.key(), husband.person, wife.person, min(registered, ANCHOR), self.region)
        )
        return self._again(husband), self._again(wife)

    def tie(self, one: SyntheticPerson, other: SyntheticPerson, relation: str) -> None:
        """`relation` is what `other` is to `one`; the mirror is written too."""
        self._relate(one.person, other.person, relation)
        self._relate(other.person, one.person, _MIRRORED[relation])

    def _relate(self, one: UUID, other: UUID, relation: str) -> None:
        for at, person in enumerate(self.persons):
            if person.person == one:
                spouse = other if relation == "spouse" else person.spouse
                self.persons[at] = replace(
                    person, spouse=spouse, relations=(*person.relations, (other, relation))
                )

    def _again(self, person: SyntheticPerson) -> SyntheticPerson:
        return next(p for p in self.persons if p.person == person.person)

    # -- what they hold

    def holding(
        self,
        kind: AssistanceKind,
        persons: Sequence[SyntheticPerson],
        amount_fen: int,
        payee: SyntheticPerson,
    ) -> None:
        self.holdings.append(
            Holding(
                self.key(), kind, tuple(p.person for p in persons), payee.person, amount_fen, self._since(),
                self.month if amount_fen else None, self.region,
            )
        )  # fmt: skip

    def benefit(self, kind: AssistanceKind, person: SyntheticPerson, payee: SyntheticPerson) -> None:
        """A person's benefit of the region's standard."""
        standard = "tekun_basic" if kind == "tekun" else kind
        self.holding(kind, [person], self.place.standard(standard), payee)

    def dibao(self, payee: SyntheticPerson) -> None:
        """Household dibao: members × standard − income; nobody on dibao earns more than 60 % of the line."""
        standard = self.place.standard("dibao")
        self.income_fen = min(self.income_fen, standard * len(self.persons) * 6 // 10)
        self.holding("dibao", self.persons, standard * len(self.persons) - self.income_fen, payee)

    def allowance(
        self,
        kind: AllowanceKind,
        person: SyntheticPerson,
        amount_fen: int,
        payee: SyntheticPerson | None = None,
    ) -> None:
        self.allowances.append(
            Allowance(
                self.key(), kind, person.person, (payee or person).person, amount_fen, self._since(), self.month,
                self.region,
            )
        )  # fmt: skip

    def subsidy(
        self, kind: AllowanceKind, person: SyntheticPerson, payee: SyntheticPerson | None = None
    ) -> None:
        """An eldercare subsidy of the region's standard."""
        self.allowance(kind, person, self.place.standard(kind), payee)

    def old_age_allowance(self, person: SyntheticPerson, payee: SyntheticPerson | None = None) -> None:
        """By age (rules R53): 80, 90 and 100 years; nothing below."""
        age = person.age_on(ANCHOR)
        reached = next((years for years in (100, 90, 80) if age >= years), None)
        if reached:
            amount = self.place.standard(f"old_age_allowance_{reached}")
            self.allowance("old_age_allowance", person, amount, payee)

    def elder_card(self, person: SyntheticPerson) -> None:
        age = person.age_on(ANCHOR)
        if age >= 60:
            issued = ANCHOR - timedelta(days=self.rng.randrange((age - 59) * 365))
            number = f"LN{self.index:06d}{len(self.elder_cards):02d}"
            self.elder_cards.append(ElderCard(self.key(), person.person, number, issued, self.region))

    def visited(self, person: SyntheticPerson, every_days: int = 30) -> None:
        ago = self.rng.randrange(1, every_days)
        last = self.month - timedelta(days=ago)
        before = last - timedelta(days=every_days)
        self.visit_plans.append(
            VisitPlan(
                self.key(), person.person, every_days, last + timedelta(days=every_days), (before, last), self.region
            )
        )  # fmt: skip

    def home_order(self, person: SyntheticPerson) -> None:
        """An order for a day of the month after the last paid one: still to be carried out."""
        on = self.month + timedelta(days=self.rng.randrange(31, 90))
        service = self.rng.choice(HOME_SERVICES)
        self.home_orders.append(
            HomeOrder(self.key(), person.person, service, on, self.rng.randrange(20, 120) * 100, self.region)
        )

    def voucher(self, person: SyntheticPerson) -> None:
        amount = self.rng.choice((20_000, 40_000, 80_000))
        left = self.rng.randrange(0, amount, 1_000)
        self.vouchers.append(Voucher(self.key(), person.person, amount, left, self.month, self.region))

    def meal_discount(self, person: SyntheticPerson) -> None:
        last = self.month - timedelta(days=self.rng.randrange(1, 10))
        self.meal_discounts.append(
            MealDiscount(self.key(), person.person, self.rng.choice((300, 500)), last, self.region)
        )

    def bed(self, person: SyntheticPerson, *, family: bool = False) -> None:
        """A family care bed at home, or a bed in one of the county's care homes."""
        home = names.CARE_HOMES[self.rng.randrange(HOMES_PER_COUNTY)] + "养老院"
        self.beds.append(
            Bed(
                self.key(), "family" if family else "institution", numbers.home_key(self.place.county, home), home,
                f"{'F' if family else 'B'}{self.index:06d}", person.person,
                self._since(), self.region,
            )
        )  # fmt: skip

    def _since(self) -> date:
        return date(self.rng.randrange(2019, 2026), self.rng.randrange(1, 13), 1)

    def build(self) -> SyntheticHousehold:
        return SyntheticHousehold(
            household=self.household, index=self.index, shape=self.shape, region=self.region,
            persons=tuple(self.persons), income_fen=self.income_fen or None, holdings=tuple(self.holdings),
            allowances=tuple(self.allowances), vouchers=tuple(self.vouchers),
            meal_discounts=tuple(self.meal_discounts), home_orders=tuple(self.home_orders),
            visit_plans=tuple(self.visit_plans), beds=tuple(self.beds), elder_cards=tuple(self.elder_cards),
            couples=tuple(self.couples),
        )  # fmt: skip
