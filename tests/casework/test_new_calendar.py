"""A new holiday notice is carried into what is unfinished: set by set, resumable, harmless twice (decision 0012)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from casework.deadlines import run_due
from casework.new_calendar import NewCalendar, Procedures
from contracts.orders import Verb
from contracts.terms import Limit, LimitUnit
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ, FixedClock
from tests.casework.plain_owner import ACT, CHECK, FIVE_DAYS, NOW, Bench, Matter, terms

KNOWN = WorkingCalendar.load()
NEXT = KNOWN.known_until + 1
# The last of February and the days after it are rest days in the notice of that year.
NOTICE = YearNotice(rest=frozenset({date(NEXT, 3, 1), date(NEXT, 3, 2)}), work=frozenset())
ANNOUNCED = WorkingCalendar({NEXT: NOTICE})
RECHECK = Limit(amount=3, unit=LimitUnit.MONTH, counted_from="event")
DIED = datetime(NEXT - 1, 11, 28, 9, tzinfo=TZ)
LATER = DIED + timedelta(days=2)


def recheck() -> Matter:
    """A household's recheck, due on 28 February of a year nobody has announced."""
    return Matter(terms(CHECK, ACT, limit=RECHECK), occurred_at=DIED)


def mover(bench: Bench, calendar: WorkingCalendar, *, page: int = 500) -> NewCalendar:
    """A worker that has started with this calendar."""
    office = replace(bench.office, calendar=calendar)
    return NewCalendar(bench.transactions, FixedClock(LATER), calendar, (Procedures(office),), page=page)


@asynccontextmanager
async def standing_on(bench: Bench, calendar: WorkingCalendar) -> AsyncIterator[None]:
    """As after the first start of a worker with this calendar."""
    assert (await mover(bench, calendar).once()).done
    yield


async def rows(bench: Bench) -> list[Any]:
    async with bench.transactions.begin() as tx:
        statement = """SELECT id, due_at, half_at, warn_at, next_check_at, provisional, version FROM procedures
                        ORDER BY id"""
        return [tuple(row) for row in (await tx.execute(text(statement))).all()]


async def emitted(bench: Bench) -> int:
    async with bench.transactions.begin() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM outbox"))).scalar_one())


async def test_a_due_date_nobody_has_announced_moves_when_it_is_announced(bench: Bench) -> None:
    async with standing_on(bench, KNOWN):
        before = await bench.send(recheck(), Verb.OPEN, at=DIED + timedelta(days=1))
    assert before.due_at is not None and before.provisional
    assert await mover(bench, ANNOUNCED).run_through() == 1
    (after,) = await rows(bench)
    assert after[1] > before.due_at
    assert after[1].astimezone(TZ).date() == date(NEXT, 3, 3)
    assert (after[4], after[5], after[6]) == (after[2], False, before.version + 1)
    assert await emitted(bench) == 1  # the board is told


@pytest.mark.parametrize("page", [1, 3, 500])
async def test_it_goes_on_where_it_was_cut_short_and_changes_nothing_twice(bench: Bench, page: int) -> None:
    async with standing_on(bench, KNOWN):
        await bench.send_all([recheck().order(Verb.OPEN) for _ in range(7)], at=DIED + timedelta(days=1))
    first = mover(bench, ANNOUNCED, page=page)
    moved = (await first.once()).moved
    moved += await mover(bench, ANNOUNCED, page=page).run_through()  # the first worker was killed
    assert moved == 7
    settled = await rows(bench)
    assert {row[5] for row in settled} == {False}
    assert await mover(bench, ANNOUNCED).run_through() == 0
    assert await rows(bench) == settled
    assert await emitted(bench) == 7


async def test_a_page_run_twice_changes_nothing(bench: Bench) -> None:
    async with standing_on(bench, KNOWN):
        await bench.send(recheck(), Verb.OPEN, at=DIED + timedelta(days=1))
    stage = Procedures(replace(bench.office, calendar=ANNOUNCED))

    async def page(tx: Transaction) -> int:
        start = datetime(NEXT, 1, 1, tzinfo=TZ)
        return (await stage(tx, since=start, after=UUID(int=0), limit=9, at=LATER)).moved

    async with bench.transactions.begin() as tx:
        assert (await page(tx), await page(tx)) == (1, 0)


