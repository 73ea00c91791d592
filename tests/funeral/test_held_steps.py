"""Transport, farewell and ashes: generic steps that heed the holds of their catalogue row."""

from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from tests.funeral.cremations import hold, release
from tests.owner_desk import NOW, Desk, Report

ASHES = "funeral.ashes"


async def opened(desk: Desk, kind: str) -> Report:
    report = Report(uuid4(), NOW - timedelta(days=1))
    await desk.send(Verb.OPEN, kind, report)
    return report


async def newest(desk: Desk, kind: str, report: Report) -> OwnerState:
    """Reads the outcome again, as the gateway would learn it from the report."""
    rows = await desk.rows("SELECT state, version FROM procedures WHERE id = :id", id=report.procedures[kind])
    outcome = desk.outcomes[report.procedures[kind]]
    desk.outcomes[outcome.procedure] = outcome.model_copy(
        update={"version": rows[0].version, "state": OwnerState(rows[0].state)}
    )
    return OwnerState(rows[0].state)


async def test_ashes_in_dispute_are_not_handed_over(desk: Desk) -> None:
    report = await opened(desk, ASHES)
    await desk.decide(ASHES, report, "arranged", data={"kind": "family"})
    hold_id, _ = await hold(desk, "relatives_dispute", case_id=str(report.case))
    assert await newest(desk, ASHES, report) is OwnerState.PAUSED
    refused = await desk.decide(ASHES, report, "handed_over", data={"identity_checked": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "hold_stands")
    await release(desk, hold_id)
    assert await newest(desk, ASHES, report) is OwnerState.OPEN
    answer = await desk.decide(ASHES, report, "handed_over", data={"identity_checked": True})
    assert answer.json()["outcome"]["state"] == "done"


async def test_in_dispute_the_point_of_no_return_is_not_entered(desk: Desk) -> None:
    report = await opened(desk, ASHES)
    await hold(desk, "court", person=str(report.subject))
    await newest(desk, ASHES, report)
    assert (await desk.decide(ASHES, report, "arranged", data={"kind": "store"})).status_code == 409


async def test_a_hold_the_row_does_not_name_changes_nothing(desk: Desk) -> None:
    report = await opened(desk, ASHES)
    _, answer = await hold(desk, "police", case_id=str(report.case))
    assert answer["procedures"] == []
    assert (await desk.decide(ASHES, report, "arranged", data={"kind": "store"})).status_code == 200


async def test_a_farewell_is_not_held_under_an_infection(desk: Desk) -> None:
    kind = "funeral.farewell"
    report = await opened(desk, kind)
    await hold(desk, "infection", case_id=str(report.case))
    await newest(desk, kind, report)
    booked = await desk.decide(kind, report, "booked", data={"starts_at": "2026-11-24T09:00:00+08:00"})
    assert booked.status_code == 200
    assert (await desk.decide(kind, report, "held")).status_code == 409


@pytest.mark.parametrize("kind", ["funeral.transport", "funeral.farewell", ASHES])
async def test_before_the_point_of_no_return_each_may_be_withdrawn(desk: Desk, kind: str) -> None:
    report = await opened(desk, kind)
    assert (await desk.send(Verb.WITHDRAW, kind, report)).state is OwnerState.WITHDRAWN


@pytest.mark.parametrize(
    "kind",
    ["funeral.cremation_certificate", "funeral.free_items", "funeral.eco_burial_award"],
)
async def test_the_other_rows_run_on_the_steps_of_the_catalogue(desk: Desk, kind: str) -> None:
    report = Report(uuid4(), NOW - timedelta(days=1))
    outcome = await desk.send(Verb.OPEN, kind, report)
    assert outcome.state is OwnerState.OPEN
    assert outcome.task is not None
