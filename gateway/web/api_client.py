"""The pages' way to the public API: the same routes, in this process, with the visitor's own token."""

from typing import Annotated, Any

import httpx
from fastapi import Path

from gateway.web.visit import Visit
from kernel.errors import FieldError, Problem

_SECONDS = 60.0

CaseNo = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]


class Refused(Problem):
    """这一步没有办成。
    This step was refused."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(document.get("detail"), document.get("detail_en"))
        self.status = status  # type: ignore[misc]  # as the API said
        self.code = document.get("code", "problem")  # type: ignore[misc]
        self.title_zh = document.get("title", self.title_zh)  # type: ignore[misc]
        self.title_en = document.get("title_en", self.title_en)  # type: ignore[misc]
        self.how = document.get("how", self.how)
        self.how_en = document.get("how_en", self.how_en)
        self.errors = tuple(_field_error(error) for error in document.get("errors", ()))


class Api:
    """`await Api(visit).get("/api/v1/cases", status="finished")`. Raises Refused with what the API said."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON answer; query members that are None or empty are left out."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return (await self._send("GET", path, params=given)).json()

    async def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        """The JSON answer. `key` is the Idempotency-Key: the same form sent twice is one act."""
        headers = {"Idempotency-Key": key} if key else {}
        return (await self._send("POST", path, json=body, headers=headers)).json()

    async def delete(self, path: str) -> None:
        """Nothing is answered."""
        await self._send("DELETE", path)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**options.pop("headers", {})}
        if self._visit.token:
            headers["Authorization"] = f"Bearer {self._visit.token}"
        transport = httpx.ASGITransport(self._visit.request.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gateway", timeout=_SECONDS
        ) as client:
            answer = await client.request(method, path, headers=headers, **options)
        if answer.is_error:
            raise Refused(answer.status_code, answer.json())
        return answer


def _field_error(error: dict[str, str]) -> FieldError:
    return FieldError(**{name: error.get(name, "") for name in FieldError.__dataclass_fields__})
