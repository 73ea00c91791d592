"""What a person does about a parked key: replay it in order, or skip one message and say why.

Replay takes one message per transaction under the key's row lock. What arrives meanwhile waits for that
lock, finds the key still parked and goes behind; with the last message the key itself is deleted in the
same transaction, so the next arrival is handled directly and nothing overtakes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from kernel.messaging import parking
from kernel.messaging.consumer import ConsumerTransaction, Handler
from kernel.messaging.failures import describe, is_systemic
from kernel.messaging.parking import Key
from kernel.messaging.transaction import Transactions

_RELEASE_OUTBOX = text("DELETE FROM parked_outbox WHERE topic = :topic AND key = :key RETURNING true")
_LIST_OUTBOX = text("""
    SELECT p.topic, p.key, p.reason, (SELECT min(seq) FROM outbox o WHERE o.topic = p.topic AND o.key = p.key) AS seq
    FROM parked_outbox p ORDER BY p.parked_at
""")
_SKIP_OUTBOX = text("""
    WITH skipped AS (DELETE FROM outbox WHERE seq = :seq AND topic = :topic AND key = :key RETURNING *)
    INSERT INTO parked_skips (consumer, event, topic, key, headers, payload, failure, person, reason)
    SELECT 'relay', s.id, s.topic, s.key, s.headers, s.payload, p.reason, :person, :reason
    FROM skipped s JOIN parked_outbox p USING (topic, key) RETURNING event
""")


class NotParked(Exception):
    """该键或该事件未被停放。

    This key or message is not parked.
    """


class SkipNeedsReason(Exception):
    """跳过停放事件必须写明操作人和理由。

    To skip a parked message one must name the person and the reason.
    """


class ParkedAgain(Exception):
    """重放时处理程序再次停放该事件。

    The handler parked the message again during its replay.
    """


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many messages were handled, whether the key is free, and the reason if not."""

    handled: int
    released: bool
    reason: str | None = None


async def replay(transactions: Transactions, consumer: str, key: Key, handler: Handler) -> Replayed:
    """Run a key's messages in order, each in its own transaction, until none is left or one fails.

    Raises NotParked, and systemic database errors (nothing is lost: run it again). Another process may
    replay the same key at once: they take turns.
    """
    handled = 0
    while True:
        try:
            took, released = await _replay_first(transactions, consumer, key, handler)
        except NotParked:
            if handled:  # another replay took the last one
                return Replayed(handled, released=True)
            raise
        except Exception as error:
            if is_systemic(error):
                raise
            reason = describe(error)
            async with transactions.begin() as tx:
                await parking.failed_again(tx.connection, consumer, key, reason)
            return Replayed(handled, released=False, reason=reason)
        handled += took
        if released:
            return Replayed(handled, released=True)


async def _replay_first(
    transactions: Transactions, consumer: str, key: Key, handler: Handler
) -> tuple[int, bool]:
    """(how many were handled: 1, or 0 when none waits; whether the key is free now)."""
    async with transactions.begin_as(ConsumerTransaction, consumer=consumer) as tx:
        if await parking.hold(tx.connection, consumer, key) is None:
            raise NotParked(f"{consumer}: 键 {key} 未被停放。 Key {key} is not parked; see list_parked().")
        event = await parking.first_event(tx.connection, consumer, key)
        if event is None:
            return 0, await parking.release(tx.connection, consumer, key)
        await handler([event.delivery.message], tx)
        if tx.parked:
            raise ParkedAgain(next(iter(tx.parked.values())))
        return 1, await parking.finish_event(tx.connection, consumer, key, event.n)


async def skip(
    transactions: Transactions, consumer: str, key: Key, n: int, *, person: str, reason: str
) -> None:
    """Leave one waiting message out for good; it is kept in parked_skips with who and why.

    The others still wait for a replay. Raises SkipNeedsReason, NotParked.
    """
    _check_reason(person, reason)
    async with transactions.begin() as tx:
        failure = await parking.hold(tx.connection, consumer, key)
        if failure is None:
            raise NotParked(f"{consumer}: 键 {key} 未被停放。 Key {key} is not parked; see list_parked().")
        audit = {"failure": failure, "person": person, "reason": reason}
        if await parking.remove(tx.connection, consumer, key, n, **audit) is None:
            raise NotParked(
                f"{consumer}: 键 {key} 没有编号 {n} 的事件。 No message {n} waits under key {key}."
            )
        await parking.release(tx.connection, consumer, key)


async def list_parked_outbox(transactions: Transactions) -> Sequence[tuple[str, str, str, int | None]]:
    """(topic, key, reason, lowest seq) of the keys that the bus refused."""
    async with transactions.begin() as tx:
        return [tuple(row) for row in (await tx.execute(_LIST_OUTBOX)).all()]


async def replay_outbox(transactions: Transactions, key: Key) -> None:
    """Let the relay try a refused key again, from its lowest row. Raises NotParked."""
    async with transactions.begin() as tx:
        released = (await tx.execute(_RELEASE_OUTBOX, {"topic": key[0], "key": key[1]})).scalar_one_or_none()
    if released is None:
        raise NotParked(
            f"发件箱: 键 {key} 未被停放。 Outbox key {key} is not parked; see list_parked_outbox()."
        )


async def skip_outbox(transactions: Transactions, key: Key, seq: int, *, person: str, reason: str) -> None:
    """Give one refused row up for good, kept in parked_skips. Raises SkipNeedsReason, NotParked."""
    _check_reason(person, reason)
    named = {"topic": key[0], "key": key[1], "seq": seq, "person": person, "reason": reason}
    async with transactions.begin() as tx:
        if (await tx.execute(_SKIP_OUTBOX, named)).scalar_one_or_none() is None:
            raise NotParked(f"发件箱: 没有停放的行 {seq}。 No parked outbox row {seq} under key {key}.")


def _check_reason(person: str, reason: str) -> None:
    if not person.strip() or not reason.strip():
        raise SkipNeedsReason("跳过须写明操作人和理由。 Name the person and the reason of a skip.")
