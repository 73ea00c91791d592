"""Requests made up from a process's own OpenAPI page, sent to its app in this process, and what must hold of answers.

Hypothesis runs in a thread of its own; the requests run in the test's loop, where the workers are at work too.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Schema = dict[str, Any]
Sending = Callable[[requests.PreparedRequest], httpx.Response]
_SHAPE: list[CheckFunction] = [content_type_conformance, status_code_conformance, response_schema_conformance]
_PATIENCE_SECONDS = 20
_STREAM = "text/event-stream"


class FirstEventOnly:
    """The app, seen by a client that leaves an event stream after its first event."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams, asked, left = False, False, asyncio.Event()

        async def hear() -> Message:
            nonlocal asked
            if asked:  # the whole request was told: what may still come is that the client leaves
                await left.wait()
                return {"type": "http.disconnect"}
            message = await receive()
            asked = not message.get("more_body", False)
            return message

        async def tell(message: Message) -> None:
            nonlocal streams
            if message["type"] == "http.response.start":
                streams = _STREAM.encode() in dict(message["headers"]).get(b"content-type", b"")
            if not left.is_set():
                await send(message)
            if streams and message.get("body"):
                left.set()

        await self._app(scope, hear, tell)
        if left.is_set():
            await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass
class Fuzz:
    """`callers(path)`: headers of those who call in turn. `known`: real values of path parameters, by name; three of
    four requests take one. `mend` may change a request before it is sent (a version that stands, a shorter wait)."""

    app: ASGIApp
    schema: Schema
    callers: Callable[[str], Sequence[Mapping[str, str]]]
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mend: Callable[[Case, int], None] = lambda _case, _number: None
    examples: int = 12
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    async def run(self) -> None:
        """Try every operation, with fitting and with unfitting requests; `faults` then says what went wrong."""
        transport = httpx.ASGITransport(FirstEventOnly(self.app), raise_app_exceptions=False)
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(transport=transport, base_url="http://process") as client:

            def send(prepared: requests.PreparedRequest) -> httpx.Response:
                sending = client.request(
                    prepared.method or "GET", prepared.url or "/", headers=dict(prepared.headers), content=prepared.body
                )  # fmt: skip
                bounded = asyncio.wait_for(sending, _PATIENCE_SECONDS)
                return asyncio.run_coroutine_threadsafe(bounded, loop).result()

            await asyncio.to_thread(self._try_all, send)

    def answered(self, *statuses: int) -> int:
        """How many answers had one of these statuses."""
        return sum(number for (_, status), number in self.statuses.items() if status in statuses)

    def report(self) -> str:
        """Every fault, with the request that shows it."""
        return "\n\n".join(f"{what}\n{shown}" for what, shown in self.faults.items())

    def _try_all(self, send: Sending) -> None:
        for operation in schemathesis.openapi.from_dict(self.schema).get_all_operations():
            api = operation.ok()
            self._try(api, GenerationMode.POSITIVE, send)
            if [*api.iter_parameters(), *api.body]:  # without either there is nothing to get wrong
                self._try(api, GenerationMode.NEGATIVE, send)

    def _try(self, api: APIOperation, mode: GenerationMode, send: Sending) -> None:
        numbers, callers = count(), self.callers(api.path)

        def one(case: Case) -> None:
            number = next(numbers)
            self._make_known(case, number)
            self.mend(case, number)
            headers = dict(callers[number % len(callers)])
            made = case.as_transport_kwargs(base_url="http://process", headers=headers)
            self._judge(api, case, requests.Request(**made).prepare(), send)

        bounded = settings(
            max_examples=self.examples, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        bounded(given(case=api.as_strategy(generation_mode=mode))(one))()

    def _make_known(self, case: Case, number: int) -> None:
        if number % 4 == 0:
            return
        for name, values in self.known.items():
            if name in (case.path_parameters or {}) and values:
                case.path_parameters[name] = values[number % len(values)]

    def _judge(
        self, api: APIOperation, case: Case, prepared: requests.PreparedRequest, send: Sending
    ) -> None:
        """Collected, not raised: one run names every operation that answers wrongly."""
        asked = f"{prepared.method} {prepared.url} {prepared.body!r}"
        try:
            response = send(prepared)
        except TimeoutError:
            self.faults.setdefault(f"{api.label} gave no answer", asked)
            return
        self.statuses[api.label, response.status_code] += 1
        quoted = f"{asked}\n → {response.status_code} {response.text[:600]}"
        away = response.status_code == 503 and "retry-after" in response.headers
        if response.status_code >= 500 and not away:
            self.faults.setdefault(f"{api.label} {response.status_code}", quoted)
            return
        # A stream's declared type is text; schemathesis would compare each event with it.
        checks = _SHAPE[:-1] if _STREAM in response.headers.get("content-type", "") else _SHAPE
        try:
            case.validate_response(response, checks=checks)
        except FailureGroup as fault:
            self.faults.setdefault(f"{api.label} {response.status_code} shape", f"{quoted}\n{fault}")
