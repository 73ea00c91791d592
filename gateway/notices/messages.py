"""Messages as they were sent, read back for the demo and the case's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from gateway.cases.standing import parsed
from gateway.notices.contacts import OWNER
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealed, Sealer

_THERE = "m.state = 'sent' AND NOT m.erased"
_COLUMNS = "coalesce(m.sent_at, m.at) AS at, m.case_id, m.channel, m.sealed"
# A digest may tell of several cases; it is listed under each of them.
_OF_CASE = text(f"""
    SELECT {_COLUMNS} FROM messages m WHERE {_THERE} AND (m.case_no = :case_no OR m.request IN (
        SELECT n.message FROM notices n JOIN cases k ON k.id = n.case_id WHERE k.case_no = :case_no))
    ORDER BY m.id LIMIT 1000""")
_LAST = text(f"SELECT {_COLUMNS} FROM messages m WHERE {_THERE} ORDER BY m.id DESC LIMIT 200")
# What was told one person: by the roles in which a case names them as a contact.
_TO_PERSON = text(f"""
    SELECT {_COLUMNS} FROM messages m WHERE {_THERE} AND m.request IN (
        SELECT n.message FROM notice_contacts c JOIN notices n USING (case_id, role) WHERE c.person = :person)
    ORDER BY m.id DESC LIMIT 20""")


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one contact, in both languages. Kind: no rating, no countdown, no blame (design 9)."""

    at: datetime
    case: UUID
    channel: Literal["sms", "letter", "page"]
    to: str
    text: str
    text_en: str = ""


async def sent(tx: Transaction, *, case_no: str | None, sealer: Sealer) -> Sequence[Message]:
    """Those that tell of one case, oldest first; without a case the last 200, newest first."""
    statement, parameters = (_LAST, {}) if case_no is None else (_OF_CASE, {"case_no": case_no})
    return [_opened(row, sealer) for row in await tx.execute(statement, parameters)]


async def sent_to(tx: Transaction, person: UUID, *, sealer: Sealer) -> Sequence[Message]:
    """The last twenty that this person was told, newest first."""
    return [_opened(row, sealer) for row in await tx.execute(_TO_PERSON, {"person": person})]


def _opened(row: Any, sealer: Sealer) -> Message:
    words = sealer.open(Sealed.model_validate(parsed(row.sealed)), row.case_id, OWNER)
    return Message(at=row.at.astimezone(TZ), case=row.case_id, channel=row.channel, **words)
