"""Elder care behind the gateway: a late report, money already paid, and a person who lives after all."""

from typing import Any
from uuid import uuid4

import httpx

from deploy.local.people.model import SyntheticPerson
from kernel.public_service.access import Role
from kernel.testing import eventually
from tests.gateway.office import COUNTY, Office, household, row

STOP, ROW = "eldercare.stop_benefits", "eldercare.overpayment"
DIED_AT = "2026-01-20T06:20:00+08:00"


async def reported_late(office: Office, dead: SyntheticPerson) -> str:
    """The health department's own report of a death six weeks ago."""
    deceased = {
        "name": dead.name, "id_number": dead.id_number, "died_at": DIED_AT, "place": "home", "place_region": COUNTY,
    }  # fmt: skip
    body = {
        "life_event": "death", "source_no": f"L-{dead.person}", "source_version": 1, "occurred_at": DIED_AT,
        "form": {"deceased": deceased},
    }  # fmt: skip
    async with office.client(Role.DEPARTMENT, region="000000", owner="health") as http:
        answer = await http.post("/exchange/v1/life-events", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["case_no"])


async def task_of(office: Office, role: Role, region: str, step: str) -> dict[str, Any]:
    """The task of row 9d at that desk, once it is there."""

    async def found() -> list[dict[str, Any]]:
        async with office.client(role, region=region) as http:
            items = (await http.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
        return [item for item in items if item["type"] == ROW and item["step"] == step]

    (task,) = await eventually(found)
    return dict(task)


async def decide(office: Office, role: Role, region: str, step: str, decision: str, **data: Any) -> Any:
    task = await task_of(office, role, region, step)
    body = {"decision": decision, "reason": "去世后多发", "data": data, "version": task["version"]}
    async with office.client(role, region=region) as http:
        answer = await http.post(
            f"/api/v1/tasks/{task['id']}/decision", json=body, headers={"Idempotency-Key": str(uuid4())}
        )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_a_late_report_finds_overpaid_is_proposed_signed_and_kept_quiet_until_it_is_revoked(
    working: Office,
) -> None:
    dead, _ = working.couple()
    case_no = await reported_late(working, dead)
    await decide(working, Role.TOWNSHIP_OFFICER, dead.region, "examine", "propose", way="instalments")
    case = await working.read(case_no)
    over = [line["overpaid_fen"] for line in row(case, STOP)["result"]["stopped"]]
    assert (row(case, STOP)["state"], row(case, ROW)["result"]) == ("done", {}) and sum(over) > 0
    await decide(working, Role.COUNTY_SUPERVISOR, COUNTY, "decide", "recover", instalments=3)
    case = await working.read(case_no)
    assert (row(case, ROW)["state"], row(case, ROW)["result"], row(case, ROW)["tasks"]) == ("open", {}, [])

    revoked = await working.act(
        working.supervisor, case_no, "revocation", kind="wrong_match", reason="认错了人", basis="核查记录",
        version=case["version"],
    )  # fmt: skip
    assert revoked.status_code == 202, revoked.text

    async def undone() -> bool:
        now = await working.read(case_no)
        return {row(now, kind)["state"] for kind in (STOP, ROW, "marriage.widowed")} == {"undone"}

    await eventually(undone)
    records = await working.rows("SELECT state, amount_fen FROM overpayments", service="eldercare")
    assert [tuple(record) for record in records] == [("cancelled", 0)]


async def care(office: Office, path: str, **body: Any) -> dict[str, Any]:
    """A route of the eldercare service, as a provider's system calls it."""
    service = office.services["eldercare"]
    key = service.settings.service_key.get_secret_value()
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://eldercare", headers={"X-Service-Key": key}
    ) as http:
        answer = await http.post(f"/internal/v1/care/{path}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def test_a_bed_given_away_before_the_revocation_stays_with_the_newcomer(working: Office) -> None:
    home = household("care_home_resident")
    resident, bed, newcomer = home.persons[0], home.beds[0], uuid4()
    await care(
        working,
        "bed-requests",
        person=str(newcomer),
        home=str(bed.home),
        asked_on="2026-02-01",
        priority="alone",
    )
    case_no = await reported_late(working, resident)

    async def offered() -> list[Any]:
        statement = "SELECT id FROM bed_offers WHERE person = :p AND state = 'open'"
        return await working.rows(statement, service="eldercare", p=newcomer)

    (offer,) = await eventually(offered)
    assert (await care(working, f"bed-offers/{offer.id}/answer", answer="accept"))["stay"]
    case = await working.read(case_no)
    revoked = await working.act(
        working.supervisor, case_no, "revocation", kind="certificate_void", reason="证明注销", basis="卫健来函",
        version=case["version"],
    )  # fmt: skip
    assert revoked.status_code == 202, revoked.text

    async def taken_back() -> Any:
        now = row(await working.read(case_no), STOP)
        return now if now["state"] == "undone" else None

    stop = await eventually(taken_back)
    assert [note["note"] for note in stop["result"]["notes"] if note["kind"] == "bed"] == ["bed_taken"]
    async with working.supervisor as http:
        waits = (await http.get(f"/api/v1/people/{resident.person}")).json()["waits"]
    assert [(wait["kind"], wait["state"]) for wait in waits] == [("bed_request", "waiting")]
