"""Money acts at the gateway: the list over both owners, what came back, and the payment run (R24, R95, SA-077)."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kernel.public_service.access import COOKIE, Role
from kernel.testing import eventually
from tests.eldercare.test_on_the_whole_system import reported_late
from tests.gateway.office import COUNTY, Office, household

ROWS = {"assistance": "assistance.overpayment", "eldercare": "eldercare.overpayment"}
OVERPAYMENTS, RUNS = "/api/v1/overpayments", "/api/v1/payment-runs"


def resident() -> Any:
    """Lives in a care home: both owners pay, and nobody has met the person since."""
    return household("care_home_resident").persons[0]


def finance(office: Office, region: str = COUNTY) -> httpx.AsyncClient:
    return office.client(Role.FINANCE, region=region)


async def listed(office: Office, least: int = 0, **query: Any) -> list[dict[str, Any]]:
    """The list as finance reads it, once it has that many."""

    async def found() -> list[dict[str, Any]] | None:
        async with finance(office) as http:
            answer = await http.get(OVERPAYMENTS, params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items if len(items) >= least else None

    return await eventually(found) if least else (await found() or [])


async def task_of(office: Office, role: Role, region: str, owner: str, step: str) -> dict[str, Any]:
    """Row 9d's task, once it lies at that desk."""

    async def found() -> list[dict[str, Any]]:
        async with office.client(role, region=region) as http:
            items = (await http.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
        return [item for item in items if item["type"] == ROWS[owner] and item["step"] == step]

    (task,) = await eventually(found)
    return task


async def decide(
    office: Office, role: Role, region: str, owner: str, step: str, decision: str, **data: Any
) -> None:
    """Row 9d's task of that owner at that desk."""
    task = await task_of(office, role, region, owner, step)
    body = {"decision": decision, "reason": "去世后多发", "data": data, "version": task["version"]}
    async with office.client(role, region=region) as http:
        answer = await http.post(f"/api/v1/tasks/{task['id']}/decision", json=body)
    assert answer.status_code == 200, answer.text


async def signed(office: Office, dead: Any, owner: str) -> dict[str, Any]:
    """A signed claim of that owner."""
    await decide(office, Role.TOWNSHIP_OFFICER, dead.region, owner, "examine", "propose", way="instalments")
    await decide(office, Role.COUNTY_SUPERVISOR, COUNTY, owner, "decide", "recover", instalments=3)
    (record,) = [one for one in await listed(office) if one["owner"] == owner]
    return record


async def repay(office: Office, record: dict[str, Any], amount_fen: int, **more: Any) -> httpx.Response:
    body = {
        "amount_fen": amount_fen, "received_on": "2026-03-01", "reference": "B-7", "version": record["version"],
        **more,
    }  # fmt: skip
    async with finance(office) as http:
        return await http.post(f"{OVERPAYMENTS}/{record['id']}/repayments", json=body)


async def test_finance_sees_what_both_owners_paid_too_much_in_one_list_and_in_the_same_words(
    working: Office,
) -> None:
    dead = resident()
    await reported_late(working, dead)
    await listed(working, least=2)
    found = await listed(working)
    assert {one["owner"] for one in found} == {"assistance", "eldercare"}
    assert len({tuple(sorted(one)) for one in found}) == 1
    assert {one["state"] for one in found} == {"found"} and all(one["letter_from"] is None for one in found)
    assert [one["id"] for one in found] == sorted(one["id"] for one in found)
    assert all("*" in one["person_name"] and one["person_name"] != dead.name for one in found)
    pages = []
    async with finance(working) as http:
        after: dict[str, str] = {}
        while after is not None and len(pages) < 9:
            page = (await http.get(OVERPAYMENTS, params={"limit": 1, **after})).json()
            pages += page["items"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
    assert [one["id"] for one in pages] == [one["id"] for one in found]
    assert {one["owner"] for one in await listed(working, owner="eldercare")} == {"eldercare"}
    assert await listed(working, state="settled") == []


async def test_a_repayment_is_booked_at_its_owner_once_and_kept_on_the_audit_log(working: Office) -> None:
    dead = resident()
    await reported_late(working, dead)
    for owner in ROWS:
        record = await signed(working, dead, owner)
        answers = [await repay(working, record, 1_000) for _ in range(2)]
        assert [(one.status_code, one.json()["repaid_fen"]) for one in answers] == [(200, 1_000)] * 2
        stale = await repay(working, record, 1_000, reference="B-8")
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
        later = answers[0].json()
        other = await repay(working, later, 2_000)
        assert (other.status_code, other.json()["code"]) == (409, "reference_used")
        async with working.client(Role.COUNTY_SUPERVISOR) as http:
            refused = await http.post(
                f"{OVERPAYMENTS}/{record['id']}/repayments",
                json={
                    "amount_fen": 1,
                    "received_on": "2026-03-01",
                    "reference": "B",
                    "version": later["version"],
                },
            )
        assert refused.status_code == 403
        moved = await working.rows("SELECT reference, recorded_by FROM overpayment_movements", service=owner)
        assert [tuple(one) for one in moved] == [("B-7", f"finance-{COUNTY}")]
        lines = await working.rows(
            "SELECT actor FROM audit_log WHERE action = 'record_repayment' AND object = :o",
            o=f"overpayment:{record['id']}",
        )
        assert {one.actor for one in lines} == {f"finance-{COUNTY}"}


async def test_another_county_learns_nothing_of_a_record(working: Office) -> None:
    await reported_late(working, working.couple()[0])
    (record,) = await listed(working, least=1)
    async with finance(working, "430121") as http:
        answers = [
            await http.get(f"{OVERPAYMENTS}/{record['id']}"),
            await http.get(OVERPAYMENTS, params={"region": COUNTY}),
            await http.get(f"{OVERPAYMENTS}/{uuid4()}"),
        ]
        own = (await http.get(OVERPAYMENTS)).json()["items"]
    assert [one.status_code for one in answers] == [404, 404, 404] and own == []


@pytest.mark.parametrize(
    ("owner", "code"), [("assistance", "decided_by_task"), ("eldercare", "decided_at_the_desk")]
)
async def test_while_the_row_runs_a_record_is_decided_by_its_task_only(
    working: Office, owner: str, code: str
) -> None:
    dead = resident()
    await reported_late(working, dead)
    await task_of(working, Role.TOWNSHIP_OFFICER, dead.region, owner, "examine")
    (record,) = await listed(working, owner=owner)
    async with working.client(Role.TOWNSHIP_OFFICER, region=record["region"]) as http:
        answer = await http.post(
            f"{OVERPAYMENTS}/{record['id']}/proposal",
            json={"proposal": "waive", "reason": "核对", "version": record["version"]},
        )
    assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_month_paid_twice_is_proposed_signed_by_another_and_told(working: Office) -> None:
    elder = working.couple()[0]
    (holding,) = await working.rows(
        "SELECT id, region, paid_through FROM allowances WHERE person = :p",
        service="eldercare",
        p=elder.person,
    )
    month = f"{holding.paid_through:%Y-%m}"
    service = working.services["eldercare"]
    key = service.settings.service_key.get_secret_value()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://e", headers={"X-Service-Key": key}
    ) as http:
        await http.post(
            f"/internal/v1/care/allowances/{holding.id}/payments",
            json={"from_month": month, "through_month": month},
        )
    (record,) = await listed(working)
    assert (record["found"], record["months"]) == ("paid_twice", [month])

    async def act(role: Role, region: str, what: str, **body: Any) -> httpx.Response:
        async with working.client(role, region=region) as http:
            now = (await http.get(f"{OVERPAYMENTS}/{record['id']}")).json()
            return await http.post(
                f"{OVERPAYMENTS}/{record['id']}/{what}", json={"version": now["version"], **body}
            )

    early = await act(Role.COUNTY_SUPERVISOR, COUNTY, "decision", decision="sign")
    assert (early.status_code, early.json()["code"]) == (409, "overpayment_not_there")
    proposed = await act(
        Role.COUNTY_SUPERVISOR, COUNTY, "proposal", proposal="recover", instalments=2, reason="同月发放两次"
    )
    assert (proposed.json()["state"], proposed.json()["proposal"], proposed.json()["decision"]) == (
        "proposed", "recover", None,
    )  # fmt: skip
    own = await act(Role.COUNTY_SUPERVISOR, COUNTY, "decision", decision="sign")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    answer = await act(Role.COUNTY_SUPERVISOR, "331000", "decision", decision="sign")
    assert (answer.json()["state"], answer.json()["letter_from"]) == ("decided", "2026-03-02")
    assert (await act(Role.COUNTY_SUPERVISOR, COUNTY, "notice")).json()["state"] == "notified"


async def test_a_payment_run_is_previewed_prepared_and_released_by_finance(working: Office) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    asked = {"region": COUNTY, "month": "2026-04"}
    async with finance(working) as http:
        seen = (await http.get(f"{RUNS}/preview", params=asked)).json()
        made = [await http.post(RUNS, json=asked, headers=key) for _ in range(2)]
        run = made[0].json()
        paid = [await http.post(f"{RUNS}/{run['id']}/release") for _ in range(2)]
        shown = (await http.get(f"{RUNS}/{run['id']}")).json()
        listed_runs = (await http.get(RUNS)).json()["items"]
    assert (seen["state"], seen["id"]) == ("preview", None)
    assert [one.status_code for one in made] == [201, 201] and made[1].json()["id"] == run["id"]
    assert (run["state"], run["prepared_by"]) == ("prepared", f"finance-{COUNTY}") and run["total_fen"] > 0
    assert [one.json()["state"] for one in paid] == ["released"] * 2 and shown[
        "released_by"
    ] == f"finance-{COUNTY}"
    assert sum(kind["total_fen"] for kind in shown["by_kind"]) == shown["total_fen"] == run["total_fen"]
    assert [one["id"] for one in listed_runs] == [run["id"]]
    lines = await working.rows(
        "SELECT action FROM audit_log WHERE object = :o ORDER BY seq", o=f"payment_run:{run['id']}"
    )
    assert [line.action for line in lines] == ["prepare_payments", "release_payments", "release_payments"]
    async with working.client(Role.FINANCE, region="430121") as http:
        assert (await http.get(f"{RUNS}/{run['id']}")).status_code == 404
        assert (await http.post(f"{RUNS}/{run['id']}/release")).json()["code"] == "payment_run_unknown"
    async with working.client(Role.COUNTY_SUPERVISOR) as http:
        assert (await http.get(f"{RUNS}/{run['id']}")).status_code == 200
        assert (await http.post(f"{RUNS}/{run['id']}/release")).status_code == 403


async def browser(office: Office, role: Role) -> httpx.AsyncClient:
    """A browser with a session cookie that follows redirects."""
    token = office.client(role).headers["authorization"].removeprefix("Bearer ")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(office.services["gateway"].app), base_url="http://gateway",
        cookies={COOKIE: token}, follow_redirects=True,
    )  # fmt: skip


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form in the main part."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.split("<main")[1]))


