"""Server-sent events: nothing that commits is missed, and a listener resumes where it was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from gateway.cases.api.event_routes import _all_changes, _one_case
from gateway.cases.feed import Change, Feed
from kernel.public_service.access import Actor, Role
from kernel.testing import eventually
from tests.gateway.office import COUNTY, Office


class Heard:
    """The events of one stream, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def follow(self, stream: AsyncIterator[bytes]) -> None:
        async for chunk in stream:
            fields = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if line)
            if "data" in fields:
                self.events.append((fields.get("id", ""), orjson.loads(fields["data"])))

    @property
    def cases(self) -> list[str]:
        return [event["case_no"] for _, event in self.events]


@asynccontextmanager
async def hearing(feed: Feed, stream: AsyncIterator[bytes]) -> AsyncIterator[Heard]:
    heard = Heard()
    task = asyncio.create_task(heard.follow(stream))
    try:
        await eventually(lambda: feed._cursor)
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_operator_hears_number_version_status_and_open_types(office: Office) -> None:
    feed = office.desk.feed
    async with hearing(feed, _all_changes(feed, None)) as heard:
        case = await office.report()
        await eventually(lambda: heard.events)
    _, event = heard.events[-1]
    assert (event["case_no"], event["version"], event["status"]) == (case["case_no"], 1, "in_progress")
    assert "assistance.hold_payments" in event["open"]
    assert "funeral.memorial" not in event["open"]  # offered


async def test_last_event_id_resumes_without_a_gap(office: Office) -> None:
    feed = office.desk.feed
    async with hearing(feed, _all_changes(feed, None)) as heard:
        first = await office.report()
        await eventually(lambda: first["case_no"] in heard.cases)
    last = tuple(int(part) for part in heard.events[-1][0].split("-"))
    missed = [(await office.report())["case_no"] for _ in range(2)]
    async with hearing(feed, _all_changes(feed, last)) as again:
        await eventually(lambda: len(again.events) >= 2)
    assert again.cases == missed


async def test_a_commit_that_overtakes_another_hides_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow transaction drew its number first and commits last, after the feed has looked: it must be told."""
    feed = office.desk.feed
    case = await office.report()
    (stored,) = await office.rows("SELECT id FROM cases")
    looks: list[int] = []
    looked = feed.since

    async def counting(cursor: tuple[int, int]) -> list[Change]:
        found = await looked(cursor)
        looks.append(len(found))
        return found

    monkeypatch.setattr(feed, "since", counting)
    async with hearing(feed, _all_changes(feed, None)) as heard:
        async with office.desk.transactions.begin() as slow:
            drawn = (
                await slow.execute(
                    text(
                        "INSERT INTO case_changes (case_id, progress) VALUES (:id, 99) RETURNING xid::text, seq"
                    ),
                    {"id": stored.id},
                )
            ).one()
            overtaking = await office.report()
            before = len(looks)
            await eventually(lambda: len(looks) > before + 2)
        await eventually(lambda: {case["case_no"], overtaking["case_no"]} <= set(heard.cases))
    assert f"{drawn.xid}-{drawn.seq}" in [cursor for cursor, _ in heard.events]


async def test_a_page_follows_one_case_from_its_present_state_on(office: Office) -> None:
    case = await office.report()
    other = await office.report()
    actor = Actor("clerk", Role.WINDOW_CLERK, COUNTY)
    (stored,) = await office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
    stream = _one_case(office.desk, actor, case["case_no"], stored.id, None)
    async with hearing(office.desk.feed, stream) as heard:
        await eventually(lambda: heard.events)
        await office.act(office.clerk, other["case_no"], "withdrawal", reason="不办了", version=1)
        await office.act(office.clerk, case["case_no"], "withdrawal", reason="不办了", version=1)
        await eventually(lambda: len(heard.events) == 2)
    assert [event["status"] for _, event in heard.events] == ["in_progress", "withdrawing"]
    assert set(heard.cases) == {case["case_no"]}


@pytest.mark.parametrize("role", [Role.WINDOW_CLERK, Role.COUNTY_SUPERVISOR, Role.CITIZEN])
async def test_only_the_operator_hears_all_cases(office: Office, role: Role) -> None:
    async with office.client(role) as http:
        assert (await http.get("/api/v1/cases/events")).status_code == 403
