"""Who may do what to which case: the table is written by hand, the answers come from the routes (api.md, design 7).

200, 202, 409 and 422 mean that one may (the act itself is out of date or empty here, so nothing changes); 403: seen,
but not yours to do, or never your role's; 404: not yours to know of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kernel.public_service.access import Actor, Role
from tests.faults.fuzzing import FirstEventOnly
from tests.gateway.office import COUNTY, OTHER_COUNTY, Office, synthetic

OTHER_TOWN = f"{COUNTY}999000"
EVERYWHERE = "000000"
STALE = 999
REPAID = {"amount_fen": 1, "received_on": "2026-03-01", "reference": "B-1", "version": 1}

# What each does to a case, its tasks and its applicant, in this order.
ACTS = (
    "read", "withdraw", "correct", "revoke", "offer", "paper", "read_task", "decide", "follow", "person",
)  # fmt: skip
READS_ONLY = (200, 403, 403, 403, 403, 403, 403, 403, 200, 403)
NOTHING = (403,) * len(ACTS)
HIDDEN_CLERK = (404, 404, 404, 403, 404, 404, 404, 404, 404, 404)

#                          read with. corr. revo. offer paper task  decide foll. person
HERE: Mapping[str, tuple[int, ...]] = {
    "applicant":          (200, 409, 409, 403, 409, 409, 403, 403, 200, 200),
    "joined_stranger":    (200, 403, 403, 403, 403, 409, 403, 403, 200, 404),
    "stranger":           (404, 404, 404, 403, 404, 404, 403, 403, 404, 404),
    "agent":              (404, 404, 404, 403, 404, 404, 403, 403, 404, 404),
    "window_clerk":       (200, 409, 409, 403, 409, 409, 200, 409, 200, 200),
    "city_clerk":         (200, 409, 409, 403, 409, 409, 200, 409, 200, 200),
    "township_officer":   (200, 409, 409, 403, 409, 409, 404, 404, 200, 200),
    "other_town":         (404, 404, 404, 403, 404, 404, 404, 404, 404, 404),
    "village_assistant":  (200, 403, 403, 403, 403, 409, 403, 403, 200, 200),
    "county_supervisor":  (200, 409, 409, 409, 409, 409, 200, 403, 200, 200),
    "registrar":          (200, 403, 403, 403, 403, 403, 404, 404, 200, 403),
    "funeral_home":       (200, 403, 403, 403, 403, 403, 404, 404, 200, 403),
    "provider":           (200, 403, 403, 403, 403, 403, 404, 404, 200, 403),
    "hotline":            (200, 403, 403, 403, 403, 403, 403, 403, 200, 200),
    "auditor":            (200, 403, 403, 403, 403, 403, 403, 403, 200, 200),
    "operator":           (200, 403, 403, 403, 403, 403, 200, 403, 200, 403),
    "department_health":  (200, 403, 409, 409, 403, 403, 404, 404, 200, 403),
    "department_tax":     (200, 403, 409, 409, 403, 403, 404, 404, 200, 403),
    "department_school":  (404, 403, 404, 404, 403, 403, 404, 404, 404, 403),
    "surveyor":           NOTHING,
    "finance":            (403, 403, 403, 403, 403, 403, 404, 404, 403, 403),
    "account_admin":      NOTHING,
    "audit_admin":        NOTHING,
}  # fmt: skip

# The same actors before a case of another county. Departments, auditor and operator work in every county.
ELSEWHERE: Mapping[str, tuple[int, ...]] = {
    "applicant":          (404, 404, 404, 403, 404, 404, 403, 403, 404, 404),
    "window_clerk":       HIDDEN_CLERK,
    "city_clerk":         HIDDEN_CLERK,
    "township_officer":   HIDDEN_CLERK,
    "village_assistant":  (404, 403, 403, 403, 403, 404, 403, 403, 404, 404),
    "county_supervisor":  (404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    "registrar":          (404, 403, 403, 403, 403, 403, 404, 404, 404, 403),
    "funeral_home":       (404, 403, 403, 403, 403, 403, 404, 404, 404, 403),
    "provider":           (404, 403, 403, 403, 403, 403, 404, 404, 404, 403),
    "hotline":            (404, 403, 403, 403, 403, 403, 403, 403, 404, 404),
    "auditor":            HERE["auditor"],
    "operator":           HERE["operator"],
    "department_health":  HERE["department_health"],
    "department_school":  HERE["department_school"],
    "finance":            HERE["finance"],
}  # fmt: skip

# Routes about no case in particular, by what is asked for; every role's answer.
DOORS = (
    "report", "report_elsewhere", "cases", "tasks", "search", "feed", "pull", "results", "event", "hold", "overpaid",
    "overpaid_elsewhere", "repay", "propose", "sign", "runs", "preview", "preview_elsewhere", "prepare", "release",
)  # fmt: skip
#                          rep. else. cases tasks search feed pull  res. event hold, then what is done about money
# What is done about money: the list here and of another county, a repayment, a proposal, a signature; payment runs.
NO_MONEY = (403,) * 10
MONEY: Mapping[str, tuple[int, ...]] = {
    #                    overpaid  repay propose sign runs preview  prepare release
    "township_officer":  (200, 404, 403, 404, 403, 403, 403, 403, 403, 403),
    "county_supervisor": (200, 404, 403, 404, 404, 200, 403, 403, 403, 403),
    "auditor":           (200, 200, 403, 403, 403, 200, 403, 403, 403, 403),
    "finance":           (200, 404, 404, 403, 403, 200, 200, 404, 422, 404),
}  # fmt: skip
AT_THE_DOOR: Mapping[str, tuple[int, ...]] = {
    "applicant":          (422, 422, 200, 403, 403, 403, 403, 403, 403, 403, *NO_MONEY),
    "agent":              (422, 422, 200, 403, 403, 403, 403, 403, 403, 403, *NO_MONEY),
    "window_clerk":       (422, 403, 200, 200, 200, 403, 403, 403, 403, 403, *NO_MONEY),
    "township_officer":   (422, 403, 200, 200, 200, 403, 403, 403, 403, 403, *MONEY["township_officer"]),
    "village_assistant":  (422, 403, 200, 403, 403, 403, 403, 403, 403, 403, *NO_MONEY),
    "county_supervisor":  (422, 403, 200, 200, 200, 403, 403, 403, 403, 403, *MONEY["county_supervisor"]),
    "registrar":          (403, 403, 200, 200, 403, 403, 403, 403, 403, 403, *NO_MONEY),
    "funeral_home":       (422, 403, 200, 200, 403, 403, 403, 403, 403, 403, *NO_MONEY),
    "provider":           (422, 403, 200, 200, 403, 403, 403, 403, 403, 403, *NO_MONEY),
    "hotline":            (403, 403, 200, 403, 200, 403, 403, 403, 403, 403, *NO_MONEY),
    "auditor":            (403, 403, 200, 403, 403, 403, 403, 403, 403, 403, *MONEY["auditor"]),
    "operator":           (403, 403, 200, 200, 403, 200, 403, 403, 403, 403, *NO_MONEY),
    "department_health":  (403, 403, 200, 200, 403, 403, 200, 422, 422, 422, *NO_MONEY),
    "surveyor":           (403,) * len(DOORS),
    "finance":            (403, 403, 403, 200, 403, 403, 403, 403, 403, 403, *MONEY["finance"]),
    "account_admin":      (403,) * len(DOORS),
    "audit_admin":        (403,) * len(DOORS),
    "nobody":             (401,) * len(DOORS),
}  # fmt: skip

# Acts outside any case, each tried on something that does not exist (404) or with nothing said (422).
COUNTERS = (
    "beds",
    "bed",
    "declare",
    "awards",
    "give",
    "undo",
    "grants",
    "check",
    "visits",
    "visit",
    "cancel",
)
#                          beds bed  decl awds give undo grnt chck vsts vst  cancel
_CLERK = (403, 403, 403, 403, 403, 403, 403, 403, 404, 404, 404)
_FAMILY = (200, 404, 403, 403, 403, 403, 403, 403, 404, 404, 404)
_NO_COUNTER = (403,) * len(COUNTERS)
AT_THE_COUNTER: Mapping[str, tuple[int, ...]] = {
    "applicant":          _FAMILY,
    "agent":              _FAMILY,
    "window_clerk":       _CLERK,
    "township_officer":   (200, 404, 403, 403, 403, 403, 403, 403, 404, 404, 404),
    "village_assistant":  _NO_COUNTER,
    "county_supervisor":  (200, 403, 403, 200, 422, 404, 200, 404, 403, 403, 403),
    "registrar":          (403, 403, 422, 403, 403, 403, 403, 403, 403, 403, 403),
    "funeral_home":       (403, 403, 403, 200, 403, 403, 403, 403, 404, 404, 404),
    "provider":           (200, 404, 403, 403, 403, 403, 403, 403, 403, 403, 403),
    "hotline":            _NO_COUNTER,
    "auditor":            _NO_COUNTER,
    "operator":           _NO_COUNTER,
    "department_health":  _NO_COUNTER,
    "surveyor":           _NO_COUNTER,
    "finance":            _NO_COUNTER,
    "account_admin":      _NO_COUNTER,
    "audit_admin":        _NO_COUNTER,
    "nobody":             (401,) * len(COUNTERS),
}  # fmt: skip


@dataclass
class Scene:
    """Two cases of two counties, each with a task of its window and offers; the people beside the first."""

    office: Office
    here: dict[str, Any]
    elsewhere: dict[str, Any]
    applicants: Mapping[str, Any]
    actors: Mapping[str, Actor]

    def client(self, who: str) -> httpx.AsyncClient:
        """Signed in as that actor; `nobody` is not."""
        gateway = self.office.services["gateway"]
        token = gateway.tokens.issue(self.actors[who]).text if who in self.actors else ""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(FirstEventOnly(gateway.app)), base_url="http://gateway",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )  # fmt: skip


@pytest.fixture
async def scene(office: Office) -> Scene:
    dead, spouse = office.couple()
    joined = office.couple()[0]
    there = next(
        pair for pair in synthetic().population.bench_subjects() if pair[0].region.startswith(OTHER_COUNTY)
    )
    here = (await office.post_report(office.form(dead, spouse))).json()
    clerk = office.client(Role.WINDOW_CLERK, region=OTHER_COUNTY)
    elsewhere = (await office.post_report(office.form(*there), client=clerk, region=OTHER_COUNTY)).json()
    citizen = office.client(Role.CITIZEN, person=joined.person, user="joined")
    form = office.form(dead, joined)
    form["applicant"]["relation"] = "other_relative"
    assert (await office.post_report(form, client=citizen)).status_code == 200
    here["task"] = await contest(office, office.form(dead, spouse), COUNTY)
    elsewhere["task"] = await contest(office, office.form(*there), OTHER_COUNTY)
    return Scene(
        office, here, elsewhere, {here["case_no"]: spouse, elsewhere["case_no"]: there[1]},
        actors(dead.region, spouse.person, joined.person),
    )  # fmt: skip


async def contest(office: Office, form: dict[str, Any], county: str) -> str:
    """The health department has reported the same; a window then says otherwise. The id of the county's task."""
    report = {"life_event": "death", "source_no": county, "source_version": 1, "form": form,
              "occurred_at": form["deceased"]["died_at"]}  # fmt: skip
    async with office.client(Role.DEPARTMENT, region=EVERYWHERE, owner="health") as health:
        assert (await health.post("/exchange/v1/life-events", json=report)).status_code == 202
    other = {**form, "deceased": {**form["deceased"], "place": "hospital"}}
    clerk = office.client(Role.WINDOW_CLERK, region=county)
    case = (await office.post_report(other, client=clerk, region=county)).json()
    (task,) = [one for one in case["tasks"] if one["step"] == "content_conflict"]
    return str(task["id"])


