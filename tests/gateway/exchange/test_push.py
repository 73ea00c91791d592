"""The pusher against departments that answer in part, answer nonsense, or cannot be reached."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.cases.planner.inputs import WithdrawalAsked
from kernel.testing import eventually
from tests.gateway.exchange.conftest import pushing
from tests.gateway.exchange.house import CERTIFICATE, House, served
from tests.gateway.exchange.test_answers import answer

Reply = Callable[[list[dict[str, Any]]], Response]


class Desk:
    """A department of the test's own: keeps the lists it got and replies as told."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.lists: list[list[dict[str, Any]]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        items = (await Request(scope, receive).json())["items"]
        self.lists.append(items)
        await self.reply(items)(scope, receive, send)

    @property
    def ids(self) -> set[str]:
        return {item["request_id"] for items in self.lists for item in items}


@asynccontextmanager
async def department(house: House, reply: Reply) -> AsyncIterator[Desk]:
    desk = Desk(reply)
    async with served(desk, int(house.url.rsplit(":", 1)[1])), pushing(house):
        yield desk


async def states(house: House) -> list[str]:
    rows = await house.all("SELECT state FROM deliveries WHERE type = :type ORDER BY id", type=CERTIFICATE)
    return [row["state"] for row in rows]


def done(items: list[dict[str, Any]]) -> Response:
    return JSONResponse(
        {"results": [{"request_id": item["request_id"], "outcome": "done"} for item in items]}
    )


async def test_many_requests_go_out_in_one_list_and_those_left_out_are_answered_later(house: House) -> None:
    for number in list(house.people)[:5]:
        await house.report(number)
    async with department(house, lambda items: done(items[:2])) as desk:
        await eventually(lambda: _is(house, ["answered", "answered", "sent", "sent", "sent"]))
        assert len(desk.lists[0]) == 5
        later = [item["request_id"] for item in desk.lists[0][2:]]
    assert (
        await answer(house, "health", *({"id": one, "outcome": "done"} for one in later)) == ["accepted"] * 3
    )
    assert await states(house) == ["answered"] * 5


async def _is(house: House, wanted: list[str]) -> bool:
    return await states(house) == wanted


@pytest.mark.parametrize(
    "nonsense",
    [
        Response(b"<html>", media_type="text/html"),
        JSONResponse({"results": [{"request_id": "x"}]}),
        JSONResponse({"results": "none"}),
        Response(status_code=302, headers={"location": "http://127.0.0.1:9"}),
        Response(status_code=422),
    ],
)
async def test_an_unreadable_answer_changes_nothing_and_the_request_is_sent_again(
    house: House, nonsense: Response
) -> None:
    filed = await house.report(next(iter(house.people)))
    replies = iter([nonsense])
    async with department(house, lambda items: next(replies, None) or done(items)) as desk:
        await eventually(lambda: _is(house, ["answered"]), within=15)
        first, again = desk.lists[:2]
        assert [item["request_id"] for item in again] == [item["request_id"] for item in first]
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "done"


async def test_an_answer_to_a_request_that_was_not_in_the_list_is_not_believed(house: House) -> None:
    numbers = list(house.people)[:2]
    first = await house.report(numbers[0])
    (other,) = await house.deliveries(first.case, CERTIFICATE)
    async with department(house, lambda items: JSONResponse({"results": []})):
        await eventually(lambda: _is(house, ["sent"]))
    await house.report(numbers[1])
    stray = {"results": [{"request_id": str(other["id"]), "outcome": "done"}]}
    async with department(house, lambda items: JSONResponse(stray)):
        await eventually(lambda: _is(house, ["sent", "sent"]))
    assert (await house.row(first.case, CERTIFICATE))["state"] == "open"


async def test_a_department_that_was_never_reached_need_not_be_asked_about_a_withdrawal(house: House) -> None:
    filed = await house.report(next(iter(house.people)))
    async with pushing(house):

        async def tried() -> bool:
            (row,) = await house.deliveries(filed.case, CERTIFICATE)
            return row["attempts"] == 1 and row["failure"] is not None and row["sent_at"] is None

        await eventually(tried)
    await house.move(filed.case, WithdrawalAsked())
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "withdrawn"


async def test_a_withdrawal_is_pushed_as_a_cancellation_of_the_same_request(house: House) -> None:
    filed = await house.report(next(iter(house.people)))

    def cancelled_only(items: list[dict[str, Any]]) -> Response:
        taken_back = [item for item in items if "fields" not in item]
        return JSONResponse(
            {"results": [{"request_id": item["request_id"], "outcome": "cancelled"} for item in taken_back]}
        )

    async with department(house, cancelled_only) as desk:
        await eventually(lambda: _is(house, ["sent"]))
        await house.move(filed.case, WithdrawalAsked())
        await eventually(lambda: _is(house, ["cancelled"]))
        assert len(desk.ids) == 1
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "withdrawn"


async def test_two_pushers_send_no_request_twice(house: House) -> None:
    for number in list(house.people)[:20]:
        await house.report(number)
    async with department(house, done) as desk, pushing(house):
        await eventually(lambda: _is(house, ["answered"] * 20))
        await asyncio.sleep(0)
        sent = [item["request_id"] for items in desk.lists for item in items if item["type"] == CERTIFICATE]
    assert len(sent) == len(set(sent)) == 20
