"""A grant for months before a recorded death: nothing is paid before the county of the place has signed."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from kernel.public_service.access import Role
from tests.gateway.browsing import browser, form_of, words_of
from tests.gateway.office import COUNTY, OTHER_COUNTY, Office

LIST = "/api/v1/allowances/in-check"


@pytest.fixture
async def in_check(working: Office) -> tuple[Office, str, Any]:
    """Somebody died in February; in March a grant from January comes in."""
    dead, _ = working.couple()
    await working.rows(
        "INSERT INTO person_locks (person, dead_from) VALUES (:p, '2026-03-01') RETURNING 1",
        "eldercare",
        p=dead.person,
    )
    service = working.services["eldercare"]
    headers = {"X-Service-Key": service.settings.service_key.get_secret_value()}
    body = {
        "person": str(dead.person), "kind": "elder_service_subsidy", "payee": str(dead.person), "amount_fen": 10000,
        "granted_on": "2026-01-05", "region": COUNTY,
    }  # fmt: skip
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://eldercare", headers=headers) as http:
        answer = await http.post("/internal/v1/care/allowances", json=body)
    assert answer.status_code == 201, answer.text
    return working, str(answer.json()["id"]), dead


async def checks(
    client: httpx.AsyncClient,
    grant: str,
    decision: str = "pay",
    reason: str = "去世前已符合条件",
    key: str = "",
) -> httpx.Response:
    async with client as http:
        return await http.post(
            f"/api/v1/allowances/{grant}/check", json={"decision": decision, "reason": reason},
            headers={"Idempotency-Key": key or str(uuid4())},
        )  # fmt: skip


async def standing(office: Office, grant: str) -> tuple[Any, ...]:
    (row,) = await office.rows(
        "SELECT state, checked_by, check_reason FROM allowances WHERE id = :id", "eldercare", id=grant
    )
    return tuple(row)


async def test_the_county_signs_once_and_the_reason_is_kept(in_check: tuple[Office, str, Any]) -> None:
    office, grant, dead = in_check
    async with office.supervisor as http:
        (shown,) = (await http.get(LIST)).json()["items"]
    assert (shown["id"], shown["name"], shown["ends_after"]) == (grant, dead.name, "2026-02-01")
    assert await standing(office, grant) == ("in_check", None, None)
    first = await checks(office.supervisor, grant, key="k")
    again = await checks(office.supervisor, grant, key="k")
    late = await checks(office.supervisor, grant, "refuse")
    assert (first.status_code, again.json()) == (200, first.json()), first.text
    assert (late.status_code, late.json()["code"]) == (409, "grant_not_in_check")
    assert await standing(office, grant) == ("active", f"county_supervisor-{COUNTY}", "去世前已符合条件")
    lines = await office.rows("SELECT object, purpose FROM audit_log WHERE action = 'check_grant'")
    assert [tuple(line) for line in lines] == [(f"allowance:{grant}", "pay")]


async def test_nobody_else_signs_and_no_grant_that_is_in_no_check_is_known(
    in_check: tuple[Office, str, Any],
) -> None:
    office, grant, _ = in_check
    other = office.client(Role.COUNTY_SUPERVISOR, region=OTHER_COUNTY)
    assert (await checks(other, grant)).status_code == 404
    async with office.client(Role.COUNTY_SUPERVISOR, region=OTHER_COUNTY) as http:
        assert (await http.get(LIST)).json()["items"] == []
    for role in (Role.WINDOW_CLERK, Role.TOWNSHIP_OFFICER, Role.FINANCE):
        assert (await checks(office.client(role), grant)).status_code == 403
    assert (await checks(office.supervisor, grant, reason=" ")).status_code == 422
    (running,) = await office.rows("SELECT id FROM allowances WHERE state = 'active' LIMIT 1", "eldercare")
    assert (await checks(office.supervisor, str(running.id))).json()["code"] == "grant_unknown"
    assert (await standing(office, grant))[0] == "in_check"


async def test_the_countys_page_refuses_with_a_reason_and_asks_for_one(
    in_check: tuple[Office, str, Any],
) -> None:
    office, grant, dead = in_check
    async with browser(office, Role.COUNTY_SUPERVISOR) as http:
        assert 'href="/grant-checks"' in (await http.get("/desk")).text
        shown = await http.get("/grant-checks")
        form = form_of(shown.text, f"/grant-checks/{grant}")
        assert dead.name in words_of(shown.text) and "100.00 元" in words_of(shown.text)
        missing = await http.post(form.action, data={**form.hidden, "decision": "refuse", "reason": ""})
        assert missing.status_code == 422 and 'role="alert"' in missing.text
        done = await http.post(
            form.action, data={**form.hidden, "decision": "refuse", "reason": "不符合条件"}
        )
    assert "已签批，不发" in words_of(done.text) and "现在没有要签批的津贴" in words_of(done.text)
    assert (await standing(office, grant))[0] == "refused"
