"""Keys set aside: their messages wait in order until a person has them replayed or skipped (design 6).

A key is parked, not a message: what comes behind a message that failed would otherwise overtake it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.messaging.bus.interface import Delivery
from kernel.messaging.message import Message

Key = tuple[str, str]

_PARKED = text("""
    SELECT topic, key FROM parked_keys
    WHERE consumer = :consumer
      AND (topic, key) IN (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:keys AS text[])))
    ORDER BY topic, key FOR SHARE
""")
_PARK_KEY = text("""
    INSERT INTO parked_keys (consumer, topic, key, reason) VALUES (:consumer, :topic, :key, :reason)
    ON CONFLICT (consumer, topic, key) DO NOTHING
""")
_APPEND = text("""
    INSERT INTO parked_events (consumer, id, topic, key, headers, payload, "partition", "offset")
    SELECT :consumer, id, topic, key, headers::json, payload, "partition", "offset"
    FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:headers AS text[]),
                CAST(:payloads AS bytea[]), CAST(:partitions AS integer[]), CAST(:offsets AS bigint[]))
         WITH ORDINALITY AS row (id, topic, key, headers, payload, "partition", "offset", i)
    ORDER BY i
""")
_LIST = text("""
    SELECT k.consumer, k.topic, k.key, k.reason, k.attempts, k.parked_at,
           (SELECT count(*) FROM parked_events e
            WHERE e.consumer = k.consumer AND e.topic = k.topic AND e.key = k.key) AS waiting,
           (SELECT min(n) FROM parked_events e
            WHERE e.consumer = k.consumer AND e.topic = k.topic AND e.key = k.key) AS next_n
    FROM parked_keys k WHERE CAST(:consumer AS text) IS NULL OR k.consumer = :consumer ORDER BY k.parked_at
""")
_HOLD = text("""
    SELECT reason FROM parked_keys WHERE consumer = :consumer AND topic = :topic AND key = :key FOR UPDATE
""")
_NEXT = text("""
    SELECT n, id, topic, key, headers::text AS headers, payload, "partition", "offset" FROM parked_events
    WHERE consumer = :consumer AND topic = :topic AND key = :key ORDER BY n LIMIT 1
""")
_DELETE_EVENT = text("DELETE FROM parked_events WHERE n = :n")
_RELEASE = text("""
    DELETE FROM parked_keys k WHERE consumer = :consumer AND topic = :topic AND key = :key
    AND NOT EXISTS (SELECT FROM parked_events e
                    WHERE e.consumer = k.consumer AND e.topic = k.topic AND e.key = k.key)
    RETURNING true
""")
_FAILED_AGAIN = text("""
    UPDATE parked_keys SET attempts = attempts + 1, reason = :reason
    WHERE consumer = :consumer AND topic = :topic AND key = :key
""")
_SKIP = text("""
    WITH skipped AS (
        DELETE FROM parked_events WHERE n = :n AND consumer = :consumer AND topic = :topic AND key = :key RETURNING *)
    INSERT INTO parked_skips (consumer, event, topic, key, headers, payload, failure, person, reason)
    SELECT consumer, id, topic, key, headers, payload, :failure, :person, :reason FROM skipped RETURNING event
""")


@dataclass(frozen=True, slots=True)
class ParkedKey:
    """One parked key: why, since when, how many messages wait, and the number of the first."""

    consumer: str
    topic: str
    key: str
    reason: str
    attempts: int
    parked_at: datetime
    waiting: int
    next_n: int | None


async def list_parked(connection: AsyncConnection, *, consumer: str | None = None) -> list[ParkedKey]:
    """The parked keys of one consumer, or of all, oldest first."""
    rows = (await connection.execute(_LIST, {"consumer": consumer})).all()
    return [ParkedKey(*row) for row in rows]


async def parked_among(connection: AsyncConnection, consumer: str, messages: Iterable[Message]) -> set[Key]:
    """Which keys of these messages are parked, locked FOR SHARE until the end of the transaction.

    A statement of its own after the inbox claim, never joined to it: the claim may have waited for another
    worker who was parking this very key, and only a later snapshot sees that.
    """
    keys = sorted({(message.topic, message.key) for message in messages})
    parameters = {
        "consumer": consumer,
        "topics": [topic for topic, _ in keys],
        "keys": [key for _, key in keys],
    }
    return {(topic, key) for topic, key in (await connection.execute(_PARKED, parameters)).all()}


async def park_key(connection: AsyncConnection, consumer: str, key: Key, reason: str) -> None:
    """Set the key aside; a key parked before keeps its first reason."""
    await connection.execute(
        _PARK_KEY, {"consumer": consumer, "topic": key[0], "key": key[1], "reason": reason}
    )


async def append(connection: AsyncConnection, consumer: str, deliveries: Sequence[Delivery]) -> None:
    """Put claimed messages behind what already waits under their parked keys."""
    messages = [delivery.message for delivery in deliveries]
    parameters = {
        "consumer": consumer,
        "ids": [message.id for message in messages],
        "topics": [message.topic for message in messages],
        "keys": [message.key for message in messages],
        "headers": [orjson.dumps(dict(message.headers)).decode() for message in messages],
        "payloads": [message.payload for message in messages],
        "partitions": [delivery.partition for delivery in deliveries],
        "offsets": [delivery.offset for delivery in deliveries],
    }
    await connection.execute(_APPEND, parameters)


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """The first message that waits under a key, and its number."""

    n: int
    delivery: Delivery


async def hold(connection: AsyncConnection, consumer: str, key: Key) -> str | None:
    """Lock the key FOR UPDATE: arrivals wait, other replays too. Its reason, or None when not parked."""
    return (await connection.execute(_HOLD, _named(consumer, key))).scalar_one_or_none()


async def first_event(connection: AsyncConnection, consumer: str, key: Key) -> ParkedEvent | None:
    """The message to replay next."""
    row = (await connection.execute(_NEXT, _named(consumer, key))).one_or_none()
    if row is None:
        return None
    message = Message(row.id, row.topic, row.key, orjson.loads(row.headers), row.payload)
    return ParkedEvent(row.n, Delivery(message, row.partition, row.offset))


async def finish_event(connection: AsyncConnection, consumer: str, key: Key, n: int) -> bool:
    """Take a handled message away, and the key with the last one. True when the key is free again."""
    await connection.execute(_DELETE_EVENT, {"n": n})
    return await release(connection, consumer, key)


async def release(connection: AsyncConnection, consumer: str, key: Key) -> bool:
    """Free the key if nothing waits under it. Only under `hold`: nobody can append meanwhile."""
    return (await connection.execute(_RELEASE, _named(consumer, key))).scalar_one_or_none() is True


async def failed_again(connection: AsyncConnection, consumer: str, key: Key, reason: str) -> None:
    """A replay failed: count it and keep the newest reason."""
    await connection.execute(_FAILED_AGAIN, {**_named(consumer, key), "reason": reason})


async def remove(
    connection: AsyncConnection, consumer: str, key: Key, n: int, *, failure: str, person: str, reason: str
) -> UUID | None:
    """Move one waiting message into parked_skips, with who and why. None when no such message waits."""
    audit = {"n": n, "failure": failure, "person": person, "reason": reason}
    return (await connection.execute(_SKIP, {**_named(consumer, key), **audit})).scalar_one_or_none()


def _named(consumer: str, key: Key) -> dict[str, str]:
    return {"consumer": consumer, "topic": key[0], "key": key[1]}
