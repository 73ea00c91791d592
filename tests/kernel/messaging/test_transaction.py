import pytest
from sqlalchemy import text
from sqlmodel import Field, SQLModel

from kernel.database import service_registry
from kernel.messaging.event import Event
from kernel.messaging.outbox import MOST_PAYLOAD_BYTES, MessageTooLarge
from tests.kernel.messaging.house import House, lines
from tests.kernel.messaging.said import Said

ROWS = service_registry()


class Rows(SQLModel, registry=ROWS):
    """Rows of this module's own registry."""


class Heard(Rows, table=True):
    n: int | None = Field(default=None, primary_key=True)
    speaker: str
    line: int


async def outbox(house: House) -> list[Event]:
    async with house.speaking.begin() as tx:
        rows = (
            await tx.execute(text("SELECT convert_from(payload, 'UTF8') FROM outbox ORDER BY seq"))
        ).scalars()
        return [Said.model_validate_json(payload) for payload in rows]


async def test_messages_lie_in_the_outbox_in_the_order_of_emission(local_house: House) -> None:
    said = [*lines("a", 1, 50), *lines("b", 1, 50)]
    await local_house.say(*said)
    assert await outbox(local_house) == said


async def test_a_rolled_back_transaction_has_said_nothing(local_house: House) -> None:
    called: list[str] = []

    async def fail() -> None:
        async with local_house.speaking.begin() as tx:
            tx.emit(Said(speaker="a", line=1))
            tx.after_commit(lambda: called.append("committed"))
            await tx.execute(text("INSERT INTO heard (speaker, line) VALUES ('a', 1)"))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert await outbox(local_house) == []
    assert await local_house.count("heard", of=local_house.speaking) == 0
    assert called == []
    assert not local_house.wake.is_set()


async def test_after_the_commit_the_relay_is_woken_and_callbacks_are_called(local_house: House) -> None:
    called: list[str] = []
    async with local_house.speaking.begin() as tx:
        tx.after_commit(lambda: called.append("committed"))
        tx.emit(Said(speaker="a", line=1))
        assert called == []
    assert called == ["committed"]
    assert local_house.wake.is_set()


async def test_a_transaction_that_says_nothing_wakes_nobody(local_house: House) -> None:
    async with local_house.speaking.begin() as tx:
        await tx.execute(text("SELECT 1"))
    assert not local_house.wake.is_set()


async def test_a_message_over_256_kib_is_refused_where_it_is_made(local_house: House) -> None:
    async def say_too_much() -> None:
        async with local_house.speaking.begin() as tx:
            tx.emit(Said(speaker="a", line=1, text="x" * MOST_PAYLOAD_BYTES))

    with pytest.raises(MessageTooLarge, match="262144"):
        await say_too_much()
    assert await outbox(local_house) == []


async def test_what_the_session_holds_is_seen_by_plain_sql_and_committed(local_house: House) -> None:
    async with local_house.speaking.begin() as tx:
        tx.session.add(Heard(n=None, speaker="a", line=7))
        assert (await tx.execute(text("SELECT line FROM heard"))).scalars().all() == [7]
    assert await local_house.count("heard", of=local_house.speaking) == 1
