"""How a simulated department speaks to the gateway: with the token of its own demo user, over the public contract."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog
from httpx_aiohttp import AiohttpTransport

log = structlog.get_logger("lianban.departments")
_WAITS_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class UnknownDepartment(LookupError):
    """没有这个部门。
    The gateway knows no such department."""


class GatewayClient:
    """One client for all departments. `base_url` of the gateway."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, transport=AiohttpTransport(trust_env=False), timeout=10.0, trust_env=False
        )
        self._tokens: dict[str, str] = {}

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def modes(self) -> dict[str, tuple[str, float]]:
        """`{department: (mode, delay in seconds)}` as stored at the gateway. Raises httpx.HTTPError when it is away."""
        answer = await self._http.get("/demo/departments")
        answer.raise_for_status()
        return {one["id"]: (one["mode"], one["delay_seconds"]) for one in answer.json()}

    async def results(self, department: str, results: Sequence[Mapping[str, Any]]) -> None:
        """`POST /exchange/v1/results`, repeated until the gateway has taken them: they are idempotent by request id."""
        attempt = 0
        while True:
            try:
                await self.call(department, "POST", "/exchange/v1/results", {"results": list(results)})
                return
            except httpx.HTTPError as error:
                wait = _WAITS_SECONDS[min(attempt, len(_WAITS_SECONDS) - 1)]
                log.warning(
                    "results_wait", department=department, reason=type(error).__name__, wait_seconds=wait
                )
                attempt += 1
                await asyncio.sleep(wait)

    async def pull(self, department: str) -> list[dict[str, Any]]:
        """`GET /exchange/v1/tasks`: what nobody of the department has leased."""
        answer = await self.call(department, "GET", "/exchange/v1/tasks?limit=200", None)
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def call(self, department: str, method: str, path: str, body: Any) -> Any:
        """Signed in as the department; a token that has expired is fetched anew once. Raises httpx.HTTPError."""
        for fresh in (False, True):
            headers = {"Authorization": f"Bearer {await self._token(department, fresh=fresh)}"}
            content = {} if body is None else {"json": body}
            answer = await self._http.request(method, path, headers=headers, **content)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
        answer.raise_for_status()
        return answer.json()

    async def _token(self, department: str, *, fresh: bool) -> str:
        if fresh or department not in self._tokens:
            users = (await self._http.get("/demo/users")).raise_for_status().json()
            own = [one["user"] for one in users if one["role"] == "department" and one["owner"] == department]
            if not own:
                raise UnknownDepartment(department)
            session = (await self._http.post("/api/v1/sessions", json={"user": own[0]})).raise_for_status()
            self._tokens[department] = session.json()["token"]
        return self._tokens[department]
