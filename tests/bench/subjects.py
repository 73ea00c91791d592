"""Whom the benchmark *full case* is about: distinct living people, each used once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contracts.catalog import LifeEvent
from contracts.catalog_files import load_catalogue
from deploy.local.people.generate import Population, places_of
from deploy.local.people.model import SyntheticPerson

OURS = frozenset({"assistance", "eldercare", "funeral", "marriage", "gateway"})
NEVER = frozenset({"assistance.household_recheck"})


def ends_line_1(event: LifeEvent) -> frozenset[str]:
    """All ex officio rows but the family's recheck."""
    return frozenset(row.type for row in event.procedures if row.origin == "ex_officio") - NEVER


def ends_line_2(event: LifeEvent) -> frozenset[str]:
    """Of those, the rows of our own owners that need no department's answer beyond the report itself."""
    proof = event.evidence.confirmed_by

    def alone(kind: str) -> bool:
        row = event.row(kind)
        return row.owner in OURS and all(
            need.kind == "soft" or any(member in proof or alone(member) for member in need.any)
            for need in row.needs
        )

    return frozenset(kind for kind in ends_line_1(event) if alone(kind))


def pairs(count: int, today: datetime) -> Iterator[tuple[SyntheticPerson, SyntheticPerson]]:
    """(who dies, the spouse who reports), in the population that `lianban up --bench-people` loaded."""
    catalogue = load_catalogue()
    places = places_of(catalogue.regions.values(), today.date())
    population = Population(places, today.date().replace(day=1), households=0, bench=count)
    yield from population.bench_subjects()


def form(dead: SyntheticPerson, spouse: SyntheticPerson, now: datetime, *, issuer: bool) -> dict[str, Any]:
    """The report: a natural death at home yesterday; an issuer's carries no applicant."""
    deceased = {
        "name": dead.name,
        "id_kind": "resident_id",
        "id_number": dead.id_number,
        "died_at": (now - timedelta(hours=30)).isoformat(),
        "place": "home",
        "place_region": dead.region[:6],
        "hukou_region": dead.region[:6],
        "residence_region": dead.region[:6],
    }
    if issuer:
        return {"deceased": {**deceased, "sex": dead.sex, "birth_date": dead.birth_date.isoformat()}}
    applicant = {
        "name": spouse.name,
        "id_number": spouse.id_number,
        "relation": "spouse",
        "phone": spouse.phone,
    }
    return {"deceased": deceased, "applicant": applicant}
