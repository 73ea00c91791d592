"""Whatever a client sends to any of the five processes: no server error but 503 with Retry-After (design 6, api.md).

Statuses, content types and bodies of answers are as the process's own OpenAPI page declares them.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Response
from schemathesis import Case
from sqlalchemy import text

from contracts.catalog import LifeEvent
from contracts.forms import json_schema
from gateway.cases import asks
from kernel.errors import Unavailable
from kernel.public_service.access import SERVICE_KEY_HEADER, Role
from kernel.service import Service
from kernel.testing import eventually
from kernel.web.problems import install_problem_handlers
from tests.faults.fuzzing import Fuzz, Schema
from tests.gateway.office import COUNTY, OTHER_COUNTY, Office, couples

OWNERS = ("assistance", "eldercare", "funeral", "marriage")
_WAITS_SECONDS = 0.2
_STAFF = (Role.WINDOW_CLERK, Role.COUNTY_SUPERVISOR, Role.WINDOW_CLERK, Role.TOWNSHIP_OFFICER, Role.OPERATOR)
_ENDING = ("/withdrawal", "/revocation")
Headers = Mapping[str, str]


async def test_the_gateway_answers_whatever_is_sent(working: Office) -> None:
    gateway = working.services["gateway"]
    known = await busy(working)
    event = working.desk.catalogue.life_events["death"]
    fuzz = Fuzz(
        gateway.app, outspoken(gateway.app.openapi(), event), callers(working), known,
        mend=mending(working, [*steps_of(event), *(one.id for some in asks.DECISIONS.values() for one in some)]),
    )  # fmt: skip
    await fuzz.run()
    assert not fuzz.faults, fuzz.report()
    assert (
        fuzz.answered(200, 201, 202) > 200 and fuzz.answered(400, 422) > 200 and fuzz.answered(403, 404) > 100
    )


async def test_every_service_answers_whatever_is_sent(working: Office) -> None:
    known = await busy(working)
    for name in OWNERS:
        service = working.services[name]
        tasks = [str(row.task_id) for row in await working.rows(_TASKS, service=name)]
        signed_in = working.client(Role.WINDOW_CLERK).headers["authorization"]
        both = [{"authorization": signed_in, **key_of(service)}, {"authorization": signed_in}]
        fuzz = Fuzz(
            service.app, service.app.openapi(), lambda path, both=both: both[:1] * 5 + both[1:],
            {**known, "task": tasks}, mend=versions, examples=8,
        )  # fmt: skip
        await fuzz.run()
        assert not fuzz.faults, fuzz.report()
        assert fuzz.answered(200, 201, 204) > 25 and fuzz.answered(400, 422) > 12, (name, fuzz.statuses)


async def test_a_server_error_an_undeclared_status_and_a_wrong_body_are_found() -> None:
    app = FastAPI()

    @app.get("/broken")
    async def broken() -> None:
        raise Unavailable("away") if app.state.kind else ZeroDivisionError

    @app.get("/teapot")
    async def teapot() -> Response:
        return Response(status_code=418)

    @app.get("/answer", response_model=None, responses={200: {"model": int}})
    async def answer() -> str:
        return "forty-two"

    install_problem_handlers(app)
    app.state.kind = 0
    fuzz = Fuzz(app, app.openapi(), lambda _path: [{}])
    await fuzz.run()
    assert set(fuzz.faults) == {"GET /broken 500", "GET /teapot 418 shape", "GET /answer 200 shape"}
    app.state.kind = 1
    again = Fuzz(
        app, {**app.openapi(), "paths": {"/broken": app.openapi()["paths"]["/broken"]}}, lambda _path: [{}]
    )
    await again.run()
    assert set(again.faults) == {"GET /broken 503 shape"}


_SILENT = text("""
    INSERT INTO demo_departments (department, mode, delay_seconds)
    SELECT id, 'silent', 0 FROM unnest(CAST(:departments AS text[])) AS d (id)""")
_TASKS = "SELECT task_id FROM procedures WHERE task_id IS NOT NULL"


async def busy(office: Office) -> dict[str, list[str]]:
    """Three cases declared at the window and one confirmed by the health department; what may be named in a path."""
    await silent_departments(office)
    cases = [await office.report(), await office.report(remains="cremation"), await office.report()]
    (dead, spouse) = office.couple()
    report = {
        "life_event": "death", "source_no": "卫-1", "source_version": 1, "occurred_at": "2026-03-01T06:20:00+08:00",
        "form": office.form(dead, spouse),
    }  # fmt: skip
    async with office.client(Role.DEPARTMENT, owner="health") as health:
        answer = await health.post("/exchange/v1/life-events", json=report)
    assert answer.status_code == 202, answer.text
    tasks = await eventually(lambda: open_tasks(office))
    return {
        "case_no": [answer.json()["case_no"], *(case["case_no"] for case in cases)],
        "procedure_id": [one["id"] for case in cases for one in case["procedures"] if one["state"] == "offered"],
        "procedure": [one["id"] for one in cases[0]["procedures"]],
        "task_id": tasks, "person": [str(person.person) for pair in couples()[:4] for person in pair],
        "request_id": [str(row.id) for row in await office.rows("SELECT id FROM deliveries")],
        "life_event": ["death"], "department": ["health", "tax"],
    }  # fmt: skip


async def silent_departments(office: Office) -> None:
    """No department will answer by itself, so nothing waits for one. (There are no simulators here to tell.)"""
    async with office.desk.open() as tx:
        await tx.execute(_SILENT, {"departments": list(office.desk.catalogue.departments)})


async def open_tasks(office: Office) -> list[str]:
    """Tasks of owners and of departments, once the confirmed case has both."""
    async with office.supervisor as http:
        items = (await http.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    assert {"assistance", "funeral"} & {item["owner"] for item in items}
    return [item["id"] for item in items]


def callers(office: Office) -> Callable[[str], Sequence[Headers]]:
    """Those who call in turn, by address: departments at the exchange, services inside, everybody else elsewhere."""

    def signed_in(role: Role, **more: Any) -> Headers:
        return {"authorization": office.client(role, **more).headers["authorization"]}

    departments = [signed_in(Role.DEPARTMENT, owner=owner) for owner in ("health", "police", "tax")]
    people = [
        *(signed_in(role) for role in _STAFF), signed_in(Role.CITIZEN, person=couples()[0][1].person), departments[0],
    ]  # fmt: skip
    inside = [*[key_of(office.services["gateway"])] * 4, {}]

    def of(path: str) -> Sequence[Headers]:
        if path.startswith("/internal"):
            return inside
        return [*departments, people[0]] if path.startswith("/exchange") else people

    return of


def key_of(service: Service) -> dict[str, str]:
    return {SERVICE_KEY_HEADER: service.settings.service_key.get_secret_value()}


def steps_of(event: LifeEvent) -> list[str]:
    """Every decision that some step of the event offers."""
    return sorted({one.id for row in event.procedures for step in row.steps for one in step.decisions})


def outspoken(schema: Schema, event: LifeEvent) -> Schema:
    """The page with what it leaves open said: the form of the event, its pointers, the demo counties."""
    said: Schema = copy.deepcopy(schema)
    models = said["components"]["schemas"]
    form = {name: value for name, value in json_schema(event).items() if name != "$schema"}
    for name in ("ReportGiven", "LifeEventReport"):
        models[name]["properties"] |= {"form": form, "life_event": {"enum": [event.id, "marriage"]}}
    models["ReportGiven"]["properties"]["region"] = {"enum": [COUNTY, OTHER_COUNTY, "999999"]}
    answers = {
        f"/{section}/{name}": value
        for section, part in form["properties"].items() if "properties" in part
        for name, value in part["properties"].items()
    }  # fmt: skip
    for name, field in (("CorrectionGiven", "changes"), ("OfferAnswerGiven", "data")):
        models[name]["properties"][field] |= {"properties": answers, "additionalProperties": False}
    ending = {path: said["paths"].pop(path) for path in list(said["paths"]) if path.endswith(_ENDING)}
    said["paths"] |= ending  # last: what ends a case leaves nothing to try the other acts on
    return said


def mending(office: Office, decisions: Sequence[str]) -> Callable[[Case, int], None]:
    """Half of the requests name what stands: a person of the register, a version, a decision of the catalogue."""
    pairs = couples()[10:]

    def mend(case: Case, number: int) -> None:
        body = case.body if isinstance(case.body, dict) else {}
        if case.path == "/demo/settle":
            case.body = (
                {"timeout_seconds": _WAITS_SECONDS}
                if number % 2
                else {**body, "timeout_seconds": _WAITS_SECONDS}
            )
        if number % 2 == 0:
            return
        versions(case, number)
        if "decision" in body:
            body["decision"] = decisions[number % len(decisions)]
        if isinstance(body.get("form"), dict):
            dead, spouse = pairs[number % len(pairs)]
            body["form"] = {**body["form"], **office.form(dead, spouse)}
            body |= {"life_event": "death", "region": COUNTY} if "region" in body else {"life_event": "death"}
            case.headers = {**(case.headers or {}), "Idempotency-Key": str(uuid4())}

    return mend


def versions(case: Case, number: int) -> None:
    """A version that may stand: rows and cases have few."""
    if isinstance(case.body, dict) and number % 2 and "version" in case.body:
        case.body["version"] = number % 8 // 2 + 1
