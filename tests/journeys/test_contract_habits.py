"""The contract's habits: keys, versions, problems, lists, tokens, what every process serves (api.md, Habits)."""

import asyncio
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from tests.journeys.contract import INSTANT, assert_problem, key, listed
from tests.journeys.town import Town


@pytest.fixture(scope="module")
async def desk(stack):
    """A clerk with one case of his own, on which nothing is changed."""
    async with Town.of(stack.address) as town:
        town.form_sent = await town.form(await town.person("elder_card"))
        answer = await town.report(town.form_sent)
        assert answer.status_code == 201, answer.text
        town.case_no = answer.json()["case_no"]
        town.clerk = await town.as_user("window_clerk", region=town.county)
        town.stale = (await town.settled(town.case_no))["version"] + 7
        yield town


def body(town, **others):
    return {"life_event": "death", "region": town.county, "form": town.form_sent, **others}


async def test_a_report_without_a_key_is_malformed(desk):
    assert_problem(await desk.clerk.post("/api/v1/cases", json=body(desk)), 400, "idempotency_key_missing")


@pytest.mark.parametrize("bad", ["", "x" * 129, "é"])
@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/sessions", "/demo/settle", "/demo/clock"])
async def test_a_key_is_1_to_128_printable_characters_on_every_post(desk, path, bad):
    sent = {"/api/v1/cases": body(desk), "/api/v1/sessions": {"user": "operator"}, "/demo/settle": {},
            "/demo/clock": {"advance": "PT1S"}}  # fmt: skip
    answer = await desk.clerk.post(path, json=sent[path], headers={b"Idempotency-Key": bad.encode()})
    assert_problem(answer, 400, "idempotency_key_invalid")


async def test_the_same_key_and_body_give_the_first_answer_again(town):
    form, name = await town.form(await town.person("elder_card")), str(uuid4())
    first, again = await town.report(form, key=name), await town.report(form, key=name)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content and again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replay"] == "true" and "idempotent-replay" not in first.headers


async def test_the_same_key_with_another_body_is_refused(town):
    form, name = await town.form(await town.person("elder_card")), str(uuid4())
    assert (await town.report(form, key=name)).status_code == 201
    form["deceased"]["place"] = "hospital"
    assert_problem(await town.report(form, key=name), 409, "idempotency_key_reused")


async def test_a_refused_request_leaves_its_key_free(town):
    form, name = await town.form(await town.person("elder_card")), str(uuid4())
    died = form["deceased"].pop("died_at")
    assert_problem(await town.report(form, key=name), 422)
    form["deceased"]["died_at"] = died
    assert (await town.report(form, key=name)).status_code == 201


