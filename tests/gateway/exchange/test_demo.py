"""The demo's routes: settle, clock, departments; 404 where the demo profile is off."""

import base64
import os
from datetime import timedelta

import httpx
import pytest

from deploy.local.departments.app import Departments
from gateway.demo.durations import after
from gateway.main import make_service
from gateway.settings import GatewaySettings
from kernel.errors import Unprocessable
from kernel.public_service.calendar import WorkingCalendar
from kernel.testing import eventually
from tests.gateway.exchange.house import CERTIFICATE, NOON, House
from tests.gateway.exchange.test_modes import set_mode


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


def open_app(house: House) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(house.service.app), base_url="http://gateway")


async def relayed(house: House) -> None:
    """No service listens in these tests: their messages are taken as read."""
    async with house.desk.transactions.begin() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM outbox")


async def test_settle_waits_for_prompt_departments_and_tells_what_still_moves(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "health", "slow", 30)
    await house.report(number)
    await relayed(house)
    async with house.service.running(), open_app(house) as http:
        moving = (await http.post("/demo/settle", json={"timeout_seconds": 0.3})).json()
        assert moving["settled"] is False
        assert {"where": "gateway", "what": "deliveries", "count": 1} in moving["moving"]
        await set_mode(house, "health", "silent")
        assert (await http.post("/demo/settle", json={"timeout_seconds": 5})).json() == {
            "settled": True,
            "moving": [],
        }


async def test_the_clock_runs_each_check_at_its_own_instant(house: House, number: str) -> None:
    async with house.desk.open() as tx:
        await tx.connection.exec_driver_sql("INSERT INTO demo_departments VALUES ('health', 'silent', 0)")
    filed = await house.report(number)
    await relayed(house)
    due = (await house.deliveries(filed.case, CERTIFICATE))[0]
    async with house.service.running(), open_app(house) as http:
        moved = (await http.post("/demo/clock", json={"advance": "P60D"})).json()
    assert moved["fired"] >= 3
    assert house.clock.now() == NOON + timedelta(days=60)
    lines = await house.all(
        "SELECT at FROM case_timeline WHERE case_id = :case AND actor = 'clock' ORDER BY at", case=filed.case
    )
    row = await house.row(filed.case, CERTIFICATE)
    assert row["escalation"] == 3
    assert row["task"]["opened_at"].startswith(due["due_at"].astimezone(NOON.tzinfo).isoformat()[:19])
    assert all(line["at"] <= house.clock.now() for line in lines)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"advance": "P500D"}, 422),
        ({"advance": "soon"}, 422),
        ({"set": "2026-01-01T00:00:00+08:00"}, 409),
        ({}, 422),
        ({"advance": "P1D", "set": "2026-04-01T00:00:00+08:00"}, 422),
    ],
)
async def test_the_clock_goes_forward_by_at_most_400_days(house: House, body: dict, status: int) -> None:
    async with house.service.running(), open_app(house) as http:
        assert (await http.post("/demo/clock", json=body)).status_code == status
    assert house.clock.now() == NOON


def test_a_duration_in_months_follows_the_calendar() -> None:
    calendar = WorkingCalendar.load()
    start = NOON.replace(month=1, day=31)
    assert after(start, "P1M", calendar).date().isoformat() == "2026-02-28"
    assert after(start, "P1Y2DT3H", calendar) == start.replace(year=2027, month=2, day=2, hour=15)
    for nonsense in ("P", "30D", "PT", "P-1D", "P1H"):
        with pytest.raises(Unprocessable):
            after(start, nonsense, calendar)


async def test_the_mode_of_a_department_is_stored_even_when_its_simulator_is_away(house: House) -> None:
    async with house.service.running(), open_app(house) as http:
        away = await http.put("/demo/departments/health", json={"mode": "slow", "delay_seconds": 3})
        assert (away.status_code, away.json()["code"]) == (503, "simulator_away")
        listed = (await http.get("/demo/departments")).json()
        assert {one["id"]: (one["mode"], one["delay_seconds"]) for one in listed}["health"] == ("slow", 3.0)
        assert (await http.put("/demo/departments/nobody", json={"mode": "slow"})).status_code == 404
        assert (await http.put("/demo/departments/health", json={"mode": "rude"})).status_code == 422


async def test_every_department_and_every_role_can_sign_in(house: House) -> None:
    async with open_app(house) as http:
        users = (await http.get("/demo/users")).json()
        owners = {one["owner"] for one in users if one["role"] == "department"}
        assert owners == set(house.desk.catalogue.departments)
        assert {"window_clerk", "township_officer", "county_supervisor", "auditor", "operator"} <= {
            one["role"] for one in users
        }


async def test_outside_the_demo_profile_there_is_no_demo(house: House) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    settings = GatewaySettings(
        database_url=house.desk.settings.database_url, profile="production", service_key="s" * 32, token_key="t" * 40,
        sealing_key=key, blind_index_key=key,
    )  # fmt: skip
    service = make_service(settings)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://gateway"
    ) as http:
        for path in ("users", "people", "clock", "departments", "messages"):
            assert (await http.get(f"/demo/{path}")).status_code == 404
        assert (await http.post("/demo/clock", json={"advance": "P1D"})).status_code == 404
    await service.close()


async def test_a_slow_answer_still_to_come_is_waited_for(
    house: House, departments: Departments, number: str
) -> None:
    await set_mode(house, "health", "slow", 0.3)
    filed = await house.report(number)

    async def quiet() -> bool:
        await relayed(house)
        async with open_app(house) as http:
            return (await http.post("/demo/settle", json={"timeout_seconds": 1})).json()["settled"]

    async with house.service.running():
        await eventually(quiet)
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "done"
