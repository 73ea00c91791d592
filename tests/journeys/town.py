"""A demo county seen through the public contract: users who sign in, people, and reports of a death."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from kernel.testing import eventually
from tests.journeys.rows import Reached

Json = dict[str, Any]
_USED: dict[str, set[str]] = defaultdict(set)  # by installation: all have the same people
_RELATIVE: dict[str, Json] = {}  # by installation: one person from elsewhere reports for many


class Town:
    """Short ways to do what a user does; every answer is the contract's JSON."""

    def __init__(
        self, address: str, http: httpx.AsyncClient, users: list[Json], closing: AsyncExitStack
    ) -> None:
        self.address, self.http, self.users, self._closing = address, http, users, closing
        self._signed_in: dict[str, httpx.AsyncClient] = {}
        self.reached = Reached()

    @classmethod
    @asynccontextmanager
    async def of(cls, address: str) -> AsyncIterator["Town"]:
        """The town behind that address."""
        async with AsyncExitStack() as closing:
            http = await closing.enter_async_context(httpx.AsyncClient(base_url=address, timeout=60))
            users = (await http.get("/demo/users")).json()
            yield cls(address, http, users, closing)

    async def as_user(
        self, role: str, *, region: str | None = None, owner: str | None = None
    ) -> httpx.AsyncClient:
        """A client signed in as the first user of that role (in that county, or of that department)."""
        user = next(
            user["user"] for user in self.users
            if user["role"] == role and (region is None or (user["region"] or "").startswith(region))
            and (owner is None or user["owner"] == owner)
        )  # fmt: skip
        return await self.as_named(user)

    async def as_named(self, user: str) -> httpx.AsyncClient:
        """A client signed in as that user."""
        if user not in self._signed_in:
            session = await self.http.post("/api/v1/sessions", json={"user": user})
            assert session.status_code == 201, session.text
            headers = {"Authorization": f"Bearer {session.json()['token']}"}
            client = httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60)
            self._signed_in[user] = await self._closing.enter_async_context(client)
        return self._signed_in[user]

    @property
    def county(self) -> str:
        """The first demo county."""
        return next(user["region"][:6] for user in self.users if user["role"] == "window_clerk")

    async def person(self, *holds: str, married: bool = False, without: str | None = None) -> Json:
        """A living person of the county who holds all that, never given out twice in one run.

        `without`: nothing of that service. To who asks for little, the single who hold least are given: the others
        are kept for those who need them.
        """
        listed = await self.http.get(
            "/demo/people", params={"region": self.county, "holds": holds[0], "limit": 200}
        )
        found = listed.json()["items"]
        if len(holds) == 1 and not married:
            found.sort(key=lambda one: (one["spouse"] is not None, len(one["holds"])))
        for person in found:
            kinds, used = {hold["kind"] for hold in person["holds"]}, _USED[self.address]
            if without in {hold["service"] for hold in person["holds"]}:
                continue
            if person["person"] in used or not kinds.issuperset(holds) or (married and not person["spouse"]):
                continue
            used.update({person["person"], person["spouse"] or person["person"]})
            return person
        raise AssertionError(f"nobody left in {self.county} who holds {holds}")

    async def look(self, person: str) -> Json:
        """That person as the services hold them now."""
        answer = await self.http.get(f"/demo/people/{person}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def now(self) -> datetime:
        """The town's clock."""
        return datetime.fromisoformat((await self.http.get("/demo/clock")).json()["now"])

    async def form(self, dead: Json, spouse: Json | None = None, **wishes: Any) -> Json:
        """The form of a natural death at home yesterday, reported by the spouse or a son from elsewhere."""
        died_at = (await self.now()) - timedelta(days=1)
        deceased = {"name": dead["name"], "id_kind": "resident_id", "id_number": dead["id_number"],
                    "died_at": died_at.isoformat(timespec="seconds"), "place": "home", "hukou_region": self.county,
                    "residence_region": self.county, "place_region": self.county}  # fmt: skip
        who = spouse or await self._relative()
        applicant = {"name": who["name"], "id_number": who["id_number"], "phone": "13900000000",
                     "relation": "spouse" if spouse else "other_relative"}  # fmt: skip
        return {"deceased": deceased, "applicant": applicant, **({"wishes": wishes} if wishes else {})}

    async def _relative(self) -> Json:
        if self.address not in _RELATIVE:
            _RELATIVE[self.address] = await self.person("old_age_allowance")
        return _RELATIVE[self.address]

    async def report(
        self, form: Json, *, role: str = "window_clerk", key: str | None = None
    ) -> httpx.Response:
        """Report a death at the county's window."""
        clerk = await self.as_user(role, region=self.county)
        body = {"life_event": "death", "region": self.county, "form": form}
        return await clerk.post("/api/v1/cases", json=body, headers={"Idempotency-Key": key or str(uuid4())})

    async def case(self, case_no: str, role: str = "window_clerk") -> Json:
        """The case as that role of the county sees it."""
        reader = await self.as_user(role, region=self.county)
        answer = await reader.get(f"/api/v1/cases/{case_no}")
        assert answer.status_code == 200, answer.text
        case = answer.json()
        self.reached.read(case)
        return case

    async def settle(self) -> None:
        """Wait until nothing moves by itself any more."""
        answer = await self.http.post("/demo/settle", json={"timeout_seconds": 60})
        assert answer.json()["settled"], answer.text

    async def settled(self, case_no: str) -> Json:
        """The case after everything automatic has ended."""
        await self.settle()
        return await self.case(case_no)

    async def until_status(self, case_no: str, status: str) -> Json:
        """The case once it has that status."""

        async def reached() -> Json | None:
            case = await self.case(case_no)
            assert case["status"] == status, (case["status"], states(case))
            return case

        return await eventually(reached, within=60)

    async def departments(self, mode: str, *names: str, delay_seconds: float = 0) -> None:
        """Switch simulated departments."""
        for name in names:
            answer = await self.http.put(
                f"/demo/departments/{name}", json={"mode": mode, "delay_seconds": delay_seconds}
            )
            assert answer.status_code == 200, answer.text


def states(case: Json) -> dict[str, str]:
    """State by procedure type, newest round."""
    return {
        row["type"]: row["state"] for row in sorted(case["procedures"], key=lambda row: row.get("round", 1))
    }


def procedure(case: Json, kind: str) -> Json:
    """The newest row of that type."""
    return max(
        (row for row in case["procedures"] if row["type"] == kind), key=lambda row: row.get("round", 1)
    )
