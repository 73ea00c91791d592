"""A declaration under Civil Code 51 at the gateway: taken by the registrar of the place, about two named people."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.people.model import SyntheticPerson
from kernel.public_service.access import Role
from kernel.testing import eventually
from tests.gateway.browsing import browser, send_form, words_of
from tests.gateway.office import COUNTY, NOW, OTHER_COUNTY, Office

Couple = tuple[SyntheticPerson, SyntheticPerson]


@pytest.fixture
async def widowed(working: Office) -> tuple[Office, Couple]:
    """The dead and the survivor, whose marriage has ended."""
    dead, spouse = working.couple()
    await working.health_reports(dead)

    async def ended() -> list[Any]:
        return await working.rows(
            "SELECT 1 FROM couples WHERE state = 'widowed' AND died = :died", "marriage", died=dead.person
        )

    await eventually(ended)
    return working, (dead, spouse)


def body(dead: SyntheticPerson, spouse: SyntheticPerson, **more: Any) -> dict[str, Any]:
    return {
        "survivor": {"id_number": spouse.id_number, "name": spouse.name},
        "spouse": {"id_number": dead.id_number, "name": dead.name},
        "declared_at": (NOW - timedelta(hours=1)).isoformat(), **more,
    }  # fmt: skip


def registrar(office: Office, region: str = COUNTY, owner: str = "marriage") -> httpx.AsyncClient:
    return office.client(Role.REGISTRAR, region=region, owner=owner, user="registrar")


async def declares(client: httpx.AsyncClient, given: dict[str, Any], key: str = "") -> httpx.Response:
    async with client as http:
        return await http.post(
            "/api/v1/marriage-declarations", json=given, headers={"Idempotency-Key": key or str(uuid4())}
        )


async def kept(office: Office) -> list[Any]:
    return await office.rows("SELECT person, recorded_by FROM unwilling", "marriage")


async def test_the_registrar_takes_the_declaration_once_with_a_line_in_the_log(
    widowed: tuple[Office, Couple],
) -> None:
    office, (dead, spouse) = widowed
    first = await declares(registrar(office), body(dead, spouse), key="k")
    again = await declares(registrar(office), body(dead, spouse), key="k")
    assert (first.status_code, again.json()) == (201, first.json()), first.text
    assert [tuple(row) for row in await kept(office)] == [(spouse.person, "registrar")]
    lines = await office.rows("SELECT actor, object FROM audit_log WHERE action = 'declare_unwilling'")
    assert [tuple(line) for line in lines] == [("registrar", f"couple:{first.json()['couple']}")]


async def test_nobody_but_the_registrar_of_the_place_takes_it(widowed: tuple[Office, Couple]) -> None:
    office, (dead, spouse) = widowed
    given = body(dead, spouse)
    assert (await declares(registrar(office, OTHER_COUNTY), given)).status_code == 404
    assert (await declares(registrar(office, owner="funeral"), given)).status_code == 404
    assert (await declares(office.supervisor, given)).status_code == 403
    assert (await declares(office.client(Role.CITIZEN, person=spouse.person), given)).status_code == 403
    assert await kept(office) == []


async def test_wrong_people_are_refused_with_the_field_or_the_registrys_own_words(
    widowed: tuple[Office, Couple],
) -> None:
    office, (dead, spouse) = widowed
    stranger, other = office.couple()
    wrong_name = body(dead, spouse, survivor={"id_number": spouse.id_number, "name": "某某"})
    refused = await declares(registrar(office), wrong_name)
    fault = refused.json()["errors"][0]
    assert (refused.status_code, fault["field"]) == (422, "/survivor/id_number")
    assert fault["message"] and fault["message_en"] and spouse.id_number not in refused.text
    ahead = await declares(registrar(office), body(dead, spouse, declared_at="2026-03-03T10:00:00+08:00"))
    assert (ahead.status_code, ahead.json()["errors"][0]["field"]) == (422, "/declared_at")
    unmarried = await declares(registrar(office), body(dead, other))
    assert (unmarried.status_code, unmarried.json()["code"]) == (404, "couple_unknown")
    alive = await declares(registrar(office), body(stranger, other))
    assert (alive.status_code, alive.json()["code"]) == (409, "not_the_survivor")
    the_dead = await declares(registrar(office), body(spouse, dead))
    assert (the_dead.status_code, the_dead.json()["code"]) == (409, "not_the_survivor")
    assert await kept(office) == []


async def test_the_registrars_page_takes_it_and_says_what_is_wrong_in_its_place(
    widowed: tuple[Office, Couple],
) -> None:
    office, (dead, spouse) = widowed
    values = {
        "survivor/name": spouse.name, "survivor/id_number": spouse.id_number, "spouse/name": dead.name,
        "spouse/id_number": dead.id_number,
    }  # fmt: skip
    day = {"year": "2026", "month": "3", "day": "2", "hour": "8", "minute": "30"}
    at = {f"declared_at#{part}": value for part, value in day.items()}
    async with browser(office, Role.REGISTRAR, owner="marriage") as http:
        assert 'href="/marriage-declarations"' in (await http.get("/desk")).text
        wrong = await send_form(
            http,
            "/marriage-declarations",
            action="/marriage-declarations",
            **{**values, **at, "spouse/name": "无名"},
        )
        assert wrong.status_code == 422 and "没有姓名和证件号码都相符的人" in words_of(wrong.text)
        empty = await send_form(http, "/marriage-declarations", action="/marriage-declarations", **values)
        assert (
            empty.status_code == 422
            and "作出声明的时间" in empty.text.split('role="alert"')[1].split("</ul>")[0]
        )
        taken = await send_form(
            http, "/marriage-declarations", action="/marriage-declarations", **values, **at
        )
    assert taken.status_code == 200 and "声明已经登记" in words_of(taken.text), taken.text
    assert spouse.id_number not in taken.text
    assert [row.person for row in await kept(office)] == [spouse.person]
