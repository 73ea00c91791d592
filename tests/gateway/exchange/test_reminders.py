"""A department that is silent is reminded by the request itself, under its own id (life-events G7)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.cases.planner.inputs import WithdrawalAsked
from gateway.exchange import checks
from tests.gateway.exchange.house import CERTIFICATE, House
from tests.gateway.exchange.test_answers import pulled


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def taken(house: House, state: str) -> None:
    """The department has said that it has the request and will answer later."""
    async with house.desk.open() as tx:
        await tx.execute(text("UPDATE deliveries SET state = :state"), {"state": state})


async def one_check(house: House) -> None:
    async with house.desk.open() as tx:
        until = house.clock.now() + timedelta(days=60)
        assert await checks.run_due(tx, moves=house.desk.moves, now=until) == 1


async def test_half_of_the_limit_sends_the_same_request_once_more(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    await taken(house, "sent")
    await one_check(house)
    (delivery,) = await house.deliveries(filed.case, CERTIFICATE)
    assert (str(delivery["id"]), delivery["state"], delivery["escalation"]) == (item["id"], "pending", 1)
    assert (await house.row(filed.case, CERTIFICATE))["task_id"] is None


async def test_a_cancellation_without_an_answer_is_sent_again_and_asked_for_by_a_person(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    await pulled(house, "health")
    await house.move(filed.case, WithdrawalAsked())
    await taken(house, "told")
    await one_check(house)
    (delivery,) = await house.deliveries(filed.case, CERTIFICATE)
    assert (delivery["state"], delivery["task_kind"]) == ("cancelling", "silent")
