"""The owners' internal API, called by the gateway under the service key (design 6).

An owner that is away answers 503 with Retry-After here; nothing is queued. What an owner refuses is passed on as the
owner said it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
from httpx_aiohttp import AiohttpTransport
from starlette.types import ASGIApp

from casework.people_view import PersonView
from contracts.acts import DecisionAnswer, TaskDecision
from kernel.errors import FieldError, Problem, Unavailable
from kernel.idempotency import HEADER
from kernel.public_service.access import SERVICE_KEY_HEADER

HOLDERS = ("assistance", "eldercare")
SERVICE_NAMES = ("assistance", "eldercare", "funeral", "marriage")


class OwnerAway(Unavailable):
    """承办单位的系统暂时连接不上，这次办理没有提交。
    The owner's system is away for the moment; nothing was decided and nothing is queued."""

    how = "请稍后用同一内容再次提交。"
    how_en = "Send the same again after Retry-After seconds."


class OwnerRefused(Problem):
    """承办单位没有接受这次办理。
    The owner did not accept this."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        """The owner's own problem document, passed on word for word."""
        errors = [
            FieldError(**{name: str(value) for name, value in error.items()})
            for error in body.get("errors", ())
        ]
        known = {
            "type",
            "title",
            "title_en",
            "status",
            "detail",
            "detail_en",
            "code",
            "how",
            "how_en",
            "errors",
        }
        super().__init__(
            body.get("detail"), body.get("detail_en"), errors=errors, how=body.get("how"), how_en=body.get("how_en"),
            extra={name: value for name, value in body.items() if name not in known},
        )  # fmt: skip
        self.status = status  # type: ignore[misc]
        self.code = str(body.get("code", self.code))  # type: ignore[misc]
        self.title_zh = str(body.get("title", self.title_zh))  # type: ignore[misc]
        self.title_en = str(body.get("title_en", self.title_en))  # type: ignore[misc]


def with_query(path: str, **values: Any) -> str:
    """The path with what is not none of the values; a list stands several times."""
    return f"{path}?{urlencode({name: value for name, value in values.items() if value is not None}, doseq=True)}"


class Owners:
    """HTTP clients by owner. `apps`: services of this same process, called without a socket."""

    def __init__(
        self,
        service_key: str,
        *,
        addresses: Mapping[str, str] | None = None,
        apps: Mapping[str, ASGIApp] | None = None,
        timeout_seconds: float = 5.0,
    ) -> None:
        self._service_key = service_key
        self._addresses = dict(addresses or {})
        self._apps = dict(apps or {})
        self._timeout_seconds = timeout_seconds
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Owners":
        for name in {**self._addresses, **self._apps}:
            self._clients[name] = await self._stack.enter_async_context(self._make(name))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clients.clear()
        await self._stack.aclose()

    def _make(self, name: str) -> httpx.AsyncClient:
        app = self._apps.get(name)
        transport: httpx.AsyncBaseTransport = (
            httpx.ASGITransport(app, raise_app_exceptions=False) if app is not None else AiohttpTransport()
        )
        return httpx.AsyncClient(
            transport=transport, base_url=self._addresses.get(name, f"http://{name}"),
            timeout=self._timeout_seconds, headers={SERVICE_KEY_HEADER: self._service_key}, trust_env=False,
        )  # fmt: skip

    def add_app(self, name: str, app: ASGIApp) -> None:
        """A service of this same process; before the gateway runs."""
        self._apps[name] = app

    @property
    def names(self) -> tuple[str, ...]:
        """The owners that can be reached."""
        return tuple(sorted({**self._addresses, **self._apps}))

    def client(self, owner: str) -> httpx.AsyncClient:
        """The client of one owner. Raises OwnerAway when it is not configured or the gateway does not run."""
        if owner not in self._clients:
            raise OwnerAway(extra={"owner": owner})
        return self._clients[owner]

    async def call(
        self,
        owner: str,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The answer's JSON; None where it is empty. Raises OwnerAway, or OwnerRefused with what the owner said."""
        content = {"json": json} if json is not None else {}
        try:
            answer = await self.client(owner).request(method, path, headers=dict(headers or {}), **content)
        except httpx.TransportError as error:
            raise OwnerAway(extra={"owner": owner}) from error
        if answer.status_code >= 500 or answer.status_code == 401:
            raise OwnerAway(extra={"owner": owner})
        if answer.status_code >= 400:
            raise OwnerRefused(answer.status_code, answer.json())
        return answer.json() if answer.content else None

    async def decide(self, owner: str, task: UUID, act: TaskDecision, key: str | None) -> DecisionAnswer:
        """Pass a human's decision on, with the caller's Idempotency-Key."""
        answer = await self.call(
            owner, "POST", f"/internal/v1/tasks/{task}/decision", json=act.model_dump(mode="json"),
            headers={HEADER: key} if key else None,
        )  # fmt: skip
        return DecisionAnswer.model_validate(answer)

    async def people(self, persons: Sequence[UUID]) -> dict[str, dict[UUID, PersonView]]:
        """What these people hold, by owner; asked of all owners at once. Raises OwnerAway when one is away."""
        asked = {"persons": [str(person) for person in persons]}
        owners = [name for name in self.names if name in (*HOLDERS, "funeral", "marriage")]
        answers = await asyncio.gather(
            *(self.call(owner, "POST", "/internal/v1/people/holds", json=asked) for owner in owners),
            return_exceptions=True,  # all calls have ended before one of them is told
        )
        found: dict[str, dict[UUID, PersonView]] = {}
        for owner, answer in zip(owners, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            views = [PersonView.model_validate(view) for view in answer["people"]]
            found[owner] = {view.person: view for view in views}
        return found
