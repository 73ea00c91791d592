"""Around every answer: request id, trace, safe headers, one access line and metrics, and a 500 that is a document."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.telemetry import HTTP_REQUESTS, HTTP_SECONDS, current_traceparent, new_traceparent
from kernel.web.problems import InternalError, problem_response

log = structlog.get_logger("lianban.access")

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_UNLOGGED = frozenset({"/healthz", "/readyz", "/metrics"})
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "no-store",
}


class Envelope:
    """The outermost ASGI middleware of a service. Logs the route's template, never the path or query: they may hold
    an ID number."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(self._service, scope, send)
        with structlog.contextvars.bound_contextvars(request_id=request.id):
            token = current_traceparent.set(request.trace)
            try:
                await self._app(scope, receive, request.send)
            except Exception as error:
                request.failed = True
                log.error("request_failed", service=self._service, route=request.route, exc_info=error)
                if request.status:
                    raise  # half an answer is out: the server has to break the connection
                await problem_response(InternalError(extra={"request_id": request.id}))(
                    scope, receive, request.send
                )
            finally:
                current_traceparent.reset(token)
                request.finish()


class _Request:
    """What is known of one request while it runs."""

    def __init__(self, service: str, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        trace = headers.get("traceparent", "")
        self.id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        self.trace = trace if _TRACEPARENT.fullmatch(trace) else new_traceparent()
        self.status = 0
        self.failed = False
        self._service = service
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        self._answered = self._began

    @property
    def route(self) -> str:
        """The template of the route that matched; `-` for none."""
        return getattr(self._scope.get("route"), "path", "-")

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._answered = time.perf_counter()
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_HEADER] = self.id
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    def finish(self) -> None:
        method, route = self._scope["method"], self.route
        if method not in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            method = "OTHER"  # a client may invent methods; it must not invent time series
        seconds = self._answered - self._began
        HTTP_REQUESTS.labels(self._service, method, route, self.status).inc()
        HTTP_SECONDS.labels(self._service, method, route).observe(seconds)
        if route not in _UNLOGGED:
            log.info(
                "request", service=self._service, method=method, route=route, status=self.status,
                milliseconds=round(seconds * 1000, 1),
            )  # fmt: skip
