"""HTTP to departments: lists out, answers back. Every list is idempotent by its request ids."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from httpx_aiohttp import AiohttpTransport
from pydantic import ValidationError

from gateway.exchange.results import GivenAnswer
from gateway.exchange.wire import PushAnswer

# Shorter than a server's five seconds: we never write into a connection that the other side is just closing.
KEEP_ALIVE_SECONDS = 4.0


class DepartmentFailed(Exception):
    """部门接口没有正常应答，稍后以同一请求编号重发。

    The department did not answer properly; the same request ids are sent again. `unreached`: no connection came
    about, so it cannot have heard of them. `refused`: it refused this list (4xx), not us.
    """

    def __init__(self, failure: str, *, unreached: bool = False, refused: bool = False) -> None:
        self.failure = failure
        self.unreached = unreached
        self.refused = refused
        super().__init__(failure)


class DepartmentClient:
    """Where each department is, and how it is spoken to."""

    def __init__(self, http: httpx.AsyncClient, base_url: str, addresses: Mapping[str, str]) -> None:
        """`base_url` + `/` + id is a department's address, unless `addresses` names another."""
        self._http = http
        self._base = base_url.rstrip("/")
        self._addresses = dict(addresses)

    def address(self, department: str) -> str:
        """Without a slash at its end."""
        return self._addresses.get(department, f"{self._base}/{department}").rstrip("/")

    async def tasks(self, department: str, items: Sequence[Mapping[str, Any]]) -> list[GivenAnswer]:
        """`POST {department}/tasks`: the answers given at once. Raises DepartmentFailed."""
        return await self._post(department, "tasks", {"items": items})

    async def cancellations(self, department: str, items: Sequence[Mapping[str, Any]]) -> list[GivenAnswer]:
        """`POST {department}/cancellations`: takes request ids back. Raises DepartmentFailed."""
        return await self._post(department, "cancellations", {"items": items})

    async def _post(self, department: str, path: str, body: Mapping[str, Any]) -> list[GivenAnswer]:
        try:
            response = await self._http.post(
                f"{self.address(department)}/{path}", content=orjson.dumps(body),
                headers={"content-type": "application/json"},
            )  # fmt: skip
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise DepartmentFailed(type(error).__name__, unreached=True) from error
        except (httpx.HTTPError, OSError) as error:
            raise DepartmentFailed(type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            refused = response.is_client_error and response.status_code not in (401, 403, 404, 408, 429)
            raise DepartmentFailed(f"HTTP {response.status_code}", refused=refused)
        try:
            answer = PushAnswer.model_validate_json(response.content)
        except ValidationError as error:
            # The error text would quote what was sent: the kinds of fault say enough.
            kinds = sorted({fault["type"] for fault in error.errors(include_input=False, include_url=False)})
            raise DepartmentFailed(f"unreadable answer: {', '.join(kinds)}", refused=True) from error
        return [pushed.given(department) for pushed in answer.results]


@asynccontextmanager
async def department_http(*, timeout_seconds: float) -> AsyncIterator[httpx.AsyncClient]:
    """The client that pushes use: httpx on aiohttp, a third of the CPU (design 6)."""
    limits = httpx.Limits(
        max_connections=64, max_keepalive_connections=64, keepalive_expiry=KEEP_ALIVE_SECONDS
    )
    async with httpx.AsyncClient(
        transport=AiohttpTransport(limits=limits, trust_env=False),
        timeout=timeout_seconds,
        follow_redirects=False,
        trust_env=False,
    ) as http:
        yield http
