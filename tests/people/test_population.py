"""The synthetic population: the same for the same seed, valid, and nobody real."""

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from deploy.local.people import numbers, shapes
from deploy.local.people.generate import BENCH_FROM, PeopleRegister, Population
from deploy.local.people.model import Place, SyntheticHousehold
from kernel.public_service.identifiers import check_resident_id

MONTH = date(2026, 11, 1)
PLACES = (
    Place("331022", ("331022901000", "331022902000"), {"dibao": 108_333}),
    Place("430121", ("430121901000",)),
)


def population(**changes: int) -> Population:
    return Population(PLACES, MONTH, **changes)


def held_by_household(household: SyntheticHousehold) -> set[str]:
    held = {h.kind for h in household.holdings} | {a.kind for a in household.allowances}
    for name in ("home_orders", "visit_plans", "beds", "vouchers", "meal_discounts", "elder_cards"):
        held |= {name} if getattr(household, name) else set()
    return held


def test_the_same_seed_makes_the_same_people() -> None:
    assert list(population(households=60)) == list(population(households=60))


def test_another_seed_makes_other_people() -> None:
    one = {p.person for h in population(households=20, seed=1) for p in h.persons}
    other = {p.person for h in population(households=20, seed=2) for p in h.persons}
    assert not one & other


def test_a_larger_population_contains_the_smaller() -> None:
    small = list(population(households=40))
    assert list(islice(population(households=90), 40)) == small


def test_people_do_not_depend_on_the_month_only_holdings_do() -> None:
    later = Population(PLACES, date(2027, 3, 1), households=60)
    assert [h.persons for h in later] == [h.persons for h in population(households=60)]
    assert {a.paid_through for h in later for a in h.allowances} == {date(2027, 3, 1)}


def test_every_number_is_valid_and_tells_birth_date_and_sex() -> None:
    for household in population():
        for person in household.persons:
            read = check_resident_id(person.id_number, date(2026, 11, 22))
            assert (read.birth_date, read.sex) == (person.birth_date, person.sex)


def test_every_number_lies_in_a_county_that_is_not_assigned() -> None:
    numbers_made = [p.id_number for h in population(bench=10) for p in h.persons]
    assert all(number.startswith("99") for number in numbers_made)


def test_numbers_phones_and_keys_are_unique() -> None:
    persons = [p for h in population(households=4000, bench=500) for p in h.persons]
    for field in ("id_number", "phone", "person"):
        assert len({getattr(p, field) for p in persons}) == len(persons)


def test_keys_of_all_rows_are_unique() -> None:
    names = ("holdings", "allowances", "vouchers", "meal_discounts", "home_orders", "visit_plans", "beds",
             "elder_cards", "couples", "persons")  # fmt: skip
    keys = Counter()
    for household in population(households=1000):
        keys[household.household] += 1
        for name in names:
            keys.update(getattr(row, "id", None) or row.person for row in getattr(household, name))
    assert max(keys.values()) == 1


@pytest.mark.parametrize("county", [place.county for place in PLACES])
def test_each_county_has_every_household_that_a_journey_needs(county: str) -> None:
    households = [h for h in population(households=60) if h.region.startswith(county)]
    assert {h.shape for h in households} == set(shapes.SHAPES)
    held = [held_by_household(h) for h in households]
    assert any(
        {"home_orders", "visit_plans", "beds", "vouchers", "meal_discounts"} <= kinds for kinds in held
    )
    assert any(len(h.persons) == 1 for h in households)
    assert any(p.age_on(MONTH) < 18 for h in households for p in h.persons)
    assert any(_payee_dies_with_spouse(h) for h in households)
    assert any(hold.payee not in hold.persons for h in households for hold in h.holdings)


def _payee_dies_with_spouse(household: SyntheticHousehold) -> bool:
    spouses = {p.person for p in household.persons if p.spouse and p.age_on(MONTH) >= 60}
    return any(h.kind == "dibao" and h.payee in spouses for h in household.holdings)


def test_ties_are_written_on_both_sides() -> None:
    for household in population(households=80):
        people = {p.person: p for p in household.persons}
        for person in household.persons:
            assert (person.spouse is None) == (person.marital_state != "married")
            if person.spouse:
                assert people[person.spouse].spouse == person.person
            for other, _ in person.relations:
                assert any(back == person.person for back, _ in people[other].relations)


def test_couples_were_old_enough_to_marry() -> None:
    for household in population(households=200):
        people = {p.person: p for p in household.persons}
        for couple in household.couples:
            assert people[couple.husband].age_on(couple.registered_on) >= 22
            assert people[couple.wife].age_on(couple.registered_on) >= 20


def test_the_benchmark_husband_is_a_full_case() -> None:
    subjects = set()
    for household in population(households=1, bench=50):
        if household.index < BENCH_FROM:
            continue
        husband, wife = household.persons
        (dibao,), (allowance,) = household.holdings, household.allowances
        assert dibao.kind == "dibao"
        assert set(dibao.persons) == {husband.person, wife.person}
        assert dibao.payee == wife.person
        assert allowance.person == husband.person
        assert husband.spouse == wife.person
        subjects.add(husband.person)
    assert len(subjects) == 50


def test_so_many_people_are_reached_with_whole_households() -> None:
    made = Population.of_people(1000, PLACES, MONTH)
    counted = sum(len(h.persons) for h in made)
    assert 1000 <= counted < 1000 + numbers.SLOTS


def test_the_register_finds_a_person_by_number_and_nobody_else() -> None:
    register = PeopleRegister(population(households=50, bench=5))
    for household in population(households=50, bench=5):
        for person in household.persons:
            found = register.find(person.id_number)
            assert found is not None
            assert (found.name, found.sex, found.birth_date) == (person.name, person.sex, person.birth_date)
    outsider = next(iter(Population(PLACES, MONTH, households=51).household(50).persons))
    assert register.find(outsider.id_number) is None


@pytest.mark.parametrize("number", ["", "11010119900307721X", "990000195001010000", "99000X195001010012"])
def test_the_register_knows_no_foreign_number(number: str) -> None:
    assert PeopleRegister(population()).find(number) is None


def test_more_people_than_numbers_are_refused() -> None:
    with pytest.raises(numbers.PopulationTooLarge):
        population(households=numbers.HOUSEHOLDS)
