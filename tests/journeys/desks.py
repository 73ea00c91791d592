"""What people at desks and departments do to a case, over the public contract alone."""

from typing import Any

from tests.journeys.contract import key
from tests.journeys.town import Json, Town, procedure

# Co-handling departments of a death, but for those that prove it; what the form does not ask about; all their rows.
DEPARTMENTS = ("human_resources", "medical_insurance", "housing_fund", "vehicle", "veterans", "tax", "market")
OFFERED = ("human_resources.survivor_benefit", "human_resources.account_balance", "housing_fund.withdrawal",
           "veterans.bereavement")  # fmt: skip
ANSWERED = (*OFFERED, "human_resources.stop_benefits", "human_resources.social_card", "medical_insurance.settlement",
            "vehicle.driving_licence", "tax.closing", "market.legal_representative")  # fmt: skip


async def decide(
    town: Town, case_no: str, kind: str, role: str, decision: str, *, reason: str = "经核实", **data: Any
) -> Json:
    """That decision on the one open task of the row, by the county's user of that role; the case afterwards."""
    row = procedure(await town.settled(case_no), kind)
    assert len(row["tasks"]) == 1, row
    desk = await town.as_user(role, region=town.county)
    task = (await desk.get(f"/api/v1/tasks/{row['tasks'][0]['id']}")).json()
    said = {"decision": decision, "reason": reason, "data": data, "version": task["version"]}
    answer = await desk.post(f"/api/v1/tasks/{task['id']}/decision", json=said, headers=key())
    assert answer.status_code == 200, (kind, decision, answer.text)
    return await town.settled(case_no)


async def accept(town: Town, case_no: str, *kinds: str) -> Json:
    """The family wants these offered rows after all; the case afterwards."""
    clerk = await town.as_user("window_clerk", region=town.county)
    for kind in kinds:
        case = await town.settled(case_no)
        row = procedure(case, kind)
        said = {"answer": "accept", "data": {}, "version": case["version"]}
        answer = await clerk.post(f"/api/v1/cases/{case_no}/offers/{row['id']}", json=said, headers=key())
        assert answer.status_code == 202, (kind, answer.text)
    return await town.settled(case_no)


async def answer_all(town: Town, case_no: str, outcome: str) -> None:
    """All that the departments are asked about the case, answered by hand; every row of theirs was asked for."""
    await town.settle()
    asked = []
    for department in DEPARTMENTS:
        office = await town.as_user("department", owner=department)
        items = (await office.get("/exchange/v1/tasks", params={"limit": 200})).json()["items"]
        for item in items:
            if item["case_no"] != case_no:
                continue
            said = {"outcome": outcome, "reason": "经核实", "data": _found(item["type"])}
            answer = await office.post(f"/exchange/v1/tasks/{item['id']}/result", json=said, headers=key())
            assert answer.status_code in (200, 202), (item["type"], answer.text)
            asked.append(item["type"])
    assert set(ANSWERED) <= set(asked), asked


def _found(kind: str) -> Json:
    return {"held": False} if kind.endswith(".asset_query") else {}


async def revoke(town: Town, case_no: str) -> None:
    """The county's signature: it was another person."""
    supervisor = await town.as_user("county_supervisor", region=town.county)
    said = {"kind": "wrong_match", "reason": "认错了人", "basis": "县民政局核查记录",
            "version": (await town.case(case_no))["version"]}  # fmt: skip
    answer = await supervisor.post(f"/api/v1/cases/{case_no}/revocation", json=said, headers=key())
    assert answer.status_code == 202, answer.text


async def withdraw(town: Town, case_no: str, *kinds: str) -> Json:
    """The family takes these rows back (none named: the whole report); the case afterwards."""
    case = await town.settled(case_no)
    clerk = await town.as_user("window_clerk", region=town.county)
    said: Json = {"reason": "家属另有安排", "version": case["version"]}
    if kinds:
        said["procedures"] = [procedure(case, kind)["id"] for kind in kinds]
    answer = await clerk.post(f"/api/v1/cases/{case_no}/withdrawal", json=said, headers=key())
    assert answer.status_code == 202, answer.text
    return await town.settled(case_no)
