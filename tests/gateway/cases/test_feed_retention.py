"""Changes are kept for seven days; a listener who was away for longer is told every case as it stands."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gateway.cases import feed as feeds
from gateway.cases.api.event_routes import _all_changes
from gateway.cases.feed import parse_cursor
from gateway.cases.feed_retention import KEPT_DAYS, forget_changes
from kernel.retention import Retention
from kernel.testing import eventually
from tests.gateway.cases.test_feed import hearing
from tests.gateway.office import Office

_CURSORS = "SELECT xid::text || '-' || seq AS cursor FROM case_changes ORDER BY xid, seq"


async def cursors(office: Office) -> list[str]:
    """Where a listener may resume, oldest first."""
    return [row.cursor for row in await office.rows(_CURSORS)]


async def aged(office: Office, *, days: float = KEPT_DAYS + 1, but_last: int = 0) -> None:
    """Let all changes but the last ones have been recorded so many days ago."""
    async with office.desk.transactions.begin() as tx:
        await tx.execute(
            text("""UPDATE case_changes SET recorded_at = now() - CAST(CAST(:days AS text) || ' days' AS interval)
                WHERE seq <= (SELECT max(seq) - :but FROM case_changes)"""),
            {"days": str(days), "but": but_last},
        )  # fmt: skip


async def forget(office: Office, *, most: int = 5000) -> int:
    async with office.desk.transactions.begin() as tx:
        return await forget_changes(tx, datetime.now(UTC) - timedelta(days=KEPT_DAYS), most=most)


async def changed(office: Office, cases: int) -> list[str]:
    """The numbers of so many new cases; one change each."""
    return [(await office.report())["case_no"] for _ in range(cases)]


async def test_only_what_is_older_than_seven_days_is_forgotten(office: Office) -> None:
    await changed(office, 4)
    told = await cursors(office)
    await aged(office, days=KEPT_DAYS - 0.1)
    assert await forget(office) == 0
    await aged(office, but_last=1)
    assert await forget(office) == 2
    assert await cursors(office) == told[-2:]  # the last one past its time marks where the kept ones begin
    assert await forget(office) == 0


async def test_a_portion_is_bounded_and_the_rest_follows(office: Office) -> None:
    await changed(office, 4)
    await aged(office)
    assert [await forget(office, most=3) for _ in range(3)] == [2, 1, 0]
    assert len(await cursors(office)) == 1


async def test_nothing_is_forgotten_behind_a_change_that_is_kept(office: Office) -> None:
    """Else a listener who resumes after the kept one would miss the forgotten one and not know it."""
    await changed(office, 4)
    await aged(office)
    async with office.desk.transactions.begin() as tx:
        await tx.execute(
            text("""UPDATE case_changes SET recorded_at = now()
                WHERE seq = (SELECT min(seq) + 1 FROM case_changes)""")
        )
    assert await forget(office) == 0


async def test_what_the_feed_may_not_read_yet_is_not_forgotten(office: Office) -> None:
    """A transaction that began before these changes may still write one in front of them."""
    async with office.desk.transactions.begin() as slow:
        await slow.execute(text("SELECT pg_current_xact_id()"))
        await changed(office, 3)
        await aged(office)
        assert await forget(office) == 0
    assert await forget(office) == 2


async def test_who_resumes_within_seven_days_is_told_each_change(office: Office) -> None:
    await changed(office, 2)
    (*_, last) = await cursors(office)
    missed = await changed(office, 2)
    await aged(office, but_last=2)
    assert await forget(office) == 1
    feed = office.desk.feed
    async with hearing(feed, _all_changes(feed, parse_cursor(last))) as heard:
        await eventually(lambda: len(heard.events) >= 2)
        missed += await changed(office, 1)
        await eventually(lambda: len(heard.events) >= 3)
    assert heard.cases == missed
    assert all(cursor for cursor, _ in heard.events)


async def test_who_was_away_for_longer_is_told_every_case_as_it_stands_and_then_what_comes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_MOST", 2)  # more than one page of cases
    cases = await changed(office, 5)
    first = (await cursors(office))[0]
    await aged(office, but_last=1)
    assert await forget(office) == 3
    feed = office.desk.feed
    async with hearing(feed, _all_changes(feed, parse_cursor(first))) as heard:
        await eventually(lambda: len(heard.events) >= 5)
        cases += await changed(office, 1)
        await eventually(lambda: len(heard.events) >= 6)
    assert heard.cases == cases
    assert [event["status"] for _, event in heard.events] == ["in_progress"] * 6


async def test_a_listener_cut_off_half_way_through_all_cases_is_told_them_all_again(office: Office) -> None:
    cases = await changed(office, 3)
    first = (await cursors(office))[0]
    await aged(office)
    await forget(office)
    feed = office.desk.feed
    async with hearing(feed, _all_changes(feed, parse_cursor(first))) as heard:
        await eventually(lambda: len(heard.events) >= 3)
    ids = [cursor for cursor, _ in heard.events]
    assert ids[:2] == ["", ""]
    cases = await changed(office, 1)
    async with hearing(feed, _all_changes(feed, parse_cursor(ids[2]))) as again:
        await eventually(lambda: again.events)
    assert again.cases == cases


async def test_the_gateway_forgets_by_itself(office: Office) -> None:
    assert "changes" in office.services["gateway"].worker.names
    await changed(office, 3)
    await aged(office)
    stop = asyncio.Event()
    retention = Retention(office.desk.transactions, forget_changes, kept_days=KEPT_DAYS, every_seconds=60)
    loop = asyncio.create_task(retention.run(stop))

    async def one_left() -> bool:
        return len(await cursors(office)) == 1

    await eventually(one_left)
    stop.set()
    await loop
