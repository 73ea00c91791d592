"""Each mechanism of design 6 taken out breaks its law; left in, the law holds."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.messaging import inbox, outbox, parking, relay
from kernel.messaging.bus.interface import Delivery, OutboxRow
from kernel.messaging.bus.kafka_subscription import KafkaSubscription
from kernel.messaging.bus.local import LocalSubscription
from kernel.messaging.relay import Relay
from kernel.messaging.transaction import Transaction
from tests.invariants import messaging_laws as law
from tests.kernel.messaging.house import House

Law = Callable[[House, float], Awaitable[None]]
TakeOut = Callable[[pytest.MonkeyPatch], None]

HOLDS_WITHIN_SECONDS = 30.0
BREAKS_WITHIN_SECONDS = 3.0


def outbox_in_a_transaction_of_its_own(patch: pytest.MonkeyPatch) -> None:
    """Said at once, on another connection: a rollback does not take it back."""

    async def insert_elsewhere(tx: Transaction) -> None:
        async with tx.connection.engine.begin() as other:
            await outbox.insert(other, tx.emitted)

    patch.setattr(Transaction, "_finish", insert_elsewhere)

    async def leave(tx: Transaction) -> None:
        if tx.emitted:
            await insert_elsewhere(tx)

    patch.setattr(Transaction, "_close", leave)


def publish_after_commit(patch: pytest.MonkeyPatch) -> None:
    """Nothing is written before the commit: whoever dies after it has said nothing."""

    async def say_nothing(tx: Transaction) -> None:
        tx.after_commit(lambda: None)

    patch.setattr(Transaction, "_finish", say_nothing)


def inbox_that_knows_nothing(patch: pytest.MonkeyPatch) -> None:
    async def all_fresh(connection: AsyncConnection, consumer: str, ids: Iterable[UUID]) -> set[UUID]:
        return set(ids)

    patch.setattr(inbox, "claim", all_fresh)


def everybody_leads(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(relay, "_LEAD", text("SELECT CAST(:lock AS bigint) IS NOT NULL"))


def delete_when_read(patch: pytest.MonkeyPatch) -> None:
    lowest = outbox.lowest

    async def read_and_delete(connection: AsyncConnection, *, most: int) -> list[OutboxRow]:
        rows = await lowest(connection, most=most)
        await outbox.delete(connection, [row.seq for row in rows])
        return rows

    patch.setattr(outbox, "lowest", read_and_delete)


def settle_when_fetched(patch: pytest.MonkeyPatch) -> None:
    read, fetch = LocalSubscription._read, KafkaSubscription.fetch

    async def read_and_delete(mail: LocalSubscription, most: int) -> list[Delivery]:
        deliveries = await read(mail, most)
        async with mail._reader.connect() as connection:
            seqs = [delivery.offset for delivery in deliveries]
            await connection.execute(text("DELETE FROM mail WHERE seq = ANY(:seqs)"), {"seqs": seqs})
        return deliveries

    async def fetch_and_settle(group: KafkaSubscription, **arguments: object) -> Sequence[Delivery]:
        deliveries = await fetch(group, **arguments)  # type: ignore[arg-type]
        await group.settled(deliveries)
        return deliveries

    patch.setattr(LocalSubscription, "_read", read_and_delete)
    patch.setattr(KafkaSubscription, "fetch", fetch_and_settle)


def nobody_asks_for_parked_keys(patch: pytest.MonkeyPatch) -> None:
    async def none(connection: AsyncConnection, consumer: str, messages: object) -> set[parking.Key]:
        return set()

    patch.setattr(parking, "parked_among", none)


def replay_without_the_lock(patch: pytest.MonkeyPatch) -> None:
    unlocked = text(parking._HOLD.text.replace("FOR UPDATE", ""))
    patch.setattr(parking, "_HOLD", unlocked)


def the_same_producer_again(patch: pytest.MonkeyPatch) -> None:
    async def keep(relay: Relay) -> None:
        """The broken producer stays."""

    patch.setattr(Relay, "_renew", keep)


LOCAL: list[tuple[Law, TakeOut]] = [
    (law.committed_is_said_and_rolled_back_is_not, outbox_in_a_transaction_of_its_own),
    (law.committed_is_said_and_rolled_back_is_not, publish_after_commit),
    (law.delivered_twice_is_handled_once, inbox_that_knows_nothing),
    (law.one_relay_sends, everybody_leads),
    (law.unacknowledged_is_kept, delete_when_read),
    (law.parked_key_keeps_its_order, nobody_asks_for_parked_keys),
    (law.replays_take_turns, replay_without_the_lock),
]


@pytest.mark.parametrize("check_law", dict.fromkeys(law for law, _ in LOCAL), ids=lambda law: law.__name__)
async def test_the_law_holds(check_law: Law, local_house: House) -> None:
    await check_law(local_house, HOLDS_WITHIN_SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize(("broken", "take_out"), LOCAL, ids=lambda each: each.__name__)
async def test_without_its_mechanism_the_law_is_broken(
    broken: Law, take_out: TakeOut, local_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_out(monkeypatch)
    with pytest.raises(AssertionError):
        await broken(local_house, BREAKS_WITHIN_SECONDS)


async def test_what_is_not_handled_comes_again(house: House) -> None:
    check_law = law.unhandled_comes_again
    await check_law(house, HOLDS_WITHIN_SECONDS)


@pytest.mark.slow
async def test_what_is_settled_before_it_is_handled_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_when_fetched(monkeypatch)
    with pytest.raises(AssertionError):
        await law.unhandled_comes_again(house, BREAKS_WITHIN_SECONDS)


@pytest.mark.parametrize("house", ["kafka"], indirect=True)
@pytest.mark.kafka
async def test_one_refused_record_fails_no_innocent_one(house: House) -> None:
    check_law = law.one_refusal_fails_no_innocent
    await check_law(house, HOLDS_WITHIN_SECONDS)


@pytest.mark.parametrize("house", ["kafka"], indirect=True)
@pytest.mark.kafka
async def test_the_same_producer_after_a_refusal_fails_innocent_ones(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_same_producer_again(monkeypatch)
    with pytest.raises(AssertionError):
        await law.one_refusal_fails_no_innocent(house, BREAKS_WITHIN_SECONDS)