def actors(town: str, applicant: Any, joined: Any) -> dict[str, Actor]:
    """One of each role in the first county and township, and those who stand a little aside."""
    made = {
        "applicant": Actor("applicant", Role.CITIZEN, town, person=applicant),
        "joined_stranger": Actor("joined", Role.CITIZEN, town, person=joined),
        "stranger": Actor("stranger", Role.CITIZEN, town, person=uuid4()),
        "agent": Actor("agent", Role.AGENT, town, person=uuid4()),
        "city_clerk": Actor("city", Role.WINDOW_CLERK, "331000"),
        "township_officer": Actor("town", Role.TOWNSHIP_OFFICER, town),
        "other_town": Actor("other town", Role.TOWNSHIP_OFFICER, OTHER_TOWN),
        "village_assistant": Actor("village", Role.VILLAGE_ASSISTANT, town),
        "registrar": Actor("registrar", Role.REGISTRAR, COUNTY, owner="marriage"),
        "funeral_home": Actor("home", Role.FUNERAL_HOME, COUNTY, owner="funeral"),
        "provider": Actor("provider", Role.PROVIDER, COUNTY, owner="eldercare"),
        "auditor": Actor("auditor", Role.AUDITOR, EVERYWHERE), "operator": Actor("operator", Role.OPERATOR, EVERYWHERE),
        "department_health": Actor("health", Role.DEPARTMENT, EVERYWHERE, owner="health"),
        "department_tax": Actor("tax", Role.DEPARTMENT, EVERYWHERE, owner="tax"),
        "department_school": Actor("school", Role.DEPARTMENT, EVERYWHERE, owner="education"),
    }  # fmt: skip
    offices = (Role.WINDOW_CLERK, Role.COUNTY_SUPERVISOR, Role.HOTLINE, Role.SURVEYOR, Role.FINANCE,
               Role.ACCOUNT_ADMIN, Role.AUDIT_ADMIN)  # fmt: skip
    return made | {str(role): Actor(f"{role}-{COUNTY}", role, COUNTY) for role in offices}


