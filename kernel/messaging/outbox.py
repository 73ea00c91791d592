"""The outbox: rows beside the facts they speak of, read by one leader in order, deleted after the ack.

There is no cursor: rows become visible in commit order, not in `seq` order, and a cursor loses the late
ones (6,190 of 26,831 when measured, design 6). What was acknowledged is deleted; what is there is to be sent.
"""

from collections.abc import Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.messaging.bus.interface import OutboxRow
from kernel.messaging.message import Message

MOST_PAYLOAD_BYTES = 256 * 1024

# ORDER BY the ordinality: identity values are drawn in emission order, so order per key is kept.
_INSERT = text("""
    INSERT INTO outbox (id, topic, key, headers, payload)
    SELECT id, topic, key, headers::json, payload
    FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]),
                CAST(:headers AS text[]), CAST(:payloads AS bytea[]))
         WITH ORDINALITY AS row (id, topic, key, headers, payload, n)
    ORDER BY n
""")

# A scalar subquery and not an anti-join: it leaves the walk along the primary key to the planner as the
# only way, also when statistics are stale and a hundred thousand rows wait.
_LOWEST = text("""
    SELECT seq, id, topic, key, headers::text AS headers, payload FROM outbox
    WHERE (SELECT true FROM parked_outbox p WHERE p.topic = outbox.topic AND p.key = outbox.key) IS NULL
    ORDER BY seq LIMIT :most
""")
_DELETE = text("DELETE FROM outbox WHERE seq = ANY(CAST(:seqs AS bigint[]))")
_PARK = text("""
    INSERT INTO parked_outbox (topic, key, reason)
    SELECT o.topic, o.key, min(r.reason)
    FROM unnest(CAST(:seqs AS bigint[]), CAST(:reasons AS text[])) AS r (seq, reason) JOIN outbox o USING (seq)
    GROUP BY o.topic, o.key
    ON CONFLICT (topic, key) DO UPDATE SET reason = EXCLUDED.reason
""")


class MessageTooLarge(Exception):
    """消息超过 256 KiB：请拆分，或只传引用。

    The message is over 256 KiB: split it, or send a reference.
    """


def check_size(message: Message) -> None:
    """Raise MessageTooLarge above 256 KiB of payload (design 6)."""
    if len(message.payload) > MOST_PAYLOAD_BYTES:
        size, kind = len(message.payload), message.headers.get("ce_type")
        raise MessageTooLarge(
            f"{kind}: 消息 {size} 字节，上限 {MOST_PAYLOAD_BYTES}，请拆分或只传引用。"
            f" Payload of {size} bytes, at most {MOST_PAYLOAD_BYTES}: split it or send a reference."
        )


async def insert(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Write the rows in one statement, in the order given. The last statement before the commit."""
    parameters = {
        "ids": [message.id for message in messages],
        "topics": [message.topic for message in messages],
        "keys": [message.key for message in messages],
        "headers": [orjson.dumps(message.headers).decode() for message in messages],
        "payloads": [message.payload for message in messages],
    }
    await connection.execute(_INSERT, parameters)


async def lowest(connection: AsyncConnection, *, most: int) -> list[OutboxRow]:
    """The first rows by seq whose key is not parked."""
    rows = (await connection.execute(_LOWEST, {"most": most})).all()
    return [OutboxRow(*row) for row in rows]


async def delete(connection: AsyncConnection, seqs: Sequence[int]) -> None:
    """Delete what the bus has acknowledged."""
    await connection.execute(_DELETE, {"seqs": list(seqs)})


async def park(connection: AsyncConnection, refused: Sequence[tuple[int, str]]) -> None:
    """Set the keys of refused rows aside; the rows stay where they are until a replay."""
    parameters = {"seqs": [seq for seq, _ in refused], "reasons": [reason for _, reason in refused]}
    await connection.execute(_PARK, parameters)
