"""One record that was two people's is parted: a number finds its own person, and both keys say so (design 7)."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gateway.people.register import Named
from kernel.public_service.access import Role
from tests.gateway.office import COUNTY, NOW, OTHER_COUNTY, Office

PASSPORT = "E12345678"


@pytest.fixture
async def mixed(office: Office) -> Any:
    """A person to whose record somebody else's passport was added."""
    dead, _ = office.couple()
    register = office.desk.register
    async with office.desk.open() as tx:
        await tx.execute(
            text("INSERT INTO person_identifiers VALUES ('passport', :index, :version, :person)"),
            {
                "index": register.index("passport", PASSPORT),
                "version": register.key_version,
                "person": dead.person,
            },
        )
    return dead


async def part(
    office: Office, person: Any, client: httpx.AsyncClient | None = None, **more: Any
) -> httpx.Response:
    body = {
        "id_kind": "passport", "id_number": PASSPORT, "name": "李某", "reason": "同名误并", "basis": "公安核查函",
        **more,
    }  # fmt: skip
    async with client or office.supervisor as http:
        return await http.post(f"/api/v1/people/{person.person}/split", json=body)


async def found(office: Office, kind: str, number: str) -> Any:
    async with office.desk.open() as tx:
        (one,) = await office.desk.register.resolve(tx, [Named(kind, number)], at=NOW)
    return one.person


async def test_the_number_is_its_own_persons_and_the_record_keeps_its_key(office: Office, mixed: Any) -> None:
    answer = await part(office, mixed)
    assert answer.status_code == 201, answer.text
    new = answer.json()["new_person"]
    assert str(await found(office, "passport", PASSPORT)) == new != str(mixed.person)
    assert await found(office, "resident_id", mixed.id_number) == mixed.person
    async with office.supervisor as http:
        (shown,) = (await http.get("/api/v1/people", params={"id_number": PASSPORT})).json()["items"]
    assert (shown["person"], shown["name"]) == (new, "李某")


async def test_both_keys_state_that_they_were_split_and_nothing_that_names_them(
    office: Office, mixed: Any
) -> None:
    new = (await part(office, mixed)).json()["new_person"]
    stated = {
        str(row.person): row.state
        for row in await office.rows("SELECT person, state FROM fact_statements WHERE fact = 'identity'")
    }
    assert stated == {
        str(mixed.person): {"identity": "split", "others": [new]},
        new: {"identity": "split", "from": str(mixed.person)},
    }
    sent = await office.rows("SELECT CAST(payload AS bytea) AS payload FROM outbox WHERE topic = 'facts'")
    assert len(sent) == 2 and not any(PASSPORT.encode() in one.payload for one in sent)


async def test_it_is_in_the_log_with_reason_and_basis(office: Office, mixed: Any) -> None:
    new = (await part(office, mixed)).json()["new_person"]
    lines = await office.rows("SELECT object, purpose FROM audit_log WHERE action = 'split_person'")
    assert {line.object for line in lines} == {f"person:{mixed.person}", f"person:{new}"}
    assert {line.purpose for line in lines} == {"同名误并（公安核查函）"}


async def test_a_number_that_is_not_of_the_record_parts_nothing(office: Office, mixed: Any) -> None:
    answer = await part(office, mixed, id_number="E87654321")
    assert (answer.status_code, answer.json()["code"]) == (409, "number_not_theirs")


async def test_a_record_with_one_number_is_one_person(office: Office) -> None:
    dead, _ = office.couple()
    answer = await part(office, dead, id_kind="resident_id", id_number=dead.id_number)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_split")


async def test_two_at_once_part_it_once(office: Office, mixed: Any) -> None:
    answers = await asyncio.gather(*(part(office, mixed) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await office.rows("SELECT 1 FROM fact_statements WHERE fact = 'identity'")) == 2


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        (Role.COUNTY_SUPERVISOR, OTHER_COUNTY, 404),
        (Role.WINDOW_CLERK, COUNTY, 403),
        (Role.AUDITOR, COUNTY, 403),
    ],
)
async def test_only_the_persons_own_county_parts_a_record(
    office: Office, mixed: Any, role: Role, region: str, status: int
) -> None:
    assert (await part(office, mixed, office.client(role, region=region))).status_code == status
    assert await found(office, "passport", PASSPORT) == mixed.person
