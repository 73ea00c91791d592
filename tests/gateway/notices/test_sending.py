"""Messages leave under one request id, are tried again when a gateway is away, and are in nobody's log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse
from structlog.testing import capture_logs

from deploy.local.server_process import free_port
from gateway.notices.dispatch import Dispatch
from gateway.notices.senders import KeptRows, Outgoing, Sender, SenderAway, SmsGateway
from tests.gateway.exchange.house import served
from tests.gateway.notices.post import APPLICANT_PHONE, Post, at

MESSAGE = Outgoing(UUID(int=1), "sms", APPLICANT_PHONE, "您好", "Hello")


@dataclass
class City:
    """A city's SMS gateway on a real socket; it drops a request id that it has taken before."""

    status: int = 200
    asked: list[str] = field(default_factory=list)
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def __call__(self, scope: dict, receive: object, send: object) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = await Request(scope, receive).json()  # type: ignore[arg-type]
        self.asked.append(body["request_id"])
        if self.status == 200:
            self.taken.setdefault(body["request_id"], (body["to"], body["text"]))
        await JSONResponse({}, status_code=self.status)(scope, receive, send)  # type: ignore[arg-type]


async def _lifespan(receive: object, send: object) -> None:
    for kind in ("startup", "shutdown"):
        await receive()  # type: ignore[operator]
        await send({"type": f"lifespan.{kind}.complete"})  # type: ignore[operator]


@asynccontextmanager
async def connected(city: City) -> AsyncIterator[SmsGateway]:
    port = free_port()
    async with served(city, port), SmsGateway(f"http://127.0.0.1:{port}/sms") as sender:
        yield sender


def dispatch(post: Post, sender: Sender | None) -> Dispatch:
    """The office's, with that sender for text messages (none: nobody has connected one)."""
    return replace(post.office.desk.teller.dispatch, senders={"sms": sender} if sender else {})


async def waiting(post: Post) -> None:
    """One message that is pending."""
    await post.office.report()
    post.office.clock.instant = at("03-03 10:00")
    await post.look()
    teller = post.office.desk.teller
    async with teller.open() as tx:
        assert await teller.daily.make_page(tx, now=post.office.clock.now()) == 1


async def hasten(post: Post) -> None:
    """The time to try again has come."""
    async with post.office.desk.transactions.begin() as tx:
        await tx.execute(
            text("UPDATE messages SET next_try_at = :past"), {"past": datetime.now(UTC) - timedelta(1)}
        )


async def states(post: Post) -> list[tuple[str, int]]:
    return [tuple(row) for row in await post.office.rows("SELECT state, attempts FROM messages")]


async def test_a_gateway_that_takes_a_message_is_asked_once(post: Post) -> None:
    await waiting(post)
    city = City()
    async with connected(city) as sender:
        assert await dispatch(post, sender).send_page(now=post.office.clock.now()) == 1
        assert await dispatch(post, sender).send_page(now=post.office.clock.now()) == 0
    ((to, words),) = city.taken.values()
    assert to == APPLICANT_PHONE and "您好" in words and "Lianban" in words
    assert await states(post) == [("sent", 1)]


async def test_a_gateway_that_is_away_gets_the_same_request_again_later(post: Post) -> None:
    await waiting(post)
    city = City(status=503)
    now = post.office.clock.now()
    async with connected(city) as sender:
        with capture_logs() as logs:
            assert await dispatch(post, sender).send_page(now=now) == 0
        assert await dispatch(post, sender).send_page(now=now) == 0, "not before its time"
        assert await post.told() == []
        city.status = 200
        await hasten(post)
        assert await dispatch(post, sender).send_page(now=now) == 1
    assert len(city.asked) == 2 and len(set(city.asked)) == 1
    assert await states(post) == [("sent", 2)]
    (line,) = [one for one in logs if one["event"] == "message_waits"]
    assert line["reason"] == "HTTP 503"
    assert APPLICANT_PHONE not in str(logs) and "您好" not in str(logs)


async def test_a_crash_between_sending_and_marking_sends_the_same_request_which_the_city_drops(
    post: Post,
) -> None:
    await waiting(post)
    city = City()
    async with connected(city) as sender:
        crashed = dispatch(post, sender)
        (row,) = await crashed._take()
        await crashed._send(row)
        await hasten(post)
        assert await dispatch(post, sender).send_page(now=post.office.clock.now()) == 1
    assert len(city.asked) == 2 and len(city.taken) == 1


async def test_a_retry_waits_for_the_morning(post: Post) -> None:
    await waiting(post)
    city = City()
    async with connected(city) as sender:
        assert await dispatch(post, sender).send_page(now=at("03-03 22:00")) == 0
        assert await dispatch(post, sender).send_page(now=at("03-04 10:00")) == 1


async def test_a_channel_that_nobody_has_connected_keeps_its_messages(post: Post) -> None:
    await waiting(post)
    assert await dispatch(post, None).send_page(now=post.office.clock.now()) == 0
    assert await states(post) == [("pending", 0)]


async def test_a_message_says_nothing_of_itself_when_it_is_printed() -> None:
    assert APPLICANT_PHONE not in repr(MESSAGE) and "您好" not in repr(MESSAGE)


@pytest.mark.parametrize("kind", ["kept", "city"])
async def test_every_sender_takes_a_message_and_the_same_one_again(kind: str) -> None:
    city = City()
    async with connected(city) as sms:
        sender: Sender = KeptRows() if kind == "kept" else sms
        await sender.send(MESSAGE)
        await sender.send(MESSAGE)
    assert len(city.taken) == (1 if kind == "city" else 0)


async def test_a_city_that_does_not_answer_at_all_is_away() -> None:
    async with SmsGateway(f"http://127.0.0.1:{free_port()}/sms") as sender:
        with pytest.raises(SenderAway) as away:
            await sender.send(MESSAGE)
    assert APPLICANT_PHONE not in str(away.value)
