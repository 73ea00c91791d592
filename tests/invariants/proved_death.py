"""A death that the health department has certified, and what the desks see and decide of it."""

from typing import Any
from uuid import uuid4

import httpx

from tests.gateway.office import row
from tests.invariants.one_death import Death, desk_of


async def proved(death: Death, died_at: str, **data: Any) -> str:
    """The family reports, the health department certifies; the case number once everything has settled."""
    form = death.office.form(death.dead, death.spouse)
    form["deceased"]["died_at"] = died_at
    answer = await death.office.post_report(form)
    assert answer.status_code == 201, answer.text
    await death.settle()
    (request,) = [one for one in await death.unanswered() if one.department == "health"]
    await death.say(request, "done")
    await death.settle()
    return str(answer.json()["case_no"])


async def seen(death: Death, case_no: str, kind: str) -> dict[str, Any]:
    return row(await death.office.read(case_no, death.office.supervisor), kind)


async def decided(death: Death, kind: str, decision: str, **data: Any) -> httpx.Response:
    """The open task of that row, decided by whoever it is for."""
    (task,) = [one for one in await death.tasks() if one.name.startswith(kind)]
    async with desk_of(death.office, task) as http:
        version = (await http.get(f"/api/v1/tasks/{task.id}")).json()["version"]
        body = {"decision": decision, "reason": "核查", "data": data, "version": version}
        key = {"Idempotency-Key": str(uuid4())}
        return await http.post(f"/api/v1/tasks/{task.id}/decision", json=body, headers=key)
