"""Messages as rows: whom, how, and the words, sealed. Nothing is sent on its own yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from gateway.cases.standing import parsed
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealed, Sealer

_OWNER = "notices"
_KEEP = text("""
    INSERT INTO messages (at, case_id, case_no, channel, sealed)
    VALUES (:at, :case_id, :case_no, :channel, CAST(CAST(:sealed AS text) AS jsonb))""")
_OF_CASE = text(
    "SELECT at, case_id, channel, sealed FROM messages WHERE case_no = :case_no ORDER BY id LIMIT 1000"
)
_LAST = text("SELECT at, case_id, channel, sealed FROM messages ORDER BY id DESC LIMIT 200")


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one contact. `text` is kind: no rating request, no countdown, no blame (design 9)."""

    at: datetime
    case: UUID
    to: str
    channel: Literal["sms", "letter", "page"]
    text: str


async def keep(tx: Transaction, message: Message, *, case_no: str, sealer: Sealer) -> None:
    """Keep a message that is to be sent; contact and words are sealed with the case."""
    sealed = sealer.seal({"to": message.to, "text": message.text}, message.case, _OWNER)
    await tx.execute(
        _KEEP,
        {
            "at": message.at, "case_id": message.case, "case_no": case_no, "channel": message.channel,
            "sealed": sealed.model_dump_json(),
        },
    )  # fmt: skip


async def sent(tx: Transaction, *, case_no: str | None, sealer: Sealer) -> Sequence[Message]:
    """Those of one case, oldest first; without a case the last 200, newest first."""
    statement, parameters = (_LAST, {}) if case_no is None else (_OF_CASE, {"case_no": case_no})
    return [
        Message(
            at=row.at.astimezone(TZ), case=row.case_id, channel=row.channel,
            **sealer.open(Sealed.model_validate(parsed(row.sealed)), row.case_id, _OWNER),
        )
        for row in await tx.execute(statement, parameters)
    ]  # fmt: skip
