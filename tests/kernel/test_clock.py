"""Legal time: one offset row, forward only, and nothing asked outside the demo profile."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.messaging.transaction import Transactions
from kernel.public_service.clock import TZ, Clock, ClockGoesForwardOnly, DemoClockOnly, FixedClock


async def test_a_clock_set_in_one_process_is_seen_in_another(transactions: Transactions) -> None:
    ours, theirs = Clock(demo=True), Clock(demo=True)
    target = datetime.now(TZ) + timedelta(days=30)
    async with transactions.begin() as tx:
        await ours.set(tx, target)
    async with transactions.begin() as tx:
        await theirs.refresh(tx)
    assert ours.now() - target < timedelta(seconds=30)
    assert abs(theirs.now() - ours.now()) < timedelta(seconds=1)
    assert theirs.today() == theirs.now().date()


async def test_the_clock_never_goes_back(transactions: Transactions) -> None:
    clock = Clock(demo=True)
    async with transactions.begin() as tx:
        await clock.set(tx, datetime.now(TZ) + timedelta(days=2))
        for target in (timedelta(days=1), timedelta(days=-1)):
            with pytest.raises(ClockGoesForwardOnly):
                await clock.set(tx, datetime.now(TZ) + target)
    assert clock.now() > datetime.now(TZ) + timedelta(days=1)


async def test_outside_the_demo_profile_time_is_real_and_asks_nothing(transactions: Transactions) -> None:
    demo, real = Clock(demo=True), Clock(demo=False)
    async with transactions.begin() as tx:
        await demo.set(tx, datetime.now(TZ) + timedelta(days=30))
        await real.refresh(tx)
        with pytest.raises(DemoClockOnly):
            await real.set(tx, datetime.now(TZ) + timedelta(days=30))
    assert abs(real.now() - datetime.now(TZ)) < timedelta(seconds=5)


def test_now_is_in_shanghai() -> None:
    assert Clock().now().utcoffset() == timedelta(hours=8)


async def test_a_standing_clock_moves_only_when_told(transactions: Transactions) -> None:
    clock = FixedClock(datetime(2026, 3, 1, 1, tzinfo=UTC))
    assert clock.now().isoformat() == "2026-03-01T09:00:00+08:00"
    clock.advance(timedelta(hours=1))
    async with transactions.begin() as tx:
        await clock.refresh(tx)
        assert clock.now().hour == 10
        with pytest.raises(ClockGoesForwardOnly):
            await clock.set(tx, clock.now() - timedelta(seconds=1))
        await clock.set(tx, clock.now() + timedelta(days=1))
    assert clock.today().day == 2