async def attempts(scene: Scene, who: str, case: dict[str, Any]) -> tuple[int, ...]:
    """The answers to every act on that case, in the order of ACTS."""
    at = f"/api/v1/cases/{case['case_no']}"
    offered = next(one["id"] for one in case["procedures"] if one["state"] == "offered")
    said = {"reason": "核对", "version": STALE}
    async with scene.client(who) as http:
        answers = [
            await http.get(at),
            await http.post(f"{at}/withdrawal", json=said),
            await http.post(f"{at}/corrections", json={**said, "changes": {"/deceased/place": "hospital"}}),
            await http.post(f"{at}/revocation", json={**said, "kind": "wrong_match", "basis": "更正函"}),
            await http.post(f"{at}/offers/{offered}", json={"answer": "accept", "version": STALE}),
            await http.post(f"{at}/materials", data={"version": STALE}, files={"file": ("a.pdf", b"%PDF-1.4 a")}),
            await http.get(f"/api/v1/tasks/{case['task']}"),
            await http.post(f"/api/v1/tasks/{case['task']}/decision", json={"decision": "keep", "version": STALE}),
            await http.get(f"{at}/events"),
            await http.get(f"/api/v1/people/{scene.applicants[case['case_no']].person}"),
        ]  # fmt: skip
    return tuple(answer.status_code for answer in answers)


