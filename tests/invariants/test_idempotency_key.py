"""The same request twice is one request. Without the slot (`reserve` patched out) these fail."""

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel import idempotency
from kernel.database import make_engine
from kernel.idempotency import (
    SLOT_CTE,
    AnswerVault,
    IdempotencyKeyReused,
    RequestKey,
    forget_answers,
    idempotent,
    kept_answer,
    slot_parameters,
)
from kernel.messaging.transaction import Transactions
from kernel.migrations import upgrade_async
from kernel.public_service.access import Actor, Role
from kernel.service import Service
from tests.conftest import NewDatabase, TemplateDatabase
from tests.kernel.conftest import MIGRATIONS, SampleSettings
from tests.kernel.sample_service import make_sample_service


@pytest.fixture
async def engine(
    new_database: NewDatabase, template_database: TemplateDatabase
) -> AsyncIterator[AsyncEngine]:
    async def migrate(dsn: str) -> None:
        await upgrade_async("sample", dsn, folder=MIGRATIONS)

    template = await template_database("idempotency", migrate)
    engine = make_engine(await new_database("idempotency", template=template), pool_size=20)
    yield engine
    await engine.dispose()


@pytest.fixture
def transactions(engine: AsyncEngine) -> Transactions:
    return Transactions(engine, source="/lianban/sample")


@pytest.fixture
def service(engine: AsyncEngine) -> Service:
    return make_sample_service(SampleSettings(), engine, MIGRATIONS)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    actor = Actor(user="clerk-1", role=Role.WINDOW_CLERK, region="331003")
    headers = {"Authorization": f"Bearer {service.tokens.issue(actor).text}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://x", headers=headers
    ) as client:
        yield client


async def notes(transactions: Transactions) -> int:
    async with transactions.begin() as tx:
        count: int = (await tx.execute(text("SELECT count(*) FROM notes"))).scalar_one()
        return count


async def write(client: httpx.AsyncClient, key: str, **note: object) -> httpx.Response:
    return await client.post("/notes", json=note, headers={"Idempotency-Key": key})


async def test_the_first_answer_is_given_again(client: httpx.AsyncClient, transactions: Transactions) -> None:
    first = await write(client, "a", id=1, body="x")
    again = await write(client, "a", id=1, body="x")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, b'{"id":1}')
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    assert await notes(transactions) == 1