async def test_finance_previews_makes_and_pays_a_run_on_the_pages(working: Office) -> None:
    async with await browser(working, Role.FINANCE) as http:
        preview = (await http.get("/money/runs", params={"month": "2026-04"})).text
        assert "什么也不写" in preview
        made = await http.post("/money/runs", data=hidden(preview))
        assert "已制作，还没有付款" in made.text
        paid = await http.post(made.url.path, data=hidden(made.text))
        assert "已付款" in paid.text and ">付款</button>" not in paid.text
        assert made.url.path in (await http.get("/money/runs")).text
    async with await browser(working, Role.COUNTY_SUPERVISOR) as http:
        assert "制作这个批次" not in (await http.get("/money/runs", params={"month": "2026-05"})).text
        assert (await http.get(made.url.path)).status_code == 200
    async with await browser(working, Role.WINDOW_CLERK) as http:
        assert (await http.get("/money/overpayments")).status_code == 403


async def test_finance_books_what_came_back_on_the_page_and_is_told_what_is_wrong(working: Office) -> None:
    dead = resident()
    await reported_late(working, dead)
    record = await signed(working, dead, "assistance")
    at = f"/money/overpayments/{record['id']}"
    given = {"amount": "10.50", "received_on": "2026-03-01", "reference": "B-7"}
    async with await browser(working, Role.FINANCE) as http:
        found = (await http.get("/money/overpayments")).text
        assert at in found and "已签署，等退回" in found and dead.name not in found
        form = hidden((await http.get(at)).text)
        wrong = await http.post(at, data={**form, **given, "amount": "99999999"})
        assert wrong.status_code in (409, 422) and 'role="alert"' in wrong.text and "B-7" in wrong.text
        booked = await http.post(at, data={**hidden(wrong.text), **given})
        assert booked.status_code == 200 and "10.50 元" in booked.text
