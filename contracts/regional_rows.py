"""A row of the catalogue as one place has it on one day: off, sooner, or decided by another office (design 4).

Data alone decides: a region file's switches (FN-006), promises, delegations (SA-044, SA-045) and quiet periods.
"""

from datetime import date

from contracts.catalog import ProcedureRow
from contracts.catalog_regions import Delegation
from contracts.regions import RegionTree
from contracts.terms import QUIET, Limit, Step

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
    power, quiet = tree.delegation_for(row.type, region, on), tree.quiet_period(region, on)
    if power is not None or quiet is not None:
        steps = (moved(step, power) if power is not None else step for step in row.steps)
        changed["steps"] = tuple(quieted(step, quiet) if quiet is not None else step for step in steps)
    return row.model_copy(update=changed)


def quieted(step: Step, quiet: Limit) -> Step:
    """The step that waits out the quiet period waits as long as the place says; any other stays."""
    if step.id != QUIET or step.not_before is None:
        return step
    return step.model_copy(update={"not_before": quiet})


def quiet_period(row: ProcedureRow, tree: RegionTree, region: str, on: date) -> Limit | None:
    """How long that row waits there before anybody writes about money: the place's period, or the catalogue's."""
    here = tree.quiet_period(region, on) if region in tree else None
    return here or next((step.not_before for step in row.steps if step.id == QUIET), None)


def moved(step: Step, power: Delegation) -> Step:
    """The step at the power's level. The system's, a department's and a desk's own steps (registrar …) stay."""
    if step.actor not in OFFICES.values() or (power.steps and step.id not in power.steps):
        return step
    return step.model_copy(update={"actor": OFFICES[power.level], "level": power.level})
