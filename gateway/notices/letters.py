"""Letters to print at an office's window: listed, opened to print them, and marked as on their way (design 9).

Opening one is in the audit log, for it names a person and what a family is told. Nobody but a person sends a letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from gateway.cases.standing import parsed
from gateway.notices.contacts import OWNER
from kernel.errors import Conflict
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import region_prefix
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealed, Sealer

LetterState = Literal["to_print", "sent"]
Way = Literal["by_hand", "post"]

_COLUMNS = (
    "m.id, m.request, m.case_id, m.case_no, m.region, m.person, m.state, m.at, m.sent_at, m.sent_by, m.way"
)
# An office of a county sees what its townships print.
_LIST = text(f"""
    SELECT {_COLUMNS} FROM messages m
    WHERE m.channel = 'letter' AND m.state = :state AND m.region LIKE :prefix
      AND m.id > :after ORDER BY m.id LIMIT :limit""")
_ONE = text(f"SELECT {_COLUMNS}, m.sealed FROM messages m WHERE m.channel = 'letter' AND m.request = :id")
_LOCK = text(f"{_ONE.text} FOR UPDATE")
_MARK = text("""
    UPDATE messages SET state = 'sent', sent_at = :at, sent_by = :by, way = :way WHERE id = :id""")


class LetterSent(Conflict):
    """这封信已经登记送出。
    This letter has been recorded as sent."""

    how = "请刷新列表查看由谁、何时送出。"
    how_en = "Read the list again: it says who sent it and when."


class LetterNotReady(Conflict):
    """这封信还没有到可以打印的时候。
    This letter may not be printed yet."""

    how = "到期后会出现在待打印的列表里。"
    how_en = "It appears in the list of letters to print when its day has come."


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `id` is its request's; `to` (a person of the household) has a name only in the register."""

    number: int
    id: UUID
    case_id: UUID
    case_no: str
    region: str
    person: UUID | None
    state: str
    at: datetime
    sent_at: datetime | None
    sent_by: str | None
    way: str | None
    sealed: Any = None


async def listed(
    tx: Transaction, *, state: LetterState, region: str, after: int, limit: int
) -> Sequence[Letter]:
    """Letters of a region in that state, the oldest first."""
    given = {"state": state, "prefix": region_prefix(region) + "%", "after": after, "limit": limit}
    return [_letter(row) for row in (await tx.execute(_LIST, given)).all()]


async def one(tx: Transaction, letter: UUID, *, lock: bool = False) -> Letter | None:
    """A letter in whatever state, with its sealed words; none: there is no such letter."""
    row = (await tx.execute(_LOCK if lock else _ONE, {"id": letter})).first()
    return None if row is None else _letter(row)


def words_of(letter: Letter, sealer: Sealer) -> tuple[str, str]:
    """What is printed: Chinese, English. Both empty once they were erased (retention.py)."""
    if not parsed(letter.sealed):
        return "", ""
    told = sealer.open(Sealed.model_validate(parsed(letter.sealed)), letter.case_id, OWNER)
    return told["text"], told["text_en"]


async def opened(tx: Transaction, letter: Letter, *, by: str, at: datetime) -> None:
    """Somebody opens it to print it."""
    await audit.record(tx, [audit.AuditLine(at, by, "letter_opened", f"letter:{letter.id}", "print")])


async def mark_sent(tx: Transaction, letter: Letter, *, by: str, way: Way, at: datetime) -> None:
    """On its way: who says so, when and how. Raises LetterSent, LetterNotReady."""
    if letter.state == "sent":
        raise LetterSent()
    if letter.state != "to_print":
        raise LetterNotReady()
    await tx.execute(_MARK, {"id": letter.number, "by": by, "way": way, "at": at})
    await audit.record(tx, [audit.AuditLine(at, by, "letter_sent", f"letter:{letter.id}", way)])


def _letter(row: Any) -> Letter:
    return Letter(
        row.id, UUID(str(row.request)), row.case_id, row.case_no, row.region or "", row.person, row.state,
        row.at.astimezone(TZ), row.sent_at and row.sent_at.astimezone(TZ), row.sent_by, row.way,
        getattr(row, "sealed", None),
    )  # fmt: skip
