"""One death over the gateway and the four services, in any order: what people and departments may do about it.

Every act goes in by a public route, and is kept with its answer: the sequence that broke a law can be read off. An act
that is not possible just now (no offer, no task) is tried all the same where a route takes it, or says so in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from gateway.exchange.delivery import RUNNING, TAKEN_BACK
from kernel.public_service.access import Role
from kernel.public_service.months import month_of, month_text
from tests.gateway.office import COUNTY, Office, household

WISHES = {"remains": "cremation", "transport": True, "ashes": "family", "memorial": True, "asset_query": True}
DIED = "2026-02-20T06:20:00+08:00"
_OWNERS = {"registrar": "marriage", "funeral_home": "funeral", "provider": "eldercare"}
_SILENT = "INSERT INTO demo_departments SELECT unnest(CAST(:names AS text[])), 'silent', 0 RETURNING 1"
_UNANSWERED = """SELECT d.id, d.department, d.type, d.kind, d.state FROM deliveries d JOIN cases c ON c.id = d.case_id
    WHERE c.subject = :dead AND d.state = ANY(CAST(:states AS text[])) ORDER BY d.type, d.kind, d.opened_at, d.id"""
_TASKS = """SELECT * FROM (
        SELECT r.task_id AS id, r.type || '.' || coalesce(r.step, '') AS name, r.task_role AS role,
               r.task_region AS region, r.state
          FROM case_procedures r JOIN cases c ON c.id = r.case_id WHERE c.subject = :dead AND r.task_id IS NOT NULL
        UNION ALL
        SELECT t.id, t.kind, t.role, t.region, 'asked' FROM gateway_tasks t JOIN cases c ON c.id = t.case_id
         WHERE c.subject = :dead AND t.closed_at IS NULL) AS tasks ORDER BY name, id"""
_CASES = "SELECT id, case_no, status, version, revocation FROM cases WHERE subject = :dead ORDER BY submitted_at, id"


@dataclass
class Death:
    """Who dies in one example, `dead`, and who reports it, `spouse`. `log`: what happened.

    `shape`: the dead person's household; none: a couple on dibao that she draws, and his allowance.
    """

    office: Office
    shape: str | None = None
    log: list[str] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    before: Any = None

    def __post_init__(self) -> None:
        self.dead, self.spouse = self.office.couple()
        if self.shape is not None:
            self.dead, *others = household(self.shape).persons
            self.spouse = others[0] if others else self.spouse

    async def begin(self) -> None:
        """No department answers by itself: what they say, and when, is one of the acts."""
        await self.office.rows(_SILENT, names=list(self.office.desk.catalogue.departments))

    def wrote(self, what: str, answer: httpx.Response | None = None) -> httpx.Response | None:
        """One line of the log. A server's fault is a fault whatever the law says."""
        told = "" if answer is None else f" → {answer.status_code}"
        if answer is not None and answer.status_code >= 400:
            told += f" {answer.json().get('code')}"
        self.log.append(f"{self.office.clock.now():%m-%d %H:%M} {what}{told}")
        assert answer is None or answer.status_code < 500, f"{what}: {answer.text}"
        return answer

    async def pass_minute(self) -> None:
        """No two acts share an instant."""
        self.office.clock.advance(timedelta(minutes=1))

    # --- what stands ----------------------------------------------------------------------------------------------

    async def cases(self) -> list[Any]:
        """All cases of this person, oldest first: after a withdrawal a new report opens another."""
        return await self.office.rows(_CASES, dead=self.dead.person)

    async def case(self) -> dict[str, Any] | None:
        """The newest one, as the county sees it; none: nobody has reported yet."""
        found = await self.cases()
        return await self.office.read(found[-1].case_no, self.office.supervisor) if found else None

    async def unanswered(self) -> list[Any]:
        """Requests and cancellations that a department owes an answer to."""
        states = [state.value for state in RUNNING | TAKEN_BACK]
        return await self.office.rows(_UNANSWERED, dead=self.dead.person, states=states)

    async def tasks(self) -> list[Any]:
        """What waits for a person's decision, at the owners and at the gateway."""
        return await self.office.rows(_TASKS, dead=self.dead.person)

    # --- what the family and the window do ------------------------------------------------------------------------

    async def report(self, **wishes: Any) -> None:
        """The spouse at the window; again, it joins the case that stands."""
        form = self.office.form(self.dead, self.spouse, **wishes)
        form["deceased"]["died_at"] = DIED
        form["applicant"]["relation"] = (
            "spouse" if self.dead.spouse == self.spouse.person else "other_relative"
        )
        self.wrote(f"the family reports {sorted(wishes)}", await self.office.post_report(form))

    async def correct(self, pointer: str, value: str) -> None:
        """The window mends an answer of the form."""
        body = {"changes": {pointer: value}, "reason": "以材料为准"}
        await self._on_case(
            f"the window corrects {pointer} to {value}", self.office.clerk, "corrections", body
        )

    async def withdraw(self, pick: int | None) -> None:
        """The whole case, or one row that the family asked for."""
        case, body = await self.case(), {"reason": "家属撤回"}
        chosen = "the case"
        if pick is not None and case is not None:
            rows = [row for row in case["procedures"] if row["origin"] == "applied"]
            row = rows[pick % len(rows)]
            body["procedures"], chosen = [row["id"]], f"{row['type']} ({row['state']})"
        await self._on_case(f"the family withdraws {chosen}", self.office.clerk, "withdrawal", body)

    async def answer_offer(self, pick: int, answer: str) -> None:
        """One of the rows that are offered."""
        case = await self.case()
        offered = [row for row in case["procedures"] if row["state"] == "offered"] if case else []
        if not offered:
            self.wrote("nothing is offered")
            return
        row = offered[pick % len(offered)]
        words, path = f"the family says {answer} to {row['type']}", f"offers/{row['id']}"
        await self._on_case(words, self.office.clerk, path, {"answer": answer, "data": {}})

    async def _on_case(
        self, words: str, client: httpx.AsyncClient, path: str, body: Mapping[str, Any]
    ) -> None:
        case = await self.case()
        if case is None:
            self.wrote(f"{words}: no case")
            return
        self.wrote(
            words, await self.office.act(client, case["case_no"], path, **body, version=case["version"])
        )

    # --- what departments and the county do -----------------------------------------------------------------------

    async def health_reports(self) -> None:
        """The issuer's own report, which proves the death."""
        deceased = {
            "name": self.dead.name, "id_number": self.dead.id_number, "died_at": DIED, "place": "home",
            "place_region": COUNTY,
        }  # fmt: skip
        body = {
            "life_event": "death", "source_no": f"D-{len(self.log)}", "source_version": 1, "occurred_at": DIED,
            "form": {"deceased": deceased},
        }  # fmt: skip
        async with self._department("health") as http:
            self.wrote("health reports", await http.post("/exchange/v1/life-events", json=body))

    async def revoke(self, kind: str, *, by: str | None) -> None:
        """The county signs; or a department asks for it, and the county has a task."""
        client = self._department(by) if by else self.office.supervisor
        body = {"kind": kind, "reason": "核查", "basis": "核查记录"}
        await self._on_case(f"{by or 'the county'} revokes as {kind}", client, "revocation", body)

    async def department_says(self, pick: int, word: str) -> None:
        """An answer to one of the requests, whichever came first; a cancellation is confirmed, or came too late."""
        waiting = await self.unanswered()
        if not waiting:
            self.wrote("no department owes an answer")
            return
        chosen = waiting[pick % len(waiting)]
        if chosen.state in TAKEN_BACK:
            word = "done" if word == "done" else "cancelled"
        elif chosen.kind == "undo" and word in ("need_more", "wrong_person"):
            word = "refused"
        await self.say(chosen, word)

    async def say(self, request: Any, word: str) -> None:
        """That department's word on that request."""
        data = {"held": False} if request.type.endswith(".asset_query") else {}
        body = {"outcome": word, "reason": "原因", "data": data}
        async with self._department(request.department) as http:
            answer = await http.post(f"/exchange/v1/tasks/{request.id}/result", json=body)
        self.wrote(
            f"{request.department} says {word} to {request.type} ({request.kind}, {request.state})", answer
        )

    async def hold(self, department: str, kind: str) -> None:
        """A hold on the body or the money."""
        case = await self.case()
        body = {"kind": kind, "source_no": f"H-{len(self.log)}", "reason": "调查"}
        if case is None:
            body["person"] = str(self.dead.person)
        else:
            body["case_no"] = case["case_no"]
        async with self._department(department) as http:
            answer = self.wrote(
                f"{department} holds ({kind})", await http.post("/exchange/v1/holds", json=body)
            )
        if answer is not None and answer.status_code == 201:
            self.holds.append({**answer.json(), "by": department})

    async def lift(self, pick: int) -> None:
        """The department that placed it releases it."""
        if not self.holds:
            self.wrote("no hold stands")
            return
        hold = self.holds.pop(pick % len(self.holds))
        body = {"release_no": f"R-{hold['source_no']}", "version": hold["version"]}
        async with self._department(hold["by"]) as http:
            answer = await http.post(f"/exchange/v1/holds/{hold['id']}/release", json=body)
        self.wrote(f"{hold['by']} lifts its hold", answer)

    async def decide(self, pick: int, choice: int) -> None:
        """One of the open tasks, by whoever it is for."""
        tasks = await self.tasks()
        if not tasks:
            self.wrote("no task is open")
            return
        await self.decide_task(tasks[pick % len(tasks)], choice)

    async def decide_task(self, task: Any, choice: int) -> None:
        """With the least data that the decision's schema asks for."""
        async with desk_of(self.office, task) as http:
            shown = await http.get(f"/api/v1/tasks/{task.id}")
            if shown.status_code != 200:
                self.wrote(f"{task.role} looks for {task.name}", shown)
                return
            found = shown.json()
            decision = found["decisions"][choice % len(found["decisions"])]
            body = {
                "decision": decision["id"], "reason": "核查结果", "data": least(decision["data_schema"], self.office),
                "version": found["version"],
            }  # fmt: skip
            key = {"Idempotency-Key": str(uuid4())}
            answer = await http.post(f"/api/v1/tasks/{task.id}/decision", json=body, headers=key)
        self.wrote(f"{task.role} decides {task.name}: {decision['id']}", answer)

    def _department(self, name: str) -> httpx.AsyncClient:
        return self.office.client(Role.DEPARTMENT, region="000000", owner=name)

    # --- time and money -------------------------------------------------------------------------------------------

    async def days_pass(self, days: int) -> None:
        """The clock is moved; what falls due meanwhile runs at its own instant."""
        async with self._gateway() as http:
            moved = await http.post("/demo/clock", json={"advance": f"P{days}D"})
        self.wrote(f"{days} days pass", moved)
        assert moved.status_code == 200, moved.text

    async def pay_run(self) -> None:
        """The treasury pays this month: assistance by a file, elder care by its run."""
        month = month_of(self.office.clock.today())
        file = str(uuid4())
        asked = {"id": file, "region": COUNTY, "month": month.isoformat()}
        for owner, path, body in (
            ("assistance", "money/files", asked), ("assistance", f"money/files/{file}/release", {}),
            ("eldercare", "care/payments", {"month": month_text(month)}),
        ):  # fmt: skip
            async with self._owner(owner) as http:
                answer = await http.post(f"/internal/v1/{path}", json=body)
            self.wrote(f"{owner} {path.partition('/')[2].replace(file, 'FILE')} of {month}", answer)
            assert answer.status_code in (200, 201), answer.text

    async def settle(self) -> None:
        """Wait until nothing moves by itself."""
        async with self._gateway() as http:
            answer = (await http.post("/demo/settle", json={"timeout_seconds": 120})).json()
        assert answer["settled"], answer

    def _owner(self, name: str) -> httpx.AsyncClient:
        service = self.office.services[name]
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(service.app), base_url=f"http://{name}", timeout=60,
            headers={"X-Service-Key": service.settings.service_key.get_secret_value()},
        )  # fmt: skip

    def _gateway(self) -> httpx.AsyncClient:
        app = self.office.services["gateway"].app
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway", timeout=180)

    async def views(self, persons: list[UUID]) -> dict[str, list[dict[str, Any]]]:
        """What every service shows of these people."""
        shown = {}
        for name in ("assistance", "eldercare", "marriage"):
            async with self._owner(name) as http:
                answer = await http.post(
                    "/internal/v1/people/holds", json={"persons": [str(one) for one in persons]}
                )
            assert answer.status_code == 200, answer.text
            shown[name] = answer.json()["people"]
        return shown


def desk_of(office: Office, task: Any) -> httpx.AsyncClient:
    """A client of whoever that task is for, in the place that it is for."""
    return office.client(Role(task.role), region=task.region, owner=_OWNERS.get(task.role))


def least(schema: Mapping[str, Any], office: Office) -> dict[str, Any]:
    """The smallest value that an object schema of the catalogue takes: what is required, nothing more."""
    members = schema.get("properties") or {}
    return {name: _least(members[name], office.clock.now()) for name in schema.get("required") or ()}


def _least(member: Mapping[str, Any], now: datetime) -> Any:
    if "const" in member:
        return member["const"]
    if "enum" in member:
        return member["enum"][0]
    if member["type"] == "array":
        items = member["items"]
        if "enum" in items:
            return items["enum"][: member.get("minItems", 0)]
        return [f"A-{number}" for number in range(member.get("minItems", 0))]
    if member.get("format") == "date-time":
        return (now + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0).isoformat()
    return {"boolean": True, "integer": member.get("minimum", 0), "string": "甲"}[member["type"]]
