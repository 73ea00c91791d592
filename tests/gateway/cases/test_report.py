"""A report becomes one case."""

import asyncio
from uuid import uuid4

from tests.gateway.office import Office, row


async def test_a_report_answers_with_every_row_of_the_catalogue(office: Office) -> None:
    case = await office.report(remains="cremation")
    assert {one["type"] for one in case["procedures"]} == {
        spec.type for spec in office.desk.catalogue.life_events["death"].procedures
    }
    assert row(case, "health.death_certificate")["state"] == "open"
    assert row(case, "funeral.transport")["state"] == "offered"
