"""Visits to where somebody rests: booked and cancelled by the family of the case, by the hour and once."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.people.model import SyntheticPerson
from kernel.public_service.access import Role
from tests.gateway.browsing import browser, form_of, send_form, words_of
from tests.gateway.office import COUNTY, OTHER_COUNTY, Office, row

TEN = "2026-04-03T10:00:00+08:00"
Memorial = tuple[Office, str, str, SyntheticPerson]


@pytest.fixture
async def memorial(working: Office) -> Memorial:
    """A case whose memorial is open: (office, case number, the memorial's procedure, the spouse who reported)."""
    dead, spouse = working.couple()
    citizen = working.client(Role.CITIZEN, region=spouse.region, person=spouse.person, user="spouse")
    answer = await working.post_report(working.form(dead, spouse, memorial=True), client=citizen)
    assert answer.status_code == 201, answer.text
    case = answer.json()
    procedure = str(row(case, "funeral.memorial")["id"])
    await working.health_reports(dead)
    # The ashes come first, and their home is not at work here: the memorial stands as if they had been laid to rest.
    await working.rows(
        """INSERT INTO memorials (id, procedure, case_id, home, opened_at)
           SELECT :id, CAST(:procedure AS uuid), :id, id, now() FROM funeral_homes WHERE region = :region
            ORDER BY id LIMIT 1 RETURNING id""", "funeral", id=uuid4(), procedure=procedure, region=COUNTY,
    )  # fmt: skip
    await working.rows(
        "UPDATE case_procedures SET state = 'done' WHERE id = CAST(:id AS uuid) RETURNING id", id=procedure
    )
    return working, str(case["case_no"]), procedure, spouse


def family(found: Memorial) -> httpx.AsyncClient:
    office, _, _, spouse = found
    return office.client(Role.CITIZEN, region=spouse.region, person=spouse.person, user="spouse")


async def books(
    client: httpx.AsyncClient, procedure: str, starts_at: str = TEN, people: Any = 3, key: str = ""
) -> httpx.Response:
    async with client as http:
        return await http.post(
            f"/api/v1/memorials/{procedure}/visits", json={"starts_at": starts_at, "people": people},
            headers={"Idempotency-Key": key or str(uuid4())},
        )  # fmt: skip


async def listed(client: httpx.AsyncClient, procedure: str) -> list[dict[str, Any]]:
    async with client as http:
        answer = await http.get(f"/api/v1/memorials/{procedure}/visits")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def cancels(client: httpx.AsyncClient, visit: str) -> int:
    async with client as http:
        return (await http.delete(f"/api/v1/memorial-visits/{visit}")).status_code


async def test_the_family_books_once_and_cancels_and_both_are_in_the_log(memorial: Memorial) -> None:
    office, _, procedure, _ = memorial
    first = await books(family(memorial), procedure, key="k")
    again = await books(family(memorial), procedure, key="k")
    assert (first.status_code, first.json()["people"], again.json()) == (201, 3, first.json()), first.text
    assert [one["id"] for one in await listed(family(memorial), procedure)] == [first.json()["id"]]
    assert [one["id"] for one in await listed(office.clerk, procedure)] == [first.json()["id"]]
    assert [await cancels(family(memorial), first.json()["id"]) for _ in range(2)] == [204, 404]
    assert await listed(family(memorial), procedure) == []
    lines = await office.rows("SELECT action, object FROM audit_log WHERE action LIKE '%_visit' ORDER BY seq")
    assert [tuple(line) for line in lines] == [
        ("book_visit", f"procedure:{procedure}"), ("cancel_visit", f"visit:{first.json()['id']}"),
    ]  # fmt: skip


async def test_strangers_other_counties_and_other_roles_neither_book_nor_cancel(memorial: Memorial) -> None:
    office, _, procedure, _ = memorial
    visit = (await books(family(memorial), procedure)).json()["id"]

    def others() -> list[httpx.AsyncClient]:
        return [
            office.client(Role.CITIZEN, person=uuid4(), user="stranger"),
            office.client(Role.WINDOW_CLERK, region=OTHER_COUNTY),
            office.client(Role.FUNERAL_HOME, region=OTHER_COUNTY, owner="funeral"),
        ]

    assert [(await books(one, procedure)).status_code for one in others()] == [404] * 3
    assert [await cancels(one, visit) for one in others()] == [404] * 3
    assert (await books(office.supervisor, procedure)).status_code == 403
    assert await cancels(office.client(Role.REGISTRAR, owner="marriage"), visit) == 403
    assert len(await listed(family(memorial), procedure)) == 1


async def test_what_the_home_refuses_is_said_as_the_home_says_it(memorial: Memorial) -> None:
    office, case_no, procedure, _ = memorial
    closed = await books(family(memorial), procedure, "2026-04-03T10:30:00+08:00")
    assert (closed.status_code, closed.json()["errors"][0]["field"]) == (422, "/starts_at")
    await office.rows("UPDATE funeral_homes SET visitors_per_hour = 2 RETURNING 1", "funeral")
    full = await books(family(memorial), procedure)
    assert (full.status_code, full.json()["code"], bool(full.json()["title_en"])) == (409, "hour_full", True)
    assert (await books(family(memorial), str(uuid4()))).status_code == 404
    (other,) = [
        one["id"] for one in (await office.read(case_no))["procedures"] if one["type"] == "funeral.cremation"
    ]
    assert (await books(family(memorial), other)).status_code == 404


async def test_the_progress_page_leads_to_the_visits_page_where_one_books_and_cancels(
    memorial: Memorial,
) -> None:
    office, case_no, procedure, spouse = memorial
    here = f"/cases/{case_no}/memorial/{procedure}"
    at = {"starts_at#year": "2026", "starts_at#month": "4", "starts_at#day": "3", "starts_at#hour": "10"}
    async with browser(
        office, Role.CITIZEN, region=spouse.region, person=spouse.person, user="spouse"
    ) as http:
        assert f'href="{here}"' in (await http.get(f"/cases/{case_no}")).text
        wrong = await send_form(http, here, action=here, people="很多", **at)
        assert (
            wrong.status_code == 422 and "几个人来" in wrong.text.split('role="alert"')[1].split("</ul>")[0]
        )
        booked = await send_form(http, here, action=here, people="4", **at)
        assert "已经约好" in words_of(booked.text) and "2026年4月3日 10:00，4 人" in words_of(booked.text)
        (visit,) = await listed(family(memorial), procedure)
        cancel = form_of(booked.text, f"{here}/cancel/{visit['id']}")
        gone = await http.post(cancel.action, data=cancel.hidden)
    assert "预约已经取消" in words_of(gone.text) and "4 人" not in words_of(gone.text)
