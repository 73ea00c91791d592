"""Due checks of rows that are no procedures take their turn among those of procedures."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from casework.deadlines import Fired, next_check, run_due
from contracts.orders import Verb
from kernel.messaging.transaction import Transaction
from tests.casework.plain_owner import ACT, CHECK, FIVE_DAYS, Bench, Matter, terms
from tests.casework.test_clocks import end_of


@dataclass
class Alarms:
    """A kind of row of its own: alarms that ring once."""

    waiting: list[datetime]
    rung: list[datetime] = field(default_factory=list)

    async def next_check(self, tx: Transaction) -> datetime | None:
        return min(self.waiting, default=None)

    async def run_due(self, tx: Transaction, *, now: datetime, limit: int) -> int:
        due = sorted(at for at in self.waiting if at <= now)[:limit]
        self.waiting = [at for at in self.waiting if at not in due]
        self.rung += due
        return len(due)


async def run(bench: Bench, alarms: Alarms, now: datetime) -> Fired:
    async with bench.transactions.begin() as tx:
        return await run_due(tx, office=replace(bench.office, also_due=(alarms,)), now=now)


async def following(bench: Bench, alarms: Alarms) -> Any:
    async with bench.transactions.begin() as tx:
        return await next_check(tx, (alarms,))


async def test_marks_and_alarms_run_in_the_order_of_their_instants_after_a_long_absence(bench: Bench) -> None:
    await bench.send(
        Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN
    )  # marks at the end of 5, 6 and 9 March
    alarms = Alarms([end_of(6) - timedelta(hours=1), end_of(3)])
    order, late = [], end_of(20)
    while True:
        rung, fired = len(alarms.rung), await run(bench, alarms, late)
        if fired.count == 0:
            break
        order += ["alarm"] * (len(alarms.rung) - rung)
        order += [outcome.escalation for report in fired.reports for outcome in report.outcomes]
    assert (order, alarms.waiting) == (["alarm", "alarm", 1, 2, 3], []), (
        "what is due rings at once, first of all"
    )


async def test_each_at_its_own_instant_when_the_clock_stops_at_each(bench: Bench) -> None:
    await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    alarms, order = Alarms([end_of(3), end_of(6) - timedelta(hours=1)]), []
    while (instant := await following(bench, alarms)) is not None:
        while (await run(bench, alarms, instant)).count:
            order.append(instant)
    assert order == [end_of(3), end_of(5), end_of(6) - timedelta(hours=1), end_of(6), end_of(9)]


async def test_an_alarm_of_later_holds_no_mark_back_and_fires_not_before_its_time(bench: Bench) -> None:
    await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    alarms = Alarms([end_of(8)])
    assert (await run(bench, alarms, end_of(5))).count == 1
    assert alarms.rung == []
    assert await following(bench, alarms) == end_of(6)
    assert await following(bench, Alarms([end_of(1)])) == end_of(1)
