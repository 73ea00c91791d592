"""A family with two sons at a gateway on a real database, and every department by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import text

from deploy.local.people.model import SyntheticPerson
from gateway.clocks import Clocks
from gateway.demo.moving import GatewayPlace
from gateway.exchange.exchange import Exchange
from kernel.public_service.access import Role
from tests.gateway.office import COUNTY, Office, row

QUERY = "gateway.asset_query"
PROOF = "gateway.proof_of_relation"
GUIDE = "gateway.estate_guide"
SOURCES = (
    "real_estate", "vehicle", "housing_fund", "human_resources", "medical_insurance", "bank", "insurance",
    "securities_registry", "market", "payment",
)  # fmt: skip
_TIE = text("""
    INSERT INTO person_relations (person, relative, relation) VALUES (:father, :son, 'child'), (:son, :father, 'parent')
    ON CONFLICT DO NOTHING""")


@dataclass
class Estate:
    """`father` has died; `first` and `second` are his sons by the register, `stranger` is nobody to him."""

    office: Office
    father: SyntheticPerson
    first: SyntheticPerson
    second: SyntheticPerson
    stranger: SyntheticPerson
    case_no: str = ""
    asked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    async def of(cls, office: Office) -> "Estate":
        """The sons are in the register; nothing is reported yet."""
        made = cls(office, *(office.couple()[0] for _ in range(4)))
        async with office.desk.transactions.begin() as tx:
            for son in (made.first, made.second):
                await tx.execute(_TIE, {"father": made.father.person, "son": son.person})
        return made

    # --- people -----------------------------------------------------------------------------------------------------

    def as_citizen(self, person: SyntheticPerson) -> httpx.AsyncClient:
        return self.office.client(Role.CITIZEN, person=person.person, user=f"citizen {person.person}")

    def as_department(self, department: str) -> httpx.AsyncClient:
        return self.office.client(Role.DEPARTMENT, region="000000", owner=department)

    async def get(self, client: httpx.AsyncClient, part: str, **query: str) -> httpx.Response:
        """GET of the case's part."""
        async with client as http:
            return await http.get(f"/api/v1/cases/{self.case_no}/{part}", params=query)

    # --- the case ---------------------------------------------------------------------------------------------------

    async def report(
        self, applicant: SyntheticPerson, relation: str = "child", heirs: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """The health department's own report confirms; the applicant asks where assets are held."""
        self.case_no = await self.office.health_reports(self.father)
        form = self.office.form(self.father, applicant, asset_query=True)
        form["applicant"]["relation"] = relation
        if heirs:
            form["heirs"] = list(heirs)
        answer = await self.office.post_report(form)
        assert answer.status_code == 200, answer.text

    async def asking(self, applicant: SyntheticPerson, relation: str = "child", **more: Any) -> None:
        """As `report`, and the household register is cancelled: the query may begin."""
        await self.report(applicant, relation, **more)
        await self.cancelled()

    async def cancelled(self) -> None:
        """The police cancel the household registration."""
        items = [
            item for item in await self.pull("police") if item["type"] == "police.household_cancellation"
        ]
        for item in items:
            await self.say("police", item["id"], "done")

    async def row(self, kind: str) -> dict[str, Any]:
        """The row as the clerk sees it."""
        return row(await self.office.read(self.case_no), kind)

    async def decide(
        self, kind: str, decision: str, data: Mapping[str, Any], reason: str | None = None
    ) -> httpx.Response:
        """The window clerk decides the row's task."""
        (task,) = (await self.row(kind))["tasks"]
        async with self.office.clerk as http:
            whole = (await http.get(f"/api/v1/tasks/{task['id']}")).json()
            body = {"decision": decision, "data": dict(data), "reason": reason, "version": whole["version"]}
            return await http.post(f"/api/v1/tasks/{task['id']}/decision", json=body)

    async def correct(self, changes: Mapping[str, Any]) -> None:
        """The clerk corrects the report."""
        version = (await self.office.read(self.case_no))["version"]
        answer = await self.office.act(
            self.office.clerk,
            self.case_no,
            "corrections",
            changes=dict(changes),
            reason="核对",
            version=version,
        )
        assert answer.status_code == 202, answer.text

    # --- departments ------------------------------------------------------------------------------------------------

    async def pull(self, department: str) -> list[dict[str, Any]]:
        """What the department has not been told yet."""
        async with self.as_department(department) as http:
            answer = await http.get("/exchange/v1/tasks", params={"limit": 200})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def say(self, department: str, request: str, outcome: str, **more: Any) -> httpx.Response:
        """One answer of a department."""
        async with self.as_department(department) as http:
            return await http.post(f"/exchange/v1/tasks/{request}/result", json={"outcome": outcome, **more})

    async def requests(self, *sources: str) -> dict[str, dict[str, Any]]:
        """The question as each source pulls it."""
        found = {}
        for source in sources or SOURCES:
            (found[source],) = [
                one for one in await self.pull(source) if one["type"] == f"{source}.asset_query"
            ]
        return found

    async def answered(
        self, *silent: str, requests: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Every source but the silent ones answers: the bank and the housing registry hold something."""
        asked = dict(requests or await self.requests())
        for source, item in asked.items():
            if source in silent:
                continue
            held = source in ("bank", "real_estate")
            places = ["示范农商银行"] if source == "bank" else []
            taken = await self.say(source, item["id"], "done", data={"held": held, "places": places})
            assert taken.status_code == 200, taken.text
        return asked

    # --- time -------------------------------------------------------------------------------------------------------

    async def until(self, instant: datetime) -> None:
        """The legal clock goes on, and what was due is done."""
        self.office.clock.instant = instant
        exchange: Exchange = self.office.services["gateway"].app.state.exchange
        clocks = Clocks(exchange.desk.moves, exchange.limits)
        await GatewayPlace(exchange.desk, exchange.pushed, clocks).run_checks(instant)


def lines(answer: httpx.Response) -> dict[str, str]:
    """Source → answer of a list."""
    assert answer.status_code == 200, answer.text
    return {line["source"]: line["answer"] for line in answer.json()["lines"]}


__all__ = ["COUNTY", "GUIDE", "PROOF", "QUERY", "SOURCES", "Estate", "lines"]
