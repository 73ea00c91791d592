"""Deaths reported by departments: confirmed within their competence, declared otherwise, one case whatever comes."""

from datetime import datetime

import httpx
import pytest

from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, COUNTY, House


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def report(
    house: House, department: str, number: str, source_no: str = "H-1", version: int = 1, **deceased: object
) -> httpx.Response:
    known = house.people[number]
    person = {
        "name": known.name, "id_number": number, "died_at": "2026-03-01T08:00:00+08:00", "place": "hospital",
        "place_region": COUNTY, "hukou_region": COUNTY, **deceased,
    }  # fmt: skip
    body = {
        "life_event": "death", "source_no": source_no, "source_version": version,
        "occurred_at": "2026-03-01T08:00:00+08:00", "form": {"deceased": person},
    }  # fmt: skip
    async with house.as_department(department) as http:
        return await http.post("/exchange/v1/life-events", json=body)


async def the_case(house: House) -> dict:
    (case,) = await house.all("SELECT * FROM cases")
    return dict(case)


async def test_health_confirms_from_the_start_and_is_not_asked(house: House, number: str) -> None:
    accepted = await report(house, "health", number)
    assert accepted.status_code == 202, accepted.text
    case = await the_case(house)
    assert accepted.json() == {"case_no": case["case_no"]}
    assert case["channel"] == "department"
    await house.no_sign_of_life(case["id"])
    assert (await house.row(case["id"], CERTIFICATE))["state"] == "done"
    assert await house.deliveries(case["id"], CERTIFICATE) == []
    assert (await the_case(house))["confirmed"]
    assert (await house.row(case["id"], CANCELLATION))["state"] == "open"


async def test_another_department_only_declares(house: House, number: str) -> None:
    await report(house, "housing_fund", number)
    case = await the_case(house)
    assert not case["confirmed"]
    assert (await house.row(case["id"], CERTIFICATE))["state"] == "open"


async def test_the_same_source_number_again_is_the_same_case_and_nothing_new(
    house: House, number: str
) -> None:
    first = await report(house, "health", number, version=2)
    before = await the_case(house)
    assert (await report(house, "health", number, version=2)).json() == first.json()
    assert (await report(house, "health", number, version=1, place="home")).json() == first.json()
    after = await the_case(house)
    assert (after["version"], after["progress"]) == (before["version"], before["progress"])


async def test_a_higher_source_version_is_the_issuers_correction(house: House, number: str) -> None:
    first = await report(house, "health", number)
    corrected = await report(house, "health", number, version=2, died_at="2026-02-27T22:00:00+08:00")
    assert corrected.json() == first.json()
    case = await the_case(house)
    assert case["version"] == 2
    assert case["occurred_at"] == datetime.fromisoformat("2026-02-27T22:00:00+08:00")


async def test_the_issuers_report_ends_the_request_that_it_had_been_sent(house: House, number: str) -> None:
    filed = await house.report(number)
    assert (await report(house, "health", number)).json() == {"case_no": filed.case_no}
    (delivery,) = await house.deliveries(filed.case, CERTIFICATE)
    assert (delivery["state"], delivery["answer"]) == ("answered", "done")
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "done"
    assert (await the_case(house))["confirmed"]


async def test_a_health_report_about_a_name_that_the_register_does_not_know_confirms_nothing(
    house: House, number: str
) -> None:
    await house.report(number)
    await report(house, "health", number, name="另一人")
    assert not (await the_case(house))["confirmed"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id_number": "999999194005060010"}, "/form/deceased/id_number"),
        ({"died_at": "2026-09-01T08:00:00+08:00"}, "/form/deceased/died_at"),
        ({"nonsense": 1}, "/form/deceased/nonsense"),
        ({"name": None}, "/form/deceased/name"),
    ],
)
async def test_a_faulty_report_is_refused_with_the_field_and_opens_nothing(
    house: House, number: str, change: dict, field: str
) -> None:
    refused = await report(house, "health", number, **change)
    assert refused.status_code == 422
    assert field in {error["field"] for error in refused.json()["errors"]}
    assert await house.all("SELECT id FROM cases") == []


async def test_an_unknown_life_event_is_refused_by_name(house: House) -> None:
    body = {
        "life_event": "wedding", "source_no": "1", "source_version": 1, "occurred_at": "2026-03-01T08:00:00+08:00",
        "form": {},
    }  # fmt: skip
    async with house.as_department("health") as http:
        refused = await http.post("/exchange/v1/life-events", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_life_event")
