"""A payment run and a death at once: each pair has one order, whoever comes first (design 5)."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from contracts.orders import Verb
from kernel.testing import eventually
from services.assistance.commands.releases import prepare, release_file
from tests.assistance.sight import HOLD, STOP, Households, booked, died
from tests.owner_desk import COUNTY, NOW, Desk

DECEMBER = date(2026, 12, 1)


async def waited_for(desk: Desk) -> bool:
    """Whether somebody waits for a lock of another's."""
    return bool(await desk.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_a_stop_that_waited_for_a_release_counts_it_as_overpaid(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    file = uuid4()
    async with desk.service.transactions.begin() as tx:
        await prepare(tx, file=file, region=COUNTY, month=DECEMBER, at=NOW)
        await release_file(tx, file=file, at=NOW)
        stop = asyncio.create_task(desk.send(Verb.OPEN, STOP, died(elder, confirmed=True)))
        await eventually(lambda: waited_for(desk))
    outcome = await stop
    assert outcome.result["stopped"][0]["overpaid_fen"] == hold.amount_fen
    (record,) = await desk.rows("SELECT amount_fen, months, payee FROM overpayments")
    assert (record.amount_fen, record.months, record.payee) == (hold.amount_fen, [DECEMBER], elder.person)


@pytest.mark.parametrize(("kind", "held_for"), [(HOLD, "suspended"), (STOP, "cancelled")])
async def test_a_release_that_waited_for_a_death_pays_the_dead_nothing(
    desk: Desk, households: Households, kind: str, held_for: str
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    file = uuid4()
    async with desk.service.transactions.begin() as tx:
        await prepare(tx, file=file, region=COUNTY, month=DECEMBER, at=NOW)

    async def pay() -> dict[object, str | None]:
        async with desk.service.transactions.begin() as tx:
            return {line.holding: line.held_for for line in await release_file(tx, file=file, at=NOW)}

    async with desk.service.transactions.begin() as tx:
        await desk.send(Verb.OPEN, kind, died(elder, confirmed=kind == STOP), tx=tx)
        payment = asyncio.create_task(pay())
        await eventually(lambda: waited_for(desk))
    held = await payment
    assert held[hold.id] == held_for
    assert {why for holding, why in held.items() if holding != hold.id} == {None}
    paid = await desk.rows("SELECT sum(amount_fen)::bigint AS fen FROM payments WHERE state = 'released'")
    assert await booked(desk, "paid") == paid[0].fen


async def test_one_file_released_by_two_at_once_is_paid_once(desk: Desk, households: Households) -> None:
    file = uuid4()
    async with desk.service.transactions.begin() as tx:
        await prepare(tx, file=file, region=COUNTY, month=DECEMBER, at=NOW)

    async def pay() -> int:
        async with desk.service.transactions.begin() as tx:
            return sum(line.amount_fen for line in await release_file(tx, file=file, at=NOW))

    first, second = await asyncio.gather(pay(), pay())
    assert first == second == await booked(desk, "paid")
