"""Two issuers who differ: one's word never overwrites the other's, a person at the county compares them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from gateway.cases.vouching import may_replace, vouched
from kernel.public_service.access import Actor, Role
from tests.gateway.exchange.house import COUNTY, House
from tests.gateway.exchange.test_life_events import report, the_case

FIRST, SECOND = "2026-03-01T08:00:00+08:00", "2026-02-28T21:00:00+08:00"
DIED_AT = "/deceased/died_at"


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def says(house: House, department: str, number: str, source_no: str = "H-1", **more: Any) -> None:
    accepted = await report(house, department, number, source_no, **more)
    assert accepted.status_code == 202, accepted.text


async def conflicts(house: House) -> list[Mapping[str, Any]]:
    return await house.all(
        "SELECT * FROM gateway_tasks WHERE kind = 'content_conflict' AND closed_at IS NULL"
    )


async def died_at(house: House) -> datetime:
    return (await the_case(house))["occurred_at"]


async def health_then_police(house: House, number: str) -> None:
    await says(house, "health", number)
    await says(house, "police", number, "P-1", died_at=SECOND)


async def decide(house: House, decision: str) -> None:
    """A window clerk of the county decides the one conflict."""
    (task,) = await conflicts(house)
    token = house.service.tokens.issue(Actor("clerk", Role.WINDOW_CLERK, COUNTY)).text
    body = {"decision": decision, "reason": "已向两个部门核实", "version": task["version"]}
    async with house.as_department("health") as http:
        http.headers["Authorization"] = f"Bearer {token}"
        answer = await http.post(f"/api/v1/tasks/{task['id']}/decision", json=body)
    assert answer.status_code == 200, answer.text


async def test_another_issuers_date_of_death_becomes_a_task_and_never_an_overwrite(
    house: House, number: str
) -> None:
    await health_then_police(house, number)
    assert await died_at(house) == datetime.fromisoformat(FIRST)
    (task,) = await conflicts(house)
    assert (task["role"], task["region"]) == ("window_clerk", COUNTY)
    assert task["facts"] == {"pointers": [DIED_AT], "said_by": "police", "vouched_by": ["health"]}


async def test_two_issuers_who_agree_ask_nobody(house: House, number: str) -> None:
    await says(house, "health", number)
    await says(house, "police", number, "P-1")
    assert await conflicts(house) == []


async def test_an_issuer_fills_what_the_other_left_open(house: House, number: str) -> None:
    """A cause that nobody gave is the form's default: naming it contradicts nobody."""
    await says(house, "health", number)
    await says(house, "police", number, "P-1", cause="abnormal", residence_region=COUNTY)
    assert await conflicts(house) == []
    vouchers = (await the_case(house))["vouchers"]
    assert (vouchers["/deceased/cause"], vouchers["/deceased/residence_region"]) == ("police", "police")
    assert vouchers[DIED_AT] == "health"


async def test_a_higher_version_of_ones_own_report_corrects_ones_own_word_only(
    house: House, number: str
) -> None:
    await says(house, "health", number)
    await says(house, "police", number, "P-1")
    await says(house, "police", number, "P-1", version=2, died_at=SECOND)
    assert await died_at(house) == datetime.fromisoformat(FIRST)
    assert len(await conflicts(house)) == 1
    await says(house, "health", number, version=2, died_at="2026-03-01T09:00:00+08:00")
    assert await died_at(house) == datetime.fromisoformat("2026-03-01T09:00:00+08:00")
    assert len(await conflicts(house)) == 1


async def test_the_same_contradiction_told_twice_is_asked_once_and_another_one_anew(
    house: House, number: str
) -> None:
    await health_then_police(house, number)
    await says(house, "police", number, "P-1", version=2, died_at=SECOND)
    assert len(await conflicts(house)) == 1
    for version, hour in ((3, 5), (4, 6)):
        await report(
            house, "police", number, "P-1", version=version, died_at=f"2026-03-01T0{hour}:00:00+08:00"
        )
    assert len(await conflicts(house)) == 3


async def test_a_departments_default_does_not_contradict_what_another_issuer_found(
    house: House, number: str
) -> None:
    await says(house, "health", number)
    await says(house, "police", number, "P-1", cause="abnormal")
    await says(house, "health", number, version=2, place="home")
    assert await conflicts(house) == []
    assert (await the_case(house))["vouchers"]["/deceased/cause"] == "police"


async def test_a_person_who_keeps_what_stands_changes_nothing(house: House, number: str) -> None:
    await health_then_police(house, number)
    await decide(house, "keep")
    assert await died_at(house) == datetime.fromisoformat(FIRST)
    assert await conflicts(house) == []


async def test_what_a_person_takes_over_is_from_then_on_the_other_issuers_word(
    house: House, number: str
) -> None:
    """The first issuer's next version does not quietly bring its own date back."""
    await health_then_police(house, number)
    await decide(house, "correct")
    assert await died_at(house) == datetime.fromisoformat(SECOND)
    assert (await the_case(house))["vouchers"][DIED_AT] == "police"
    await says(house, "health", number, version=2, place="home")
    assert await died_at(house) == datetime.fromisoformat(SECOND)
    ((facts),) = [task["facts"] for task in await conflicts(house)]
    assert (facts["said_by"], facts["pointers"]) == ("health", [DIED_AT])


async def test_a_department_that_is_no_issuer_overwrites_no_issuers_word_by_a_new_version(
    house: House, number: str
) -> None:
    await says(house, "housing_fund", number, "F-1")
    await says(house, "health", number)
    await says(house, "housing_fund", number, "F-1", version=2, died_at=SECOND)
    assert await died_at(house) == datetime.fromisoformat(FIRST)
    assert [task["facts"]["said_by"] for task in await conflicts(house)] == ["housing_fund"]


@pytest.mark.parametrize(
    ("voucher", "department", "stands", "may"),
    [
        ("health", "police", FIRST, False),
        ("health", "health", FIRST, True),
        ("health", "police", None, True),
        (None, "police", FIRST, True),
        ("housing_fund", "police", FIRST, True),
        ("police", "housing_fund", FIRST, False),
        ("housing_fund", "tax", FIRST, False),
    ],
)
def test_whose_word_replaces_whose(
    house: House, voucher: str | None, department: str, stands: str | None, may: bool
) -> None:
    event = house.desk.catalogue.life_events["death"]
    vouchers = {DIED_AT: voucher} if voucher else {}
    assert may_replace(event, vouchers, department, DIED_AT, stands) is may


def test_who_said_the_same_first_goes_on_vouching_for_it() -> None:
    assert vouched({"/a": "health"}, "police", {"/a", "/b"}, set()) == {"/a": "health", "/b": "police"}
    assert vouched({"/a": "health"}, "police", {"/a"}, {"/a"}) == {"/a": "police"}