async def test_sixteen_equal_submissions_at_once_are_one_case_and_one_answer(town):
    form, name = await town.form(await town.person("elder_card")), str(uuid4())
    answers = await asyncio.gather(*(town.report(form, key=name) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replay" not in answer.headers for answer in answers) == 1


async def test_sixteen_reports_of_one_death_at_once_are_one_case(town):
    form = await town.form(await town.person("elder_card"))
    answers = await asyncio.gather(*(town.report(form) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    (case_no,) = {answer.json()["case_no"] for answer in answers}
    case = await town.settled(case_no)
    assert case["version"] == 1 and [line["kind"] for line in case["timeline"]].count("joined") == 15
    assert len({row["type"] for row in case["procedures"]}) == len(case["procedures"])


async def test_moving_the_clock_twice_with_one_key_moves_it_once(town):
    name = key()
    first, again = [await town.http.post("/demo/clock", json={"advance": "PT1M"}, headers=name) for _ in "12"]
    assert first.json() == again.json() and again.headers["idempotent-replay"] == "true"


async def test_a_session_says_until_when_in_local_time(town):
    session = await town.http.post("/api/v1/sessions", json={"user": "operator"})
    assert session.status_code == 201
    said = session.json()
    assert set(said) == {"token", "user", "role", "region", "expires_at"} and said["role"] == "operator"
    assert INSTANT.fullmatch(said["expires_at"])


ACTS = {
    "withdrawal": {"reason": "改期"},
    "corrections": {"changes": {"/deceased/place": "hospital"}, "reason": "地点有误"},
    "revocation": {"kind": "wrong_match", "reason": "认错了人", "basis": "核查记录"},
}


@pytest.mark.parametrize("act", ACTS)
async def test_another_version_is_stale_and_the_current_one_is_told(desk, act):
    county = await desk.as_user("county_supervisor", region=desk.county)
    sent = {**ACTS[act], "version": desk.stale}
    said = assert_problem(
        await county.post(f"/api/v1/cases/{desk.case_no}/{act}", json=sent, headers=key()),
        409,
        "stale_version",
    )
    assert said["current_version"] == (await desk.case(desk.case_no))["version"]


@pytest.mark.parametrize("version", [None, "1", True, 0, 1.5])
@pytest.mark.parametrize("act", ACTS)
async def test_a_version_is_a_whole_number_and_needed(desk, act, version):
    county = await desk.as_user("county_supervisor", region=desk.county)
    sent = {**ACTS[act], **({} if version is None else {"version": version})}
    answer = await county.post(f"/api/v1/cases/{desk.case_no}/{act}", json=sent, headers=key())
    assert_problem(answer, 422, field="/version")


@pytest.mark.parametrize("act", ACTS)
async def test_an_unknown_field_is_refused_and_named(desk, act):
    county = await desk.as_user("county_supervisor", region=desk.county)
    sent = {**ACTS[act], "version": 1, "note": "x"}
    answer = await county.post(f"/api/v1/cases/{desk.case_no}/{act}", json=sent, headers=key())
    assert_problem(answer, 422, "unknown_field", "/note")


async def test_broken_json_an_oversize_body_and_another_content_type_have_their_own_status(desk):
    async def send(content, kind="application/json"):
        headers = {**key(), "Content-Type": kind}
        return await desk.clerk.post("/api/v1/cases", content=content, headers=headers)

    assert_problem(await send(b'{"life_event":'), 400)
    assert_problem(await send(b'{"life_event": "' + b"x" * 2**21 + b'"}'), 413)
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        assert_problem(await send(b"{}", kind), 415)


LISTS = ("/api/v1/cases", "/api/v1/tasks", "/demo/people", "/exchange/v1/tasks", "/api/v1/people?name=王小明")


@pytest.mark.parametrize("path", LISTS)
async def test_lists_have_items_and_next_and_a_limit_of_at_most_200(desk, path):
    reader = desk.clerk
    if path.startswith("/exchange"):
        reader = await desk.as_user("department", owner="court")
    mark = "&" if "?" in path else "?"
    assert len(listed(await reader.get(f"{path}{mark}limit=1"))) <= 1
    for bad in ("0", "201", "many"):
        assert_problem(await reader.get(f"{path}{mark}limit={bad}"), 422, field="/query/limit")


@pytest.mark.parametrize("path", LISTS[:3])
async def test_the_cursor_leads_through_a_list_without_gap_or_repetition(desk, path):
    county = await desk.as_user("county_supervisor", region=desk.county)
    name = {"/api/v1/cases": "case_no", "/api/v1/tasks": "id", "/demo/people": "person"}[path]
    whole = [one[name] for one in listed(await county.get(path, params={"limit": 6}))]
    walked, after = [], None
    while len(walked) < len(whole):
        said = (await county.get(path, params={"limit": 2, **({"after": after} if after else {})})).json()
        walked += [one[name] for one in said["items"]]
        after = said["next"]
        assert after is not None or len(walked) >= len(whole)
    assert walked[: len(whole)] == whole


@pytest.mark.parametrize(
    "path", ["/demo/users", "/demo/departments", "/demo/messages", "/api/v1/life-events"]
)
async def test_four_lists_are_bare_arrays(desk, path):
    answer = await desk.http.get(path)
    assert answer.status_code == 200 and isinstance(answer.json(), list)


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic b3BlcmF0b3I6"])
async def test_who_is_not_signed_in_is_told_so(desk, token):
    headers = {"Authorization": token} if token else {}
    for path in ("/api/v1/cases", "/api/v1/tasks", "/exchange/v1/tasks", "/api/v1/cases/events"):
        assert_problem(await desk.http.get(path, headers=headers), 401)


async def test_what_is_not_there_is_a_problem_too(desk):
    assert_problem(await desk.http.get("/nowhere"), 404)
    assert_problem(await desk.clerk.delete("/api/v1/cases"), 405)


def _ports(stack) -> set[int]:
    """Where the system's own processes listen: on Kafka each service has one."""
    tree = [psutil.Process(stack.pid), *psutil.Process(stack.pid).children(recursive=True)]
    ours = [process for process in tree if Path(process.name()).name.startswith(("python", "lianban"))]
    found = {
        each.laddr.port for one in ours for each in one.net_connections("inet") if each.status == "LISTEN"
    }
    return found | {stack.port}


async def test_every_process_serves_probes_metrics_and_its_interface(desk, stack):
    ports = _ports(stack)
    assert len(ports) >= (7 if stack.profile == "kafka" else 1)
    async with httpx.AsyncClient(timeout=30) as http:
        for port in ports:
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await http.get(f"http://127.0.0.1:{port}{path}")).status_code == 200, (port, path)
            interface = await http.get(f"http://127.0.0.1:{port}/openapi.json")
            assert interface.json()["openapi"].startswith("3."), port
