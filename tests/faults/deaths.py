"""Deaths of married dibao elders: reported until accepted, and how each must have ended, exactly once."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx

from kernel.testing import eventually
from tests.journeys.town import Town, procedure, states

ENDED = {"assistance.stop_benefits": "done", "eldercare.stop_benefits": "done", "marriage.widowed": "done"}


async def forms(town: Town, number: int) -> list[dict[str, Any]]:
    """So many reports of people who are still alive, to be sent later."""
    dead = [await town.person("dibao", "old_age_allowance", married=True) for _ in range(number)]
    return [await town.form(one, await town.look(one["spouse"])) for one in dead]


async def report_until_accepted(
    town: Town, reports: list[dict[str, Any]], *, within: float = 90
) -> list[str]:
    """Say each with a key of its own, again and again, until it is accepted; the case numbers."""

    async def accepted(form: dict[str, Any], key: str) -> str | None:
        try:
            answer = await town.report(form, key=key)
        except httpx.TransportError:
            return None
        assert answer.status_code in (201, 503), answer.text
        return answer.json()["case_no"] if answer.status_code == 201 else None

    async def until(form: dict[str, Any]) -> str:
        key = str(uuid4())
        return await eventually(lambda: accepted(form, key), within=within, every=0.1)

    return await asyncio.gather(*(until(form) for form in reports))


async def ended_once(town: Town, number: str) -> None:
    """Every procedure of the case that ends by itself has ended, and its timeline says so once."""
    case = await town.case(number)
    assert {kind: states(case)[kind] for kind in ENDED} == ENDED
    for kind in ENDED:
        row = procedure(case, kind)
        ends = Counter(line["kind"] for line in case["timeline"] if line["procedure"] == row["id"])
        assert ends["done"] == 1, (kind, case["timeline"])
