"""The load: reports over HTTP, completion from the operator's feed of committed changes."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from deploy.local.people.model import SyntheticPerson
from tests.bench.subjects import form


@dataclass
class Line:
    """One line of the benchmark: who reports, by which door, and which rows must have ended."""

    number: int
    path: str
    issuer: bool
    tokens: dict[str, str]
    must_end: frozenset[str]

    def body(self, dead: SyntheticPerson, spouse: SyntheticPerson, now: datetime) -> dict[str, Any]:
        """The request's body at that door."""
        content = form(dead, spouse, now, issuer=self.issuer)
        if not self.issuer:
            return {"life_event": "death", "region": dead.region[:6], "form": content}
        died_at = content["deceased"]["died_at"]
        return {
            "life_event": "death",
            "source_no": f"bench-{dead.person}",
            "source_version": 1,
            "occurred_at": died_at,
            "form": content,
        }

    def token(self, dead: SyntheticPerson) -> str:
        """A clerk of the dead person's county, or the health department."""
        return self.tokens[dead.region[:6]] if dead.region[:6] in self.tokens else self.tokens["*"]


@dataclass
class Feed:
    """Listens to `GET /api/v1/cases/events` and keeps when each case's last awaited row had ended."""

    address: str
    token: str
    must_end: frozenset[str]
    ended_at: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, asyncio.Event] = field(default_factory=dict)
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    broken: BaseException | None = None

    async def run(self) -> None:
        """Read the stream until cancelled; a broken stream fails every case that waits."""
        try:
            await self._read()
        except Exception as error:
            self.broken = error
            for event in self.waiting.values():
                event.set()
            raise

    async def _read(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=120)
        async with aiohttp.ClientSession(timeout=timeout, read_bufsize=2**20) as http:
            headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
            async with http.get(f"{self.address}/api/v1/cases/events", headers=headers) as stream:
                stream.raise_for_status()
                self.listening.set()
                async for line in stream.content:
                    if line.startswith(b"data:"):
                        self._take(orjson.loads(line[5:]))
        raise RuntimeError("the feed ended")

    def _take(self, change: dict[str, Any]) -> None:
        number = change["case_no"]
        if number in self.ended_at or self.must_end.intersection(change["open"]):
            return
        self.ended_at[number] = time.perf_counter()
        if number in self.waiting:
            self.waiting[number].set()

    async def until_ended(self, case_no: str, within_seconds: float) -> float:
        """When the case had ended, on this process's clock."""
        if case_no not in self.ended_at:
            event = self.waiting.setdefault(case_no, asyncio.Event())
            await asyncio.wait_for(event.wait(), within_seconds)
            del self.waiting[case_no]
        if self.broken is not None:
            raise RuntimeError(f"the feed broke: {self.broken!r}")
        return self.ended_at[case_no]


class NobodyLeft(Exception):
    """人数不够：请加大 --people。

    The benchmark ran out of people.
    """


@dataclass
class Tally:
    """What was sent and what ended: (ended at, seconds it took), failures by kind, the case numbers."""

    finished: list[tuple[float, float]] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)


class Load:
    """Sends cases of one line; closed loop (so many in flight) or open loop (so many a second)."""

    def __init__(self, address: str, line: Line, feed: Feed, people: Iterator[Any], now: datetime) -> None:
        self.address, self.line, self.feed, self.people, self.now = address, line, feed, people, now
        self.tally = Tally()
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=4)
        self.http = aiohttp.ClientSession(
            connector=connector, json_serialize=lambda v: orjson.dumps(v).decode()
        )

    async def one(self) -> None:
        """Report one death and wait until its rows have ended."""
        dead, spouse = next(self.people, (None, None))
        if dead is None or spouse is None:
            raise NobodyLeft("every bench person has died: give a larger --people")
        headers = {"Authorization": f"Bearer {self.line.token(dead)}", "Idempotency-Key": str(uuid4())}
        begun = time.perf_counter()
        try:
            url = self.address + self.line.path
            async with self.http.post(
                url, json=self.line.body(dead, spouse, self.now), headers=headers
            ) as answer:
                content = await answer.json(content_type=None)
                if answer.status not in (201, 202):
                    raise RuntimeError(f"{answer.status} {content.get('code')}")
            ended = await self.feed.until_ended(content["case_no"], 120)
            self.tally.finished.append((ended, ended - begun))
            self.tally.cases.append(content["case_no"])
        except (TimeoutError, aiohttp.ClientError, RuntimeError) as error:
            kind = f"{type(error).__name__}: {error}"[:120]
            self.tally.failures[kind] = self.tally.failures.get(kind, 0) + 1
            await asyncio.sleep(0.2)

    async def closed(self, in_flight: int, seconds: float) -> None:
        """Keep so many cases in flight for so long."""
        until = time.perf_counter() + seconds

        async def worker() -> None:
            while time.perf_counter() < until:
                await self.one()

        await asyncio.gather(*(worker() for _ in range(in_flight)))

    async def open(self, per_second: float, seconds: float) -> None:
        """Start so many a second whatever happens to the earlier ones."""
        begun = time.perf_counter()
        tasks = []
        for number in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
            tasks.append(asyncio.create_task(self.one()))
        await asyncio.gather(*tasks)

    async def close(self) -> None:
        """Give the connections back."""
        await self.http.close()
