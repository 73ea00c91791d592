"""Withdraw, correct, revoke, answer offers: by whom, on which version, and what follows."""

from typing import Any

import pytest

from kernel.public_service.access import Role
from tests.gateway.office import Office, row

DIED_EARLIER = {"/deceased/died_at": "2026-02-27T10:00:00+08:00"}


def citizen(office: Office, case_person: Any) -> Any:
    return office.client(Role.CITIZEN, person=case_person)


async def test_a_stale_version_is_refused_with_the_current_one(office: Office) -> None:
    case = await office.report()
    first = await office.act(
        office.clerk, case["case_no"], "corrections", changes=DIED_EARLIER, reason="核实", version=1
    )
    assert (first.status_code, first.json()["version"]) == (202, 2)
    stale = await office.act(office.clerk, case["case_no"], "withdrawal", reason="家属要求", version=1)
    assert (stale.status_code, stale.json()["code"], stale.json()["current_version"]) == (
        409,
        "stale_version",
        2,
    )


async def test_a_correction_changes_the_date_and_tells_on_the_timeline(office: Office) -> None:
    case = await office.report()
    answer = await office.act(
        office.clerk, case["case_no"], "corrections", changes=DIED_EARLIER, reason="核实", version=1
    )
    assert answer.json()["occurred_at"] == "2026-02-27T10:00:00+08:00"
    assert "corrected" in [line["kind"] for line in answer.json()["timeline"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"/deceased/died_at": "2027-01-01T00:00:00+08:00"}, "/changes/~1deceased~1died_at"),
        ({"/deceased/colour": "red"}, "/changes/~1deceased~1colour"),
        ({"/deceased/place": None}, "/changes/~1deceased~1place"),
        ({"deceased": 1}, "/changes/deceased"),
        ({"/heirs/7/name": "甲"}, "/changes/~1heirs~17~1name"),
    ],
)
async def test_a_faulty_correction_points_at_the_change(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    case = await office.report()
    answer = await office.act(
        office.clerk, case["case_no"], "corrections", changes=changes, reason="核实", version=1
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert (await office.read(case["case_no"]))["version"] == 1


async def test_a_correction_that_changes_nothing_is_told_so(office: Office) -> None:
    case = await office.report()
    changes = {"/deceased/place": "home"}
    answer = await office.act(
        office.clerk, case["case_no"], "corrections", changes=changes, reason="核实", version=1
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "nothing_changed")


async def test_the_number_of_another_registered_person_is_no_correction(office: Office) -> None:
    case = await office.report()
    other = office.couple()[0]
    answer = await office.act(
        office.clerk, case["case_no"], "corrections", changes={"/deceased/id_number": other.id_number},
        reason="号码填错", version=1,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (409, "another_persons_number")
    assert "转到正确的人" in answer.json()["how"]


async def test_withdrawing_before_confirmation_ends_every_row_that_was_not_sent(office: Office) -> None:
    case = await office.report(remains="cremation")
    answer = await office.act(office.clerk, case["case_no"], "withdrawal", reason="家属要求", version=1)
    assert (answer.status_code, answer.json()["status"]) == (202, "withdrawing")
    assert row(answer.json(), "funeral.transport")["state"] == "withdrawn"
    assert row(answer.json(), "assistance.stop_benefits")["state"] == "withdrawn"


@pytest.mark.parametrize("path", ["withdrawal", "corrections"])
async def test_a_case_on_its_way_out_takes_no_second_withdrawal_and_no_correction(
    office: Office, path: str
) -> None:
    case = await office.report()
    await office.act(office.clerk, case["case_no"], "withdrawal", reason="家属要求", version=1)
    body: dict[str, Any] = {"reason": "再次", "version": 2}
    if path == "corrections":
        body["changes"] = DIED_EARLIER
    answer = await office.act(office.clerk, case["case_no"], path, **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "case_ends_already")


async def test_the_family_cannot_withdraw_what_the_state_must_do(office: Office) -> None:
    case = await office.report()
    duty = row(case, "assistance.hold_payments")["id"]
    answer = await office.act(
        office.clerk, case["case_no"], "withdrawal", reason="家属要求", procedures=[duty], version=1
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yours_to_withdraw")


async def test_the_applicant_never_revokes(office: Office) -> None:
    dead, spouse = office.couple()
    case = (await office.post_report(office.form(dead, spouse))).json()
    answer = await office.act(
        citizen(office, spouse.person), case["case_no"], "revocation",
        kind="wrong_match", reason="弄错了", basis="无", version=1,
    )  # fmt: skip
    assert answer.status_code == 403


async def test_the_countys_revocation_is_the_signature(office: Office) -> None:
    case = await office.report()
    answer = await office.act(
        office.supervisor,
        case["case_no"],
        "revocation",
        kind="wrong_match",
        reason="同名误报",
        basis="更正函",
        version=1,
    )
    assert (answer.status_code, answer.json()["status"]) == (202, "revoking")


async def test_a_departments_revocation_waits_for_the_countys_signature(office: Office) -> None:
    case = await office.report()
    health = office.client(Role.DEPARTMENT, region="000000", owner="health")
    asked = await office.act(
        health,
        case["case_no"],
        "revocation",
        kind="certificate_void",
        reason="证明作废",
        basis="公函",
        version=1,
    )
    assert (asked.status_code, asked.json()["status"]) == (202, "in_progress")
    task = await sign_task(office)
    async with office.supervisor as http:
        signed = await http.post(
            f"/api/v1/tasks/{task['id']}/decision", json={"decision": "sign", "version": task["version"]}
        )
    assert (signed.status_code, signed.json()["status"]) == (200, "revoking")


async def test_the_county_may_decline_a_departments_request(office: Office) -> None:
    case = await office.report()
    court = office.client(Role.DEPARTMENT, region="000000", owner="court")
    await office.act(
        court, case["case_no"], "revocation", kind="court_revoked", reason="判决", basis="文书", version=1
    )
    task = await sign_task(office)
    async with office.supervisor as http:
        body = {"decision": "decline", "version": task["version"]}
        silent = await http.post(f"/api/v1/tasks/{task['id']}/decision", json=body)
        declined = await http.post(
            f"/api/v1/tasks/{task['id']}/decision", json={**body, "reason": "文书不符"}
        )
    assert silent.json()["errors"][0]["field"] == "/reason"
    assert (declined.status_code, declined.json()["status"]) == (200, "in_progress")
    assert (await office.read(case["case_no"], office.supervisor))["tasks"] == []


async def sign_task(office: Office) -> dict[str, Any]:
    """The signing task as the supervisor's list shows it."""
    async with office.supervisor as http:
        items = (await http.get("/api/v1/tasks")).json()["items"]
    task: dict[str, Any] = next(item for item in items if item["step"] == "sign_revocation")
    return task


@pytest.mark.parametrize("owner", ["tax", "human_resources"])
async def test_other_departments_cannot_ask_for_a_revocation(office: Office, owner: str) -> None:
    case = await office.report()
    department = office.client(Role.DEPARTMENT, region="000000", owner=owner)
    answer = await office.act(
        department, case["case_no"], "revocation", kind="wrong_match", reason="不符", basis="函", version=1
    )
    assert answer.status_code == 403


async def test_an_accepted_offer_raises_the_version_and_waits_for_its_turn(office: Office) -> None:
    case = await office.report()
    offer = row(case, "funeral.memorial")["id"]
    answer = await office.act(office.clerk, case["case_no"], f"offers/{offer}", answer="accept", version=1)
    assert (answer.status_code, answer.json()["version"]) == (202, 2)
    assert row(answer.json(), "funeral.memorial")["state"] == "waiting"


async def test_a_declined_offer_ends(office: Office) -> None:
    case = await office.report()
    offer = row(case, "funeral.memorial")["id"]
    answer = await office.act(office.clerk, case["case_no"], f"offers/{offer}", answer="decline", version=1)
    ended = row(answer.json(), "funeral.memorial")
    assert (ended["state"], ended["reason"]) == ("not_applicable", "declined")


async def test_an_offer_is_answered_once(office: Office) -> None:
    case = await office.report()
    offer = row(case, "funeral.memorial")["id"]
    await office.act(office.clerk, case["case_no"], f"offers/{offer}", answer="accept", version=1)
    again = await office.act(office.clerk, case["case_no"], f"offers/{offer}", answer="decline", version=2)
    assert (again.status_code, again.json()["code"]) == (409, "offer_gone")


async def test_an_offer_takes_the_answers_its_procedure_needs_and_no_others(office: Office) -> None:
    case = await office.report()
    offer = row(case, "human_resources.survivor_benefit")["id"]
    foreign = await office.act(
        office.clerk,
        case["case_no"],
        f"offers/{offer}",
        answer="accept",
        data={"/wishes/memorial": True},
        version=1,
    )
    assert foreign.status_code == 422
    account = {"/applicant/bank_account": "6222020200000000000"}
    answer = await office.act(
        office.clerk, case["case_no"], f"offers/{offer}", answer="accept", data=account, version=1
    )
    assert answer.status_code == 202, answer.text
    assert row(answer.json(), "human_resources.survivor_benefit")["state"] == "waiting"


async def test_a_paper_is_kept_sealed_and_raises_the_version(office: Office) -> None:
    case = await office.report()
    async with office.clerk as http:
        answer = await http.post(
            f"/api/v1/cases/{case['case_no']}/materials", data={"version": "1", "material": "power_of_attorney"},
            files={"file": ("a.pdf", b"%PDF-1.7 secret words", "application/pdf")},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["version"]) == (202, 2), answer.text
    (kept,) = await office.rows("SELECT media_type, size_bytes, sealed::text AS sealed FROM case_materials")
    assert (kept.media_type, kept.size_bytes) == ("application/pdf", 21)
    assert "secret" not in kept.sealed


@pytest.mark.parametrize(
    ("content", "material", "status"),
    [
        (b"MZ\x00\x00", "other", 422),
        (b"%PDF-" + b"0" * 6_000_000, "other", 413),
        (b"%PDF-1", "love_letter", 422),
    ],
)
async def test_a_paper_of_another_kind_or_size_is_refused(
    office: Office, content: bytes, material: str, status: int
) -> None:
    case = await office.report()
    async with office.clerk as http:
        answer = await http.post(
            f"/api/v1/cases/{case['case_no']}/materials", data={"version": "1", "material": material},
            files={"file": ("a.pdf", content, "application/pdf")},
        )  # fmt: skip
    assert answer.status_code == status
    assert await office.rows("SELECT 1 FROM case_materials") == []
