"""The demo's clock over five databases: each check at its own instant, in order, the system settled between."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.demo.advancing import Patience
from gateway.demo.settling import DoesNotSettle
from kernel.public_service.clock import TZ
from tests.gateway.office import NOW, Office, row

SILENT = "INSERT INTO demo_departments SELECT unnest(CAST(:departments AS text[])), 'silent', 0 RETURNING 1"
ALERT, TRANSPORT = "assistance.dependant_alert", "funeral.transport"


@pytest.fixture
async def quiet(working: Office) -> Office:
    """All at work; no department answers, so that only the clocks move anything."""
    await working.rows(SILENT, departments=list(working.desk.catalogue.departments))
    return working


async def demo(office: Office, path: str, **body: Any) -> httpx.Response:
    app = office.services["gateway"].app
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway", timeout=120
    ) as http:
        return await http.post(f"/demo/{path}", json=body)


async def settled(office: Office) -> None:
    answer = await demo(office, "settle", timeout_seconds=60)
    assert answer.json()["settled"], answer.text


async def case_of(office: Office) -> dict[str, Any]:
    """A death whose alert (assistance) and transport (funeral) both have a day, from now."""
    form = office.form(*office.couple(), transport=True)
    form["dependants"] = [{"name": "周小宝", "kind": "minor"}]
    answer = await office.post_report(form)
    assert answer.status_code == 201, answer.text
    await settled(office)
    case: dict[str, Any] = answer.json()
    return case


async def test_checks_of_several_databases_run_in_the_order_of_their_instants(quiet: Office) -> None:
    cases = []
    for _ in range(3):
        cases.append(await case_of(quiet))
        quiet.clock.advance(timedelta(minutes=50))
    moved = await demo(quiet, "clock", advance="P2D")
    assert moved.status_code == 200, moved.text
    assert moved.json()["fired"] >= 3 * 2 * 3
    told = []
    for case in cases:
        shown = await quiet.read(case["case_no"])
        for kind in (ALERT, TRANSPORT):
            late = row(shown, kind)
            (line,) = [
                one
                for one in shown["timeline"]
                if one["kind"] == "escalated" and one["procedure"] == late["id"]
            ]
            assert (
                line["at"] == late["due_at"]
            )  # heard at the instant itself: the system had settled before the next
            told.append(line["at"])
    since = NOW + timedelta(hours=3)
    lines = await quiet.rows("SELECT at FROM case_timeline WHERE at > :since ORDER BY seq", since=since)
    assert [one.at for one in lines] == sorted(one.at for one in lines)
    assert len(set(told)) >= 3


async def test_a_leap_and_many_small_steps_come_to_the_same(quiet: Office) -> None:
    leap, steps = await case_of(quiet), await case_of(quiet)
    fired = 0
    for _ in range(8):
        fired += (await demo(quiet, "clock", advance="PT6H")).json()["fired"]
    shown = [await quiet.read(case["case_no"]) for case in (leap, steps)]
    assert fired >= 2 * 2 * 3
    for kind in (ALERT, TRANSPORT):
        assert {row(one, kind)["escalation"] for one in shown} == {"county"}
    assert (await demo(quiet, "clock", advance="PT1S")).json()["fired"] == 0


async def test_silence_decides_nothing_in_a_year(quiet: Office) -> None:
    case = await case_of(quiet)
    before = {one["type"]: one["state"] for one in (await quiet.read(case["case_no"]))["procedures"]}
    moved = await demo(quiet, "clock", advance="P399D")
    assert moved.status_code == 200, moved.text
    after = {one["type"]: one["state"] for one in (await quiet.read(case["case_no"]))["procedures"]}
    assert after == before


async def test_an_offer_lapses_at_its_instant(quiet: Office) -> None:
    case = await case_of(quiet)
    lapses = datetime(2026, 3, 5, 8, 30, tzinfo=TZ)
    await quiet.rows(
        "UPDATE case_procedures SET lapses_at = :at WHERE type = 'funeral.memorial' RETURNING 1", at=lapses
    )
    await demo(quiet, "clock", advance="P30D")
    memorial = row(await quiet.read(case["case_no"]), "funeral.memorial")
    assert (memorial["state"], memorial["ended_at"]) == ("not_applicable", lapses.isoformat())


async def test_checks_that_never_run_are_told_as_stuck() -> None:
    patience = Patience(stuck_seconds=0.0)
    await patience.after(1, NOW)
    with pytest.raises(DoesNotSettle) as stuck:
        await patience.after(0, NOW)
    assert stuck.value.extra["moving"] == [
        {"where": "clock", "what": "checks", "due_at": NOW.isoformat(timespec="seconds")}
    ]


async def test_a_check_another_worker_holds_for_a_moment_is_waited_for() -> None:
    """Nothing ran: the other worker gets its moment, and what runs then lets the clock go on at once."""
    patience = Patience(stuck_seconds=30.0)
    other = asyncio.create_task(asyncio.sleep(0))
    await patience.after(0, NOW)
    assert other.done()
    idle = asyncio.create_task(asyncio.sleep(0))
    await patience.after(2, NOW)
    assert not idle.done()
    await idle
