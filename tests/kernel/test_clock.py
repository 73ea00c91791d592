"""Legal time: one offset row, forward only, and nothing asked outside the demo profile."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from kernel.messaging.transaction import Transactions
from kernel.public_service.clock import (
    STANDS_STILL_SECONDS,
    TZ,
    Clock,
    ClockGoesForwardOnly,
    DemoClockOnly,
    FixedClock,
)


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


async def test_loops_stand_still_for_a_while_after_somebody_set_the_clock(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = Clock(demo=True), Clock(demo=True)
    async with transactions.begin() as tx:
        await theirs.refresh(tx)
        assert not theirs.moved_lately
        await ours.set(tx, datetime.now(TZ) + timedelta(days=30))
        await theirs.refresh(tx)
    assert ours.moved_lately and theirs.moved_lately
    later = time.monotonic() + STANDS_STILL_SECONDS
    monkeypatch.setattr("kernel.public_service.clock.time.monotonic", lambda: later)
    assert not ours.moved_lately and not theirs.moved_lately
