"""A row of the catalogue as one place has it on one day: off, sooner, or decided by another office (design 4).

Data alone decides: a region file's switches (FN-006), promises, and delegations (SA-044, SA-045).
"""

from datetime import date

from contracts.catalog import ProcedureRow
from contracts.catalog_regions import Delegation
from contracts.regions import RegionTree
from contracts.terms import Step

# The office that decides at each level. A power of the city is a county supervisor's whose region is the city.
OFFICES = {
    "village": "village_assistant",
    "township": "township_officer",
    "county": "county_supervisor",
    "city": "county_supervisor",
}


def row_at(row: ProcedureRow, tree: RegionTree, region: str, on: date) -> ProcedureRow | None:
    """The row as the place has it on that day; None when it is switched off there. KeyError for an unknown region."""
    if not tree.switched_on(row, region, on):
        return None
    changed: dict[str, object] = {"limit": tree.limit_for(row, region, on)}
    power = tree.delegation_for(row.type, region, on)
    if power is not None:
        changed["steps"] = tuple(moved(step, power) for step in row.steps)
    return row.model_copy(update=changed)


def moved(step: Step, power: Delegation) -> Step:
    """The step at the power's level. The system's, a department's and a desk's own steps (registrar …) stay."""
    if step.actor not in OFFICES.values() or (power.steps and step.id not in power.steps):
        return step
    return step.model_copy(update={"actor": OFFICES[power.level], "level": power.level})