async def knocks(scene: Scene, who: str) -> tuple[int, ...]:
    """The answers at the doors that are about no case, in the order of DOORS."""
    key = {"Idempotency-Key": str(uuid4())}
    report = {"life_event": "death", "form": {}}
    own = scene.actors[who].region if who in scene.actors else COUNTY
    place = own if own != EVERYWHERE else COUNTY
    overpayment = f"/api/v1/overpayments/{uuid4()}"
    async with scene.client(who) as http:
        answers = [
            await http.post("/api/v1/cases", json={**report, "region": place}, headers=key),
            await http.post("/api/v1/cases", json={**report, "region": OTHER_COUNTY}, headers=key),
            await http.get("/api/v1/cases"),
            await http.get("/api/v1/tasks"),
            await http.get("/api/v1/people", params={"name": "王秀英"}),
            await http.get("/api/v1/cases/events"),
            await http.get("/exchange/v1/tasks"),
            await http.post("/exchange/v1/results", json={}),
            await http.post("/exchange/v1/life-events", json={}),
            await http.post("/exchange/v1/holds", json={}),
            await http.get("/api/v1/overpayments", params={"region": place}),
            await http.get("/api/v1/overpayments", params={"region": OTHER_COUNTY}),
            await http.post(f"{overpayment}/repayments", json=REPAID),
            await http.post(f"{overpayment}/proposal", json={"proposal": "waive", "reason": "核对", "version": 1}),
            await http.post(f"{overpayment}/decision", json={"decision": "sign", "version": 1}),
            await http.get("/api/v1/payment-runs", params={"region": place}),
            await http.get("/api/v1/payment-runs/preview", params={"region": place, "month": "2026-03"}),
            await http.get("/api/v1/payment-runs/preview", params={"region": OTHER_COUNTY, "month": "2026-03"}),
            await http.post("/api/v1/payment-runs", json={}),
            await http.post(f"/api/v1/payment-runs/{uuid4()}/release"),
        ]  # fmt: skip
    return tuple(answer.status_code for answer in answers)


async def counters(scene: Scene, who: str) -> tuple[int, ...]:
    """The answers at the counters, in the order of COUNTERS."""
    one = uuid4()
    visit = {"starts_at": "2026-04-03T10:00:00+08:00", "people": 1}
    async with scene.client(who) as http:
        answers = [
            await http.get("/api/v1/bed-offers"),
            await http.post(f"/api/v1/bed-offers/{one}/answer", json={"answer": "accept", "version": 1}),
            await http.post("/api/v1/marriage-declarations", json={}),
            await http.get("/api/v1/eco-awards/in-life"),
            await http.post("/api/v1/eco-awards/in-life", json={}),
            await http.post(f"/api/v1/eco-awards/in-life/{one}/undo", json={"reason": "核对"}),
            await http.get("/api/v1/allowances/in-check"),
            await http.post(f"/api/v1/allowances/{one}/check", json={"decision": "pay", "reason": "核对"}),
            await http.get(f"/api/v1/memorials/{one}/visits"),
            await http.post(f"/api/v1/memorials/{one}/visits", json=visit),
            await http.delete(f"/api/v1/memorial-visits/{one}"),
        ]  # fmt: skip
    return tuple(answer.status_code for answer in answers)


