"""What a client may get wrong: a clear error, and nothing changed (api.md, habits)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kernel.public_service.access import Role
from tests.gateway.office import COUNTY, Office

Form = dict[str, Any]


def _set(section: str, name: str, value: Any) -> Callable[[Form], None]:
    def change(form: Form) -> None:
        form[section][name] = value

    return change


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (
            _set("deceased", "id_number", "331022194203150012"),
            "/form/deceased/id_number",
            "id_number_checksum",
        ),
        (_set("deceased", "id_number", "331022194213150011"), "/form/deceased/id_number", "id_number_date"),
        (_set("deceased", "id_number", "331022209901010017"), "/form/deceased/id_number", "id_number_future"),
        (_set("deceased", "died_at", "2026-03-09T10:00:00+08:00"), "/form/deceased/died_at", "in_future"),
        (_set("deceased", "died_at", "2026-03-01"), "/form/deceased/died_at", None),
        (_set("deceased", "religion", "x"), "/form/deceased/religion", "unknown_field"),
        (_set("applicant", "phone", "12"), "/form/applicant/phone", None),
        (lambda form: form.pop("applicant"), "/form/applicant/name", "required"),
        (lambda form: form["deceased"].pop("place"), "/form/deceased/place", "required"),
    ],
)
async def test_a_faulty_answer_is_named_with_what_to_do(
    office: Office, change: Callable[[Form], None], field: str, code: str | None
) -> None:
    form = office.form(*office.couple())
    change(form)
    answer = await office.post_report(form)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    error = next(error for error in answer.json()["errors"] if error["field"] == field)
    assert code is None or error["code"] == code
    assert error["message"] and error["message_en"] and error["how"]
    assert await office.rows("SELECT 1 FROM cases") == []
    assert await office.rows("SELECT 1 FROM idempotency_keys") == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"life_event": "divorce_party"}, "/life_event"),
        ({"region": "999999"}, "/region"),
        ({"colour": 1}, "/colour"),
    ],
)
async def test_an_unknown_life_event_region_or_field_is_refused(
    office: Office, more: Form, field: str
) -> None:
    answer = await office.post_report(office.form(*office.couple()), **more)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def _post(office: Office, **request: Any) -> httpx.Response:
    async with office.clerk as http:
        headers = {"Idempotency-Key": str(uuid4()), **request.pop("headers", {})}
        return await http.post("/api/v1/cases", headers=headers, **request)


async def test_broken_json_is_malformed(office: Office) -> None:
    answer = await _post(office, content=b'{"life_event": ', headers={"content-type": "application/json"})
    assert answer.status_code == 400


async def test_another_content_type_is_refused(office: Office) -> None:
    answer = await _post(office, content=b"a=b", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


async def test_a_body_over_a_megabyte_is_refused(office: Office) -> None:
    body = {"life_event": "death", "region": COUNTY, "form": {"deceased": {"name": "甲" * 600_000}}}
    assert (await _post(office, json=body)).status_code == 413


async def test_a_report_needs_an_idempotency_key(office: Office) -> None:
    async with office.clerk as http:
        body = {"life_event": "death", "region": COUNTY, "form": office.form(*office.couple())}
        answer = await http.post("/api/v1/cases", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


async def test_nobody_reports_without_signing_in(office: Office) -> None:
    async with office.clerk as http:
        del http.headers["authorization"]
        answer = await http.post("/api/v1/cases", json={})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.DEPARTMENT, Role.FINANCE])
async def test_roles_that_do_not_report_are_told_so(office: Office, role: Role) -> None:
    answer = await office.post_report(
        office.form(*office.couple()), client=office.client(role, owner="health")
    )
    assert answer.status_code == 403


async def test_somebody_elses_case_is_not_known_to_exist(office: Office) -> None:
    case = await office.report()
    stranger = office.client(Role.CITIZEN, person=uuid4())
    async with stranger as http:
        hidden = await http.get(f"/api/v1/cases/{case['case_no']}")
        missing = await http.get("/api/v1/cases/331022-20260302-XXXXXXXX")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["code"] == missing.json()["code"]


@pytest.mark.parametrize(
    "path", ["cases?after=xyz", "tasks?after=eyJ4", "cases?limit=201", "tasks?region=12"]
)
async def test_a_list_refuses_a_cursor_or_bound_that_is_not_its_own(office: Office, path: str) -> None:
    async with office.clerk as http:
        assert (await http.get(f"/api/v1/{path}")).status_code == 422
