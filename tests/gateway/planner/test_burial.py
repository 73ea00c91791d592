"""Lawful burial instead of cremation, on the real catalogue: what comes after it flows all the same (FN-028)."""

from uuid import UUID

import pytest

from contracts.catalog_files import load_catalogue
from contracts.outcomes import Outcome, OwnerState
from gateway.cases.answers import conditions_of, wishes_of
from gateway.cases.planner import plan
from gateway.cases.planner.inputs import OutcomeArrived, Reported
from gateway.cases.planner.model import Case, Plan, RowState
from tests.gateway.planner.event import AT, DIED

DEATH = load_catalogue().life_events["death"]


def reported(**wishes: object) -> Plan:
    """A death reported by the issuer, with these wishes."""
    form = {"deceased": {"cause": "natural"}, "wishes": wishes}
    first = Reported(
        conditions=conditions_of(DEATH, form), wishes=wishes_of(DEATH, form), occurred_at=DIED,
        confirming="health.death_certificate",
    )  # fmt: skip
    return plan(Case(id=UUID(int=7), event=DEATH), [first], at=AT)


def states(of: Plan) -> dict[str, RowState]:
    return {row.type.removeprefix("funeral."): row.state for row in of.case.rows if "funeral." in row.type}


def test_a_burial_closes_cremation_and_certificate_and_opens_items_and_place() -> None:
    found = states(reported(remains="burial", ashes="cemetery", free_items=["transport"]))
    assert found["cremation"] is RowState.NOT_APPLICABLE
    assert found["cremation_certificate"] is RowState.NOT_APPLICABLE
    assert (found["free_items"], found["ashes"]) == (RowState.ORDERED, RowState.ORDERED)


def test_after_a_burial_the_place_is_offered_where_the_report_says_nothing_of_it() -> None:
    found = states(reported(remains="burial"))
    assert (found["free_items"], found["ashes"]) == (RowState.OFFERED, RowState.OFFERED)


def test_with_a_cremation_they_wait_for_it() -> None:
    found = states(reported(remains="cremation", ashes="store", free_items=["cremation"]))
    assert found["cremation"] is RowState.ORDERED
    assert (found["free_items"], found["ashes"]) == (RowState.WAITING, RowState.WAITING)


@pytest.mark.parametrize(("state", "expected"), [("done", "ordered"), ("refused", "not_applicable")])
def test_the_end_of_the_cremation_decides(state: str, expected: str) -> None:
    before = reported(remains="cremation", free_items=["cremation"])
    row = next(row for row in before.case.rows if row.type == "funeral.cremation")
    outcome = Outcome(procedure=row.id, type=row.type, order=1, version=1, state=OwnerState(state), at=AT)
    assert states(plan(before.case, [OutcomeArrived(outcome)], at=AT))["free_items"] == expected