async def test_sixteen_equal_requests_at_once_do_the_work_once(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    answers = await asyncio.gather(*(write(client, "a", id=1, body="x") for _ in range(16)))
    assert [answer.status_code for answer in answers] == [201] * 16
    assert sum("idempotent-replay" in answer.headers for answer in answers) == 15
    assert await notes(transactions) == 1


async def test_without_the_slot_the_work_is_done_twice(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mechanism patched out: the first test of this file would fail."""
    monkeypatch.setattr(
        idempotency, "_RESERVE", text("SELECT :idem_actor || :idem_key WHERE :idem_hash <> ''::bytea")
    )
    first = await write(client, "a", id=1, body="x")
    again = await write(client, "a", id=1, body="x")
    assert (first.status_code, again.status_code) == (201, 409)


async def test_order_and_spacing_of_members_do_not_matter(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}
    await client.post("/notes", content=b'{"id":1,"body":"x"}', headers=headers)
    again = await client.post("/notes", content=b'{ "body" : "x", "id": 1 }', headers=headers)
    assert (again.status_code, again.headers["idempotent-replay"]) == (201, "true")


async def test_another_body_under_the_same_key_is_refused(client: httpx.AsyncClient) -> None:
    await write(client, "a", id=1, body="x")
    other = await write(client, "a", id=2, body="x")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_a_refused_request_may_be_mended_under_its_key(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    refused = await write(client, "a", id=1, body="taken")
    mended = await write(client, "a", id=1, body="free")
    assert (refused.status_code, mended.status_code) == (409, 201)
    assert await notes(transactions) == 1


async def test_two_people_may_use_the_same_key(client: httpx.AsyncClient, service: Service) -> None:
    await write(client, "a", id=1, body="x")
    actor = Actor(user="clerk-2", role=Role.WINDOW_CLERK, region="331003")
    client.headers["Authorization"] = f"Bearer {service.tokens.issue(actor).text}"
    other = await write(client, "a", id=2, body="y")
    assert (other.status_code, other.json()) == (201, {"id": 2})


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "idempotency_key_missing"), ("", "idempotency_key_invalid"), ("k" * 129, "idempotency_key_invalid"),
     ("ключ".encode(), "idempotency_key_invalid")],
)  # fmt: skip
async def test_a_key_that_is_missing_or_odd_is_a_400(
    client: httpx.AsyncClient, key: str | bytes | None, code: str
) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await client.post("/notes", json={"id": 1, "body": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["field"] == "/header/Idempotency-Key"


async def test_where_the_key_is_optional_none_is_needed(client: httpx.AsyncClient) -> None:
    assert (await client.post("/echoes", json={"id": 1, "body": "x"})).json()["keyed"] == "False"


def request(vault: AnswerVault, body: bytes = b'{"a":1}') -> RequestKey:
    return RequestKey(str(uuid4()), vault.request_hash("POST", "/x", body), vault)


async def test_a_waiting_request_does_the_work_when_the_first_one_fails(transactions: Transactions) -> None:
    key = request(AnswerVault(os.urandom(32)))
    reserved, fail = asyncio.Event(), asyncio.Event()

    async def failing() -> None:
        async with transactions.begin() as tx, idempotent(tx, "u", key):
            reserved.set()
            await fail.wait()
            raise ZeroDivisionError

    async def waiting() -> bool:
        await reserved.wait()
        async with transactions.begin() as tx:
            fail.set()
            async with idempotent(tx, "u", key) as slot:
                await slot.keep(200, {})
                return slot.replay

    first, replayed = await asyncio.gather(failing(), waiting(), return_exceptions=True)
    assert isinstance(first, ZeroDivisionError)
    assert replayed is False


async def test_a_callers_own_statement_takes_slot_and_answer_at_once(transactions: Transactions) -> None:
    vault = AnswerVault(os.urandom(32))
    key = request(vault)
    statement = text(
        f"WITH {SLOT_CTE} INSERT INTO notes (id, body) SELECT 5, 'x' FROM idempotency_slot RETURNING id"
    )
    values = slot_parameters("u", key, 201, {"id": 5}, {"Location": "/notes/5"})
    async with transactions.begin() as tx:
        assert (await tx.execute(statement, values)).scalar() == 5
    async with transactions.begin() as tx:
        assert (await tx.execute(statement, values)).scalar() is None
        again = await kept_answer(tx, "u", key)
    assert again is not None
    assert (again.status_code, again.body, again.headers["location"]) == (201, b'{"id":5}', "/notes/5")
    other = RequestKey(key.key, vault.request_hash("POST", "/x", b"{}"), vault)
    async with transactions.begin() as tx:
        with pytest.raises(IdempotencyKeyReused):
            await kept_answer(tx, "u", other)


async def test_answers_lie_encrypted(client: httpx.AsyncClient, transactions: Transactions) -> None:
    await write(client, "a", id=1, body="x")
    async with transactions.begin() as tx:
        body = (await tx.execute(text("SELECT body FROM idempotency_keys"))).scalar_one()
    assert b'"id"' not in bytes(body)


async def test_only_old_answers_are_forgotten(transactions: Transactions) -> None:
    key = request(AnswerVault(os.urandom(32)))
    async with transactions.begin() as tx, idempotent(tx, "u", key) as slot:
        await slot.keep(200, {})
    async with transactions.begin() as tx:
        made = (await tx.execute(text("SELECT created_at FROM idempotency_keys"))).scalar_one()
        assert await forget_answers(tx, made) == 0
        await tx.execute(text("UPDATE idempotency_keys SET created_at = created_at - interval '1 second'"))
        assert await forget_answers(tx, made) == 1
