"""Makes the population, lazily and the same for the same seed.

A household depends on (seed, its index, the places) alone: a larger population contains the smaller one, and any
household can be made again by its index. The index space has two halves: ordinary households, and those of the
benchmark (`bench`: every one of the shape `dibao_couple`, whose husband is the distinct living person of the
benchmark *full case*: dibao, one allowance, not the payee, spouse alive, no dependants).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from contracts.catalog_regions import Region
from contracts.regions import RegionTree
from deploy.local.people import numbers, shapes
from deploy.local.people.builder import HouseholdBuilder
from deploy.local.people.model import Place, Register, SyntheticHousehold, SyntheticPerson

BENCH_FROM = numbers.HOUSEHOLDS // 2
BENCH_SHAPE = "dibao_couple"
DEFAULT_SEED = 20260330
DEFAULT_HOUSEHOLDS = 750

_NAMES = tuple(shapes.SHAPES)
_CUMULATIVE = tuple(accumulate(weight for _, weight in shapes.SHAPES.values()))


def places_of(
    regions: Iterable[Region], on: date, counties: Collection[str] | None = None
) -> tuple[Place, ...]:
    """The demo county of each region, as the regions are listed, with the standards in force there on that day.

    `counties`: those of an installation that was peopled before a region joined or left; in that order.
    """
    files = sorted(regions, key=lambda one: (one.listed, one.code))
    tree = RegionTree(files)
    found = []
    for code in counties if counties is not None else [one.demo_county for one in files]:
        townships = tuple(township.code for township in tree.county(code).townships) or (code + "001000",)
        found.append(Place(code, townships, _standards(tree, code, on)))
    return tuple(found)


def _standards(tree: RegionTree, county: str, on: date) -> dict[str, int]:
    names = {standard.id for standard in tree.region_of(county).standards}
    known = {name: tree.standard(name, county, on) for name in sorted(names)}
    return {name: standard.amount_fen for name, standard in known.items() if standard is not None}


@dataclass(frozen=True)
class Population:
    """`paid_month`: first day of the month last paid (holdings only; people never depend on it)."""

    places: tuple[Place, ...]
    paid_month: date
    households: int = DEFAULT_HOUSEHOLDS
    bench: int = 0
    seed: int = DEFAULT_SEED

    @classmethod
    def of_people(cls, people: int, places: tuple[Place, ...], paid_month: date, **rest: int) -> "Population":
        """As many whole households as it takes to reach so many people."""
        counted, households = 0, 0
        endless = cls(places, paid_month, households=BENCH_FROM, **rest)
        while counted < people:
            counted += len(endless.household(households).persons)
            households += 1
        return cls(places, paid_month, households=households, **rest)

    def __post_init__(self) -> None:
        if not self.places:
            raise ValueError("a population needs at least one place")
        if self.households > BENCH_FROM or self.bench > BENCH_FROM:
            raise numbers.PopulationTooLarge(
                f"at most {BENCH_FROM} households, and as many for the benchmark"
            )

    def __iter__(self) -> Iterator[SyntheticHousehold]:
        for index in range(self.households):
            yield self.household(index)
        yield from self.bench_households()

    def bench_households(self) -> Iterator[SyntheticHousehold]:
        for index in range(BENCH_FROM, BENCH_FROM + self.bench):
            yield self.household(index)

    def bench_subjects(self) -> Iterator[tuple[SyntheticPerson, SyntheticPerson]]:
        """(who dies, the surviving spouse who reports it), each pair once."""
        for household in self.bench_households():
            yield household.persons[0], household.persons[1]

    def household(self, index: int) -> SyntheticHousehold:
        """The household of that index, made anew; it need not lie inside the population."""
        place = self.places[index % len(self.places)]
        shape = self._shape(index)
        builder = HouseholdBuilder(self.seed, index, shape, place, self.paid_month)
        shapes.SHAPES[shape][0](builder)
        return builder.build()

    def contains(self, index: int) -> bool:
        return 0 <= index < self.households or BENCH_FROM <= index < BENCH_FROM + self.bench

    def _shape(self, index: int) -> str:
        if index >= BENCH_FROM:
            return BENCH_SHAPE
        nth_in_county = index // len(self.places)
        if nth_in_county < len(_NAMES):
            return _NAMES[nth_in_county]
        drawn = numbers.key(self.seed, index, 4094).int % _CUMULATIVE[-1]
        return next(name for name, below in zip(_NAMES, _CUMULATIVE, strict=True) if drawn < below)


class PeopleRegister:
    """What the simulated departments look people up in: nothing is kept, the household is made again."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def find(self, id_number: str) -> Register | None:
        """Name, sex and birth date by number (any spelling with upper-case X); None when nobody has it."""
        place = numbers.household_and_slot(id_number)
        if place is None or not self._population.contains(place[0]):
            return None
        for person in self._population.household(place[0]).persons:
            if person.id_number == id_number:
                return Register(person.name, person.id_number, person.sex, person.birth_date, person.person)
        return None
