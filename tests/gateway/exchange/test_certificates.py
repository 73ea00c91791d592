"""An issuer's proof held against the form: who is meant, since when, under which number, and when it is issued anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, COUNTY, House
from tests.gateway.exchange.test_answers import answer, pulled
from tests.gateway.exchange.test_cancelling import of_type, run_checks_until
from tests.gateway.exchange.test_life_events import report, the_case

EARLIER = "2026-02-27T22:00:00+08:00"
HEIRS_MONEY = "human_resources.survivor_benefit"


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def proved(house: House, number: str, **data: Any) -> UUID:
    """A declared death that the health department answers with these words."""
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    assert await answer(house, "health", {"id": item["id"], "outcome": "done", "data": data}) == ["accepted"]
    return filed.case


async def tasks(house: House) -> list[str]:
    found = await house.all("SELECT kind FROM gateway_tasks WHERE closed_at IS NULL ORDER BY kind")
    return [task["kind"] for task in found]


@pytest.mark.parametrize(
    "data",
    [
        {"name": "另一人"},
        {"id_number": "999999194005060010"},
        {"sex": "female"},
        {"birth_date": "1941-05-06"},
    ],
)
async def test_a_proof_about_another_person_stops_nothing_and_tells_nobody(
    house: House, number: str, data: dict[str, str]
) -> None:
    known = house.people[number]
    if data.get("sex") == known.sex:
        data = {"sex": "male"}
    case = await proved(house, number, **data)
    row = await house.row(case, CERTIFICATE)
    assert (row["state"], row["reason"]) == ("stuck", "identity_mismatch")
    assert await tasks(house) == ["identity_doubt"]
    assert not (await the_case(house))["confirmed"]
    assert (await house.row(case, CANCELLATION))["state"] == "waiting"
    assert await pulled(house, "police") == []


async def test_a_proof_that_agrees_confirms(house: House, number: str) -> None:
    known = house.people[number]
    await proved(house, number, name=known.name, id_number=number, birth_date=known.birth_date.isoformat())
    assert (await the_case(house))["confirmed"] and await tasks(house) == []


@pytest.mark.parametrize("died_at", ["2026-09-01T08:00:00+08:00", "1930-01-01T08:00:00+08:00", "gestern"])
async def test_a_proof_that_cannot_be_true_is_looked_at_by_a_person(
    house: House, number: str, died_at: str
) -> None:
    case = await proved(house, number, died_at=died_at)
    row = await house.row(case, CERTIFICATE)
    assert (row["state"], row["reason"], await tasks(house)) == (
        "stuck", "evidence_unreadable", ["identity_doubt"],
    )  # fmt: skip


async def test_the_certificates_date_decides_before_anything_opens(house: House, number: str) -> None:
    await proved(house, number, died_at=EARLIER)
    case = await the_case(house)
    assert (case["occurred_at"], case["version"]) == (datetime.fromisoformat(EARLIER), 2)
    assert case["vouchers"]["/deceased/died_at"] == "health"
    asked = of_type(await pulled(house, "police"), CANCELLATION)
    assert (asked["kind"], asked["fields"]["/deceased/died_at"]) == ("task", EARLIER)
    assert len(await house.deliveries(case["id"], CERTIFICATE)) == 1


async def test_the_certificates_number_is_filled_in_and_is_no_correction(house: House, number: str) -> None:
    await proved(house, number, certificate_no="33-2026-0001")
    case = await the_case(house)
    assert (case["version"], case["vouchers"]) == (1, {"/deceased/certificate_no": "health"})
    asked = of_type(await pulled(house, "police"), CANCELLATION)
    assert asked["fields"]["/deceased/certificate_no"] == "33-2026-0001"


async def test_a_certificate_issued_anew_is_told_and_reopens_nothing(house: House, number: str) -> None:
    await report(house, "health", number, certificate_no="33-2026-0001")
    case = await the_case(house)
    await house.no_sign_of_life(case["id"])
    first = of_type(await pulled(house, "police"), CANCELLATION)
    await answer(house, "police", {"id": first["id"], "outcome": "done"})
    before = {row["type"]: row["state"] for row in await all_rows(house, case["id"])}
    await report(house, "health", number, version=2, certificate_no="33-2026-0002")
    after = {row["type"]: row["state"] for row in await all_rows(house, case["id"])}
    assert after == before and (await the_case(house))["version"] == case["version"] + 1
    told = of_type(await pulled(house, "police"), CANCELLATION)
    assert (told["kind"], told["fields"]["/deceased/certificate_no"]) == ("correction", "33-2026-0002")


async def test_a_refused_payment_is_not_reopened_by_another_certificate(house: House, number: str) -> None:
    await report(house, "health", number, certificate_no="33-2026-0001")
    case = await the_case(house)
    await house.no_sign_of_life(case["id"])
    cancelled = of_type(await pulled(house, "police"), CANCELLATION)
    await answer(house, "police", {"id": cancelled["id"], "outcome": "done"})
    await report(house, "human_resources", number, "R-1")
    row = await house.row(case["id"], HEIRS_MONEY)
    assert row["state"] == "offered"
    token = await accept(house, case, row["id"])
    assert token == 202
    money = of_type(await pulled(house, "human_resources"), HEIRS_MONEY)
    await answer(
        house, "human_resources", {"id": money["id"], "outcome": "refused", "reason": "已领取工亡待遇"}
    )
    await report(house, "health", number, version=2, certificate_no="33-2026-0002")
    assert (await house.row(case["id"], HEIRS_MONEY))["state"] == "refused"
    await report(house, "health", number, version=3, died_at=EARLIER)
    assert (await house.row(case["id"], HEIRS_MONEY))["state"] == "open"


async def accept(house: House, case: dict[str, Any], procedure: UUID) -> int:
    """A window clerk accepts the offer for the family."""
    version = (await the_case(house))["version"]
    async with house.as_clerk() as http:
        answered = await http.post(
            f"/api/v1/cases/{case['case_no']}/offers/{procedure}",
            json={"answer": "accept", "version": version},
        )
    return answered.status_code


async def all_rows(house: House, case: UUID) -> list[Any]:
    return list(await house.all("SELECT type, state FROM case_procedures WHERE case_id = :case", case=case))


async def test_a_certificate_that_comes_weeks_later_confirms_as_if_it_had_come_at_once(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    await run_checks_until(house, 40)
    assert (await house.row(filed.case, CERTIFICATE))["task"]["step"] == "silent"
    said = {"id": item["id"], "outcome": "done", "data": {"died_at": EARLIER}}
    assert await answer(house, "health", said) == ["accepted"]
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["task_id"], (await the_case(house))["confirmed"]) == ("done", None, True)
    assert (await the_case(house))["occurred_at"] == datetime.fromisoformat(EARLIER)


async def test_the_issuers_report_about_another_name_leaves_a_doubt_and_overwrites_nothing(
    house: House, number: str
) -> None:
    await report(house, "health", number)
    known = await the_case(house)
    assert known["confirmed"]
    await house.no_sign_of_life(known["id"])
    await report(house, "police", number, "P-1", name="另一人")
    case = await the_case(house)
    assert case["doubted"] and await tasks(house) == ["content_conflict", "identity_doubt"]
    item = of_type(await pulled(house, "police"), CANCELLATION)
    assert item["fields"]["/deceased/name"] == house.people[number].name


async def test_police_who_find_an_abnormal_death_at_their_own_row_open_their_proof(
    house: House, number: str
) -> None:
    case = await proved(house, number)
    item = of_type(await pulled(house, "police"), CANCELLATION)
    said = {"id": item["id"], "outcome": "need_more", "reason": "abnormal", "data": {"cause": "abnormal"}}
    assert await answer(house, "police", said) == ["accepted"]
    assert (await house.row(case, "police.abnormal_death_proof"))["state"] == "open"
    assert (await house.row(case, CANCELLATION))["state"] == "paused"


async def test_a_void_certificate_stops_what_waits_until_the_county_has_signed(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    body = {"kind": "certificate_void", "reason": "签发有误", "basis": "作废通知 7 号", "version": 1}
    async with house.as_department("health") as http:
        asked = await http.post(f"/api/v1/cases/{filed.case_no}/revocation", json=body)
    assert asked.status_code == 202, asked.text
    (item,) = await pulled(house, "health")
    await answer(house, "health", {"id": item["id"], "outcome": "done"})
    assert await pulled(house, "police") == []
    (task,) = await house.all("SELECT * FROM gateway_tasks WHERE closed_at IS NULL")
    assert (task["kind"], task["role"]) == ("sign_revocation", "county_supervisor")
    async with house.as_supervisor() as http:
        signed = await http.post(
            f"/api/v1/tasks/{task['id']}/decision",
            json={"decision": "sign", "reason": "属实", "version": task["version"]},
        )
    assert signed.status_code == 200, signed.text
    assert (await the_case(house))["status"] == "revoking"
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "undoing"


async def declared(house: House, number: str, **deceased: Any) -> Any:
    return await report(house, "court", number, "C-1", declaration="absence", **deceased)


async def test_a_court_declares_the_missing_dead_on_the_day_of_its_judgment(
    house: House, number: str
) -> None:
    answered = await declared(house, number, judged_on="2026-03-01")
    assert answered.status_code == 202, answered.text
    case = await the_case(house)
    await house.no_sign_of_life(case["id"])
    assert case["confirmed"] and await pulled(house, "health") == []
    proof = await house.row(case["id"], "police.abnormal_death_proof")
    assert (proof["state"], proof["reason"]) == ("done", "reported_by_issuer")
    cremation = await house.row(case["id"], "funeral.cremation")
    assert (cremation["state"], cremation["reason"]) == ("not_applicable", "missing_person")
    assert (await house.row(case["id"], CANCELLATION))["state"] == "open"


async def test_after_an_accident_the_day_of_the_accident_is_the_day_of_death(
    house: House, number: str
) -> None:
    answered = await report(
        house, "court", number, "C-1", declaration="accident", judged_on="2026-03-02", died_at=EARLIER
    )
    assert answered.status_code == 202, answered.text
    assert (await the_case(house))["occurred_at"] == datetime.fromisoformat(EARLIER)


@pytest.mark.parametrize(
    ("department", "deceased", "field", "code"),
    [
        ("court", {"declaration": "absence"}, "judged_on", "required"),
        ("court", {"declaration": "absence", "judged_on": "2026-02-27"}, "died_at", "not_the_judgment_day"),
        ("court", {"declaration": "accident", "judged_on": "2026-02-27"}, "died_at", "after_the_judgment"),
        ("health", {"declaration": "absence", "judged_on": "2026-03-01"}, "declaration", "not_yours"),
    ],
)
async def test_a_declaration_that_does_not_fit_its_judgment_is_refused_with_the_field(
    house: House, number: str, department: str, deceased: dict[str, str], field: str, code: str
) -> None:
    refused = await report(house, department, number, "C-1", **deceased)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["field"], error["code"]) == (f"/form/deceased/{field}", code)
    assert await house.all("SELECT id FROM cases") == []


async def test_a_place_outside_every_region_does_not_hide_the_proof(house: House, number: str) -> None:
    """A certificate from another province is a certificate (FN-001): only its content counts."""
    await report(house, "health", number, place_region="430121", hukou_region=COUNTY)
    assert (await the_case(house))["confirmed"]
