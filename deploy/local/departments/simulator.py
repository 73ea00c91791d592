"""How the departments behave: at once, later, never, wrongly, with errors, or by a person's hand."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import httpx
import structlog

from deploy.local.departments.gateway_client import UnknownDepartment
from deploy.local.departments.register_answers import Answer, FindPerson, answer

log = structlog.get_logger("lianban.departments")
MODES = ("prompt", "slow", "error", "silent", "wrong", "manual")
_REMEMBERED = 200_000


class Gateway(Protocol):
    """As much of the gateway as the simulator needs."""

    async def modes(self) -> dict[str, tuple[str, float]]: ...
    async def results(self, department: str, results: Sequence[Mapping[str, Any]]) -> None: ...
    async def pull(self, department: str) -> list[dict[str, Any]]: ...


class Broken(Exception):
    """该部门处于 error 模式。
    The department is in mode error."""


class Simulator:
    """All departments. The same request id twice is one request: its first answer is repeated."""

    def __init__(self, find: FindPerson, gateway: Gateway) -> None:
        self._find = lru_cache(maxsize=4096)(find)
        self._gateway = gateway
        self._modes: dict[str, tuple[str, float]] = {}
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._later: set[asyncio.Task[None]] = set()
        self._started: asyncio.Task[None] | None = None
        self.on_desk: dict[str, dict[str, dict[str, Any]]] = {}

    def start(self) -> None:
        """Ask the gateway for the modes, and take up what had been received before a restart."""
        if self._started is None:
            self._started = asyncio.create_task(self._take_up())

    async def stop(self) -> None:
        """Answers still to come are lost here, not at the gateway: the next start takes them up again."""
        tasks = [*self._later, *([self._started] if self._started else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_up(self) -> None:
        while True:
            try:
                known = await self._gateway.modes()
                break
            except httpx.HTTPError:
                await asyncio.sleep(0.5)
        self._modes = {**known, **self._modes}
        for department in list(self._modes):
            await self._catch_up(department)

    async def _catch_up(self, department: str) -> None:
        """Pull what was received earlier and never answered (a restart, or a silent time), and answer it."""
        while self.mode(department)[0] in ("prompt", "slow"):
            try:
                items = await self._gateway.pull(department)
            except (httpx.HTTPError, UnknownDepartment) as error:
                log.warning("catch_up_failed", department=department, reason=type(error).__name__)
                return
            if not items:
                return
            mode, delay_seconds = self.mode(department)
            if mode == "slow":
                await asyncio.sleep(delay_seconds)
            results = [
                {"id": item["id"], **self._cancelled(item["id"], item.get("replaces"))}
                if item["kind"] == "cancellation" else {"id": item["id"], **self._answer(item["id"], item)}
                for item in items
            ]  # fmt: skip
            await self._gateway.results(department, results)

    def mode(self, department: str) -> tuple[str, float]:
        """(mode, delay in seconds); prompt until told otherwise."""
        return self._modes.get(department, ("prompt", 0.0))

    def set_mode(self, department: str, mode: str, delay_seconds: float) -> None:
        """From now on. What was kept silent or left lying is answered when it becomes prompt or slow."""
        before = self.mode(department)[0]
        self._modes[department] = (mode, delay_seconds)
        if mode in ("prompt", "slow") and before not in ("prompt", "slow"):
            self._soon(self._catch_up(department))

    @property
    def to_come(self) -> int:
        """Answers that will be sent later by themselves."""
        return len(self._later)

    async def tasks(self, department: str, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The results given at once. Raises Broken in mode error."""
        mode, delay_seconds = self.mode(department)
        if mode == "error":
            raise Broken()
        if mode in ("silent", "manual"):
            return []
        if mode == "slow":
            self._soon(self._send_later(department, list(items), delay_seconds))
            return []
        if delay_seconds:
            await asyncio.sleep(delay_seconds)
        wrong = mode == "wrong"
        return [
            {"request_id": item["request_id"], **self._answer(item["request_id"], item, wrong=wrong)}
            for item in items
        ]

    async def cancellations(
        self, department: str, items: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """What was done stays done; the rest is cancelled, and stays so when its request comes again."""
        mode, delay_seconds = self.mode(department)
        if mode == "error":
            raise Broken()
        if mode in ("silent", "manual"):
            return []
        found = [
            {"request_id": item["request_id"], **self._cancelled(item["request_id"], item.get("replaces"))}
            for item in items
        ]
        if mode == "slow":
            results = [{"id": one.pop("request_id"), **one} for one in found]
            self._soon(self._results_later(department, results, delay_seconds))
            return []
        return found

    def _answer(self, request_id: str, item: Mapping[str, Any], *, wrong: bool = False) -> Answer:
        known = self._answers.get(request_id)
        if known is None:
            found = (
                {"outcome": "wrong_person", "reason": "details_differ"} if wrong else answer(item, self._find)
            )
            known = self._remember(request_id, found)
        return known

    def _cancelled(self, request_id: str, replaces: str | None) -> Answer:
        for one in (request_id, replaces):
            if one is not None and self._answers.get(one, {}).get("outcome") == "done":
                return self._answers[one]
        return self._remember(request_id, {"outcome": "cancelled"})

    def _remember(self, request_id: str, found: Answer) -> Answer:
        self._answers[request_id] = found
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return found

    async def _send_later(
        self, department: str, items: Sequence[Mapping[str, Any]], delay_seconds: float
    ) -> None:
        await asyncio.sleep(delay_seconds)
        results = [
            {"id": item["request_id"], **self._answer(item["request_id"], item)}
            for item in items
            if self._answers.get(item["request_id"], {}).get("outcome") != "cancelled"
        ]
        if results:
            await self._gateway.results(department, results)

    async def _results_later(
        self, department: str, results: Sequence[Mapping[str, Any]], delay_seconds: float
    ) -> None:
        await asyncio.sleep(delay_seconds)
        await self._gateway.results(department, results)

    def _soon(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)
