"""Steps of a funeral that several tests take."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from contracts.orders import Evidence, Verb
from contracts.outcomes import Outcome, OwnerState
from tests.owner_desk import NOW, Desk, Report

KIND = "funeral.cremation"
OPERATORS = {"operators": ["A-01", "B-02"], "identity_matches": True}


CERTIFICATE = Evidence(type="health.death_certificate", version=1)


def death(
    *, confirmed: bool = True, evidence: tuple[Evidence, ...] = (CERTIFICATE,), **fields: Any
) -> Report:
    """A death of yesterday, confirmed by a certificate unless said otherwise."""
    return Report(uuid4(), NOW - timedelta(days=1), fields=fields, confirmed=confirmed, evidence=evidence)


async def opened(desk: Desk, **fields: Any) -> Report:
    report = death(**fields)
    outcome = await desk.send(Verb.OPEN, KIND, report)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "book")
    return report


async def booked(desk: Desk, **fields: Any) -> Report:
    report = await opened(desk, **fields)
    assert (await desk.decide(KIND, report, "booked")).status_code == 200
    return report


async def started(desk: Desk) -> Report:
    report = await booked(desk)
    assert (await desk.decide(KIND, report, "start", data=OPERATORS)).status_code == 200
    return report


def standing(desk: Desk, report: Report) -> Outcome:
    return desk.outcomes[report.procedures[KIND]]


async def taken(desk: Desk) -> int:
    return len(await desk.rows("SELECT 1 FROM bookings WHERE released_at IS NULL"))


async def hold(desk: Desk, kind: str = "police", **target: Any) -> tuple[str, dict[str, Any]]:
    """A hold handed over; its id and the answer."""
    body = {"id": str(uuid4()), "kind": kind, "source_no": "P-1", "placed_at": NOW.isoformat(), **target}
    async with desk.http() as client:
        answer = await client.post("/internal/v1/holds", json=body)
    assert answer.status_code == 200, answer.text
    return body["id"], answer.json()


async def release(desk: Desk, hold_id: str, *, version: int = 2) -> dict[str, Any]:
    async with desk.http() as client:
        answer = await client.post(
            f"/internal/v1/holds/{hold_id}/release", json={"release_no": "R-1", "version": version}
        )
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def refresh(desk: Desk, report: Report) -> Outcome:
    """The procedure as the owner has it now."""
    async with desk.http() as client:
        body = (await client.get(f"/internal/v1/procedures/{report.procedures[KIND]}")).json()
    outcome = Outcome.model_validate(body["outcome"])
    desk.outcomes[outcome.procedure] = outcome
    return outcome
