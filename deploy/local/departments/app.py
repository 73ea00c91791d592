"""What the departments serve, as plain ASGI: it carries the benchmark's pushes at little cost.

`POST …/{department}/tasks` and `…/cancellations` take lists, `PUT …/{department}/mode` sets the mood,
`GET …/{department}` is the page on which a person answers in mode manual, `POST …/{department}/answer` its form.
`…` is any prefix. At the root: the probes, metrics and OpenAPI of every process.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import httpx
import orjson

from deploy.local.departments.gateway_client import GatewayClient, UnknownDepartment
from deploy.local.departments.operations import operations
from deploy.local.departments.page import page
from deploy.local.departments.register_answers import FindPerson
from deploy.local.departments.simulator import MODES, Broken, Simulator

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
_JSON = (b"content-type", b"application/json")
_HTML = (b"content-type", b"text/html; charset=utf-8")
_MOST_ITEMS = 200


class Departments:
    """The ASGI app. `find` is the register, `gateway` the way back."""

    def __init__(self, find: FindPerson, gateway: GatewayClient) -> None:
        self.simulator = Simulator(find, gateway)
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        """For whoever mounts the app without a lifespan of its own."""
        self.simulator.start()

    async def stop(self) -> None:
        """Stop what is still to come and close the connections."""
        await self.simulator.stop()
        await self._gateway.close()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = [part for part in scope["path"].split("/") if part]
        action = parts[-1] if parts else ""
        department = parts[-2] if len(parts) > 1 else ""
        method = scope["method"]
        try:
            if method == "POST" and action in ("tasks", "cancellations"):
                await self._list(department, action, await _body(receive), send)
            elif method == "PUT" and action == "mode":
                await self._set_mode(department, await _body(receive), send)
            elif method == "POST" and action == "answer":
                await self._answer(department, await _body(receive), send)
            elif method == "GET" and (served := operations(scope["path"])) is not None:
                await _reply(send, 200, served[0], (b"content-type", served[1].encode()))
            elif method == "GET" and parts:
                await self._page(action, send)
            else:
                await _reply(send, 404, b'{"error":"not found"}')
        except UnknownDepartment:
            await _reply(send, 404, b'{"error":"not found"}')
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            await _reply(send, 400, b'{"error":"malformed"}')

    async def _list(self, department: str, action: str, body: bytes, send: Send) -> None:
        items = orjson.loads(body)["items"]
        if len(items) > _MOST_ITEMS:
            await _reply(send, 413, b'{"error":"too many items"}')
            return
        try:
            take = self.simulator.tasks if action == "tasks" else self.simulator.cancellations
            results = await take(department, items)
        except Broken:
            await _reply(send, 500, b'{"error":"demo mode error"}')
            return
        await _reply(send, 200, orjson.dumps({"results": results}))

    async def _set_mode(self, department: str, body: bytes, send: Send) -> None:
        given = orjson.loads(body)
        if given["mode"] not in MODES:
            raise ValueError(given["mode"])
        self.simulator.set_mode(department, given["mode"], float(given.get("delay_seconds", 0)))
        await _reply(send, 200, b"{}")

    async def _page(self, department: str, send: Send, message: str = "") -> None:
        """The tasks on this department's desk: pulled now, and those pulled before that are unanswered."""
        pulled: Sequence[Mapping[str, Any]] = ()
        try:
            pulled = await self._gateway.pull(department)
        except httpx.HTTPError as error:
            message = (
                message or f"暂时取不到新的请求 · No new requests for the moment ({type(error).__name__})"
            )
        desk = self.simulator.on_desk.setdefault(department, {})
        desk.update({item["id"]: dict(item) for item in pulled})
        await _reply(send, 200, page(department, list(desk.values()), message), _HTML)

    async def _answer(self, department: str, body: bytes, send: Send) -> None:
        given = dict(parse_qsl(body.decode()))
        said = {"outcome": given["outcome"], "reason": given.get("reason") or None}
        path = f"/exchange/v1/tasks/{given['id']}/result"
        try:
            taken = await self._gateway.call(department, "POST", path, said)
            message = f"已提交 · Sent: {taken['status']}"
            self.simulator.on_desk.get(department, {}).pop(given["id"], None)
        except httpx.HTTPStatusError as error:
            message = (
                f"没有接收 · Not taken: {error.response.json().get('detail', error.response.status_code)}"
            )
            self.simulator.on_desk.get(department, {}).pop(given["id"], None)
        except httpx.HTTPError as error:
            message = f"暂时没有送达 · Not delivered: {type(error).__name__}"
        await self._page(department, send, message)


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _reply(send: Send, status: int, body: bytes, content_type: tuple[bytes, bytes] = _JSON) -> None:
    headers = [content_type, (b"content-length", str(len(body)).encode())]
    if content_type is _HTML:
        headers.append(
            (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
        )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