async def test_a_process_that_knows_fewer_years_moves_nothing_back(bench: Bench) -> None:
    async with standing_on(bench, KNOWN):
        await bench.send(recheck(), Verb.OPEN, at=DIED + timedelta(days=1))
    await mover(bench, ANNOUNCED).run_through()
    announced = await rows(bench)
    assert await mover(bench, KNOWN).run_through() == 0
    assert await rows(bench) == announced


async def test_what_ends_before_the_new_year_is_not_touched(bench: Bench) -> None:
    async with standing_on(bench, KNOWN):
        await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    before = await rows(bench)
    assert await mover(bench, ANNOUNCED).run_through() == 0
    assert await rows(bench) == before


async def test_a_notice_that_is_changed_later_moves_what_it_touches(bench: Bench) -> None:
    """As in January 2020, when the Spring Festival was made longer after it had been announced."""
    async with standing_on(bench, KNOWN):
        opened = await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    rest = frozenset(
        day
        for offset in range(365)
        if (day := date(NOW.year, 1, 1) + timedelta(days=offset)).weekday() < 5
        and not KNOWN.is_working_day(day)
    )
    work = frozenset(
        day
        for offset in range(365)
        if (day := date(NOW.year, 1, 1) + timedelta(days=offset)).weekday() >= 5 and KNOWN.is_working_day(day)
    )
    longer = WorkingCalendar({NOW.year: YearNotice(rest | {date(NOW.year, 3, 3)}, work)})
    assert await mover(bench, longer).run_through() == 1
    ((_, due_at, *_rest),) = await rows(bench)
    assert opened.due_at is not None and due_at == opened.due_at + timedelta(days=1)


async def test_marks_that_have_fired_stay_and_never_fire_again(bench: Bench) -> None:
    async with standing_on(bench, KNOWN):
        opened = await bench.send(recheck(), Verb.OPEN, at=DIED + timedelta(days=1))
    assert opened.half_at is not None
    async with bench.transactions.begin() as tx:
        await run_due(tx, office=bench.office, now=opened.half_at)
    await mover(bench, ANNOUNCED).run_through()
    ((_, _, half_at, warn_at, next_check_at, *_rest),) = await rows(bench)
    assert (half_at, next_check_at) == (opened.half_at, warn_at)


async def test_fifty_procedures_take_as_many_statements_as_one(bench: Bench) -> None:
    async with standing_on(bench, KNOWN):
        await bench.send(recheck(), Verb.OPEN, at=DIED + timedelta(days=1))
    seen = bench.count_statements()
    assert (await mover(bench, ANNOUNCED).once()).moved == 1
    one = [statement for statement in seen if "outbox" not in statement]
    async with bench.transactions.begin() as tx:
        await tx.execute(text("TRUNCATE procedures, case_files, calendar_standing"))
    async with standing_on(bench, KNOWN):
        await bench.send_all([recheck().order(Verb.OPEN) for _ in range(50)], at=DIED + timedelta(days=1))
    seen.clear()
    assert (await mover(bench, ANNOUNCED).once()).moved == 50
    assert len([statement for statement in seen if "outbox" not in statement]) == len(one) <= 5


async def test_a_recheck_due_on_a_leap_day_is_provisional_until_its_year_is_announced(bench: Bench) -> None:
    """Death on 29 November 2027: three months later is 29 February 2028."""
    died = datetime(2027, 11, 29, 9, tzinfo=TZ)
    matter = Matter(terms(CHECK, ACT, limit=RECHECK), occurred_at=died)
    async with standing_on(bench, KNOWN):
        opened = await bench.send(matter, Verb.OPEN, at=died + timedelta(days=1))
    assert opened.due_at is not None
    assert (opened.due_at.astimezone(TZ).date(), opened.provisional) == (date(2028, 2, 29), True)
    both = WorkingCalendar({2027: YearNotice(), 2028: YearNotice(rest=frozenset({date(2028, 2, 29)}))})
    assert await mover(bench, both).run_through() == 1
    ((_, due_at, _, _, _, provisional, _),) = await rows(bench)
    assert (due_at.astimezone(TZ).date(), provisional) == (date(2028, 3, 1), False)