def differences(
    expected: tuple[int, ...], found: tuple[int, ...], names: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    return {
        name: (wanted, got) for name, wanted, got in zip(names, expected, found, strict=True) if wanted != got
    }


async def test_everybody_does_to_a_case_of_the_own_county_what_the_table_says(scene: Scene) -> None:
    wrong = {
        who: faults for who, expected in HERE.items()
        if (faults := differences(expected, await attempts(scene, who, scene.here), ACTS))
    }  # fmt: skip
    assert not wrong, wrong


async def test_everybody_does_to_a_case_of_another_county_what_the_table_says(scene: Scene) -> None:
    wrong = {
        who: faults for who, expected in ELSEWHERE.items()
        if (faults := differences(expected, await attempts(scene, who, scene.elsewhere), ACTS))
    }  # fmt: skip
    assert not wrong, wrong


async def test_everybody_finds_open_the_doors_that_the_table_says(scene: Scene) -> None:
    wrong = {
        who: faults for who, expected in AT_THE_DOOR.items()
        if (faults := differences(expected, await knocks(scene, who), DOORS))
    }  # fmt: skip
    assert not wrong, wrong


async def test_everybody_finds_open_the_counters_that_the_table_says(scene: Scene) -> None:
    wrong = {
        who: faults for who, expected in AT_THE_COUNTER.items()
        if (faults := differences(expected, await counters(scene, who), COUNTERS))
    }  # fmt: skip
    assert not wrong, wrong


async def test_the_table_names_every_role(scene: Scene) -> None:
    assert {scene.actors[who].role for who in HERE} == set(Role)
    assert {scene.actors[who].role for who in AT_THE_DOOR if who != "nobody"} == set(Role)
    assert {scene.actors[who].role for who in AT_THE_COUNTER if who != "nobody"} == set(Role)


async def test_nothing_that_was_tried_changed_a_case(scene: Scene) -> None:
    before = await scene.office.read(scene.here["case_no"])
    for who in HERE:
        await attempts(scene, who, scene.here)
    after = await scene.office.read(scene.here["case_no"])
    assert (after["version"], after["procedures"], after["timeline"]) == (
        before["version"], before["procedures"], before["timeline"],
    )  # fmt: skip


async def test_a_department_that_issues_no_proof_neither_revokes_nor_corrects_what_it_does_not_receive(
    scene: Scene,
) -> None:
    at = f"/api/v1/cases/{scene.here['case_no']}"
    version = (await scene.office.read(scene.here["case_no"]))["version"]
    said = {"reason": "核对", "version": version}
    async with scene.client("department_tax") as http:
        revoked = await http.post(f"{at}/revocation", json={**said, "kind": "wrong_match", "basis": "函"})
        corrected = await http.post(f"{at}/corrections", json={**said, "changes": {"/wishes/memorial": True}})
    assert (revoked.status_code, revoked.json()["code"]) == (403, "revocation_not_yours")
    assert (corrected.status_code, corrected.json()["code"]) == (403, "correction_not_yours")


async def test_a_decided_task_is_over_for_those_who_know_the_case_and_unknown_to_others(scene: Scene) -> None:
    address = f"/api/v1/tasks/{scene.here['task']}/decision"
    async with scene.client("window_clerk") as http:
        assert (await http.post(address, json={"decision": "keep", "version": 1})).status_code == 200
    codes = {}
    for who in ("window_clerk", "county_supervisor", "other_town", "registrar"):
        async with scene.client(who) as http:
            codes[who] = (await http.post(address, json={"decision": "keep", "version": 1})).status_code
    assert codes == {"window_clerk": 409, "county_supervisor": 409, "other_town": 404, "registrar": 409}


async def test_the_operator_sees_that_a_row_moves_and_nobodys_answers(scene: Scene) -> None:
    async with scene.client("operator") as http:
        case = (await http.get(f"/api/v1/cases/{scene.here['case_no']}")).json()
        task = (await http.get(f"/api/v1/tasks/{scene.here['task']}")).json()
    async with scene.client("window_clerk") as http:
        asked = (await http.get(f"/api/v1/tasks/{scene.here['task']}")).json()
    assert {one["state"] for one in case["procedures"]} >= {"done", "offered"}
    assert not any(one["result"] for one in case["procedures"])
    assert task["fields"] == [] and asked["fields"]
