"""What every request passes before a route sees it: size counted while it streams, and content that can be stored."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.errors import FieldError, Problem, TooLarge, Unprocessable
from kernel.web.body_content import check_json, text_not_storable
from kernel.web.problems import problem_response


class BodyTooLarge(TooLarge):
    """提交的内容超过大小限制。
    The body is larger than allowed."""

    code = "body_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"提交的内容超过 {limit_bytes // 1024} KiB。",
            f"The body is larger than {limit_bytes // 1024} KiB.",
            extra={"limit_bytes": limit_bytes},
        )


class RequestGate:
    """ASGI middleware. JSON and forms up to `limit_bytes`; paths that end as in `large_paths` up to `large_bytes`.

    The size is counted as bytes arrive, so a missing or lying Content-Length does not help. JSON and urlencoded bodies
    are read here (they are small) and handed on; multipart streams through.
    """

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int, large_bytes: int, large_paths: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._limit = limit_bytes
        self._large = large_bytes
        self._large_paths = tuple(large_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            receive = await self._checked(scope, receive)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        headers = _headers(scope)
        limit = (
            self._large if self._large_paths and scope["path"].endswith(self._large_paths) else self._limit
        )
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > limit:
            raise BodyTooLarge(limit)
        if (
            (not length or length == b"0")
            and b"transfer-encoding" not in headers
            and scope["method"] in ("GET", "HEAD")
        ):
            return receive
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if kind.startswith(b"multipart/"):
            return _counted(receive, limit)
        body = await _read(receive, limit)
        if kind.endswith((b"/json", b"+json")):
            check_json(body)
        elif kind == b"application/x-www-form-urlencoded" and b"%00" in body:
            raise Unprocessable(errors=_unstorable_pairs(body, ""))
        return _given(body, receive)


def _headers(scope: Scope) -> Mapping[bytes, bytes]:
    return dict(scope["headers"])


def _check_address(scope: Scope) -> None:
    if "\x00" in scope["path"]:
        raise Unprocessable(errors=[text_not_storable("/path")])
    query: bytes = scope["query_string"]
    if b"%00" in query or b"\x00" in query:
        raise Unprocessable(errors=_unstorable_pairs(query, "/query"))


def _unstorable_pairs(text: bytes, start: str) -> list[FieldError]:
    pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True)
    names = [re.sub(r"\x00", "?", name) for name, value in pairs if "\x00" in name + value]
    return [text_not_storable(f"{start}/{name}") for name in names[:20]]


async def _read(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)  # the client has gone; nobody reads the answer
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _given(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once and then listens for the client's leaving."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _counted(receive: Receive, limit: int) -> Receive:
    """A receive that raises BodyTooLarge inside the route's own reading; the problem handler answers it."""
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                raise BodyTooLarge(limit)
        return message

    return counting
