"""The day's digests: whatever is ready for a contact becomes one message (design 9).

The unique index `messages_one_a_day` keeps the law whatever the code does. Nothing is taken while a case's identity is
doubted. To a number that belonged to somebody dead, or to a contact who has died since, no message is sent: the words
stand on the case's page instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from gateway.cases.board import as_json
from gateway.cases.plans import Plans
from gateway.cases.standing import parsed
from gateway.notices.contacts import OWNER, PAGE
from gateway.notices.digest import Digest, Waiting, compose
from gateway.notices.hours import civil, digest_of, next_digest
from gateway.notices.topics import Topic
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealed, Sealer

_MOST_CONTACTS = 200
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('lianban digests'))")
_WAITS = "n.message IS NULL AND n.dropped_at IS NULL AND NOT k.doubted"
_TABLES = "notices n JOIN notice_contacts c USING (case_id, role) JOIN cases k ON k.id = n.case_id"
# The number of somebody whose death stands reported (of this very case even when it was taken back: whoever was taken
# for dead learns that from a person), or a contact whose own death does.
_OF_THE_DEAD = """(
    EXISTS (SELECT FROM notice_contacts z JOIN cases d ON d.id = z.case_id
            WHERE z.contact = c.contact AND z.channel = 'never'
              AND (d.id = n.case_id OR d.status NOT IN ('withdrawn', 'revoked')))
    OR EXISTS (SELECT FROM cases d WHERE d.subject = c.person AND d.life_event = 'death'
               AND d.status NOT IN ('withdrawn', 'revoked')))"""
_DUE = text(f"""
    WITH due AS (
        SELECT DISTINCT c.contact FROM {_TABLES}
        WHERE {_WAITS} AND n.ready_at <= :hour
          AND NOT EXISTS (SELECT FROM messages m WHERE m.contact = c.contact AND m.day = :day)
        ORDER BY c.contact LIMIT :most
    )
    SELECT c.contact, c.channel, c.person, c.sealed, {_OF_THE_DEAD} AS of_the_dead,
           coalesce(p.region, k.region) AS place,
           n.id, n.case_id, k.case_no, k.region, k.plan, n.topic, n.type, n.procedure, n.turn,
           EXISTS (SELECT FROM notices o WHERE o.case_id = n.case_id AND o.role = n.role AND o.topic = n.topic
                   AND o.procedure IS NOT DISTINCT FROM n.procedure AND o.message IS NOT NULL) AS again,
           coalesce(p.state, k.status) AS state, p.reason
    FROM due JOIN notice_contacts c USING (contact) JOIN notices n USING (case_id, role)
    JOIN cases k ON k.id = n.case_id LEFT JOIN case_procedures p ON p.id = n.procedure
    WHERE {_WAITS} AND n.ready_at <= :hour ORDER BY c.contact, n.ready_at, n.turn, n.id""")
_KEEP = text("""
    INSERT INTO messages (at, case_id, case_no, channel, sealed, request, contact, day, state, region, person)
    SELECT at, case_id, case_no, channel, sealed, request, contact, day, state, region, person
    FROM json_populate_recordset(NULL::messages, CAST(:messages AS json))""")
_SETTLE = text("""
    UPDATE notices n SET message = g.message, dropped_at = g.dropped_at
    FROM json_to_recordset(CAST(:notices AS json)) AS g (id uuid, message uuid, dropped_at timestamptz)
    WHERE n.id = g.id""")
# For each contact that waits: since when, and no earlier than the digest that it had already.
_NEXT = text(f"""
    SELECT min(greatest(w.ready_at, w.had)) FROM (
        SELECT min(n.ready_at) AS ready_at,
               (SELECT (max(m.day) + CAST(:just_after AS interval)) AT TIME ZONE 'Asia/Shanghai'
                FROM messages m WHERE m.contact = c.contact) AS had
        FROM {_TABLES} WHERE {_WAITS} GROUP BY c.contact) AS w""")
_JUST_AFTER = timedelta(hours=10, microseconds=1)


@dataclass(frozen=True, slots=True)
class Daily:
    """Makes messages; `dispatch.py` sends them."""

    plans: Plans
    sealer: Sealer

    async def next_at(self, tx: Transaction, *, now: datetime) -> datetime | None:
        """When the next digest is due, never before `now`; None when nobody waits for anything."""
        ready_at: datetime | None = (await tx.execute(_NEXT, {"just_after": _JUST_AFTER})).scalar()
        return next_digest(ready_at, now) if ready_at is not None else None

    async def make_page(self, tx: Transaction, *, now: datetime) -> int:
        """The digests of up to 200 contacts for the day of `now`; how many contacts were looked at. None at night."""
        if not civil(now):
            return 0
        day = now.astimezone(TZ).date()
        await tx.execute(_ONE_AT_A_TIME)
        given = {"hour": digest_of(day), "day": day, "most": _MOST_CONTACTS}
        rows = (await tx.execute(_DUE, given)).all()
        if not rows:
            return 0
        events = await self.plans.of(tx, {row.plan for row in rows})
        by_contact: dict[bytes, list[Any]] = {}
        for row in rows:
            by_contact.setdefault(row.contact, []).append(row)
        messages: list[dict[str, Any]] = []
        notices: list[dict[str, Any]] = []
        for contact, mine in by_contact.items():
            cases = {row.case_id: events[row.plan] for row in mine}
            digest = compose([_waiting(row) for row in mine], cases, self.plans.catalogue.tree)
            message = self._message(contact, mine, digest, now) if digest.told else None
            if message is not None:
                messages.append(message)
            notices += _settled(digest, message, now)
        await tx.execute(_KEEP, {"messages": as_json(messages)})
        await tx.execute(_SETTLE, {"notices": as_json(notices)})
        return len(by_contact)

    def _message(self, contact: bytes, rows: Sequence[Any], digest: Digest, now: datetime) -> dict[str, Any]:
        """One message, sealed with its first case. A page needs no sending: it is there.

        A letter is for the office that decided its first matter, to the person of the household.
        """
        first = rows[0]
        blocked = any(row.of_the_dead for row in rows)
        channel = "page" if blocked else first.channel
        to = PAGE if blocked else self._to(first)
        office = {"region": first.place, "person": first.person} if channel == "letter" else {}
        words = {"to": to, "text": digest.text, "text_en": digest.text_en}
        return {
            "at": now, "case_id": first.case_id, "case_no": first.case_no, "channel": channel,
            "sealed": self.sealer.seal(words, first.case_id, OWNER).model_dump(mode="json"), "request": uuid4(),
            "contact": "\\x" + contact.hex(), "day": now.astimezone(TZ).date(), "state": "pending",
            **office,
        }  # fmt: skip

    def _to(self, row: Any) -> str:
        to: str = self.sealer.open(Sealed.model_validate(parsed(row.sealed)), row.case_id, OWNER)["to"]
        return to


def _waiting(row: Any) -> Waiting:
    return Waiting(
        row.id, row.case_id, row.case_no, row.region, Topic(row.topic), row.type, row.procedure, row.turn, row.again,
        row.state, row.reason,
    )  # fmt: skip


def _settled(digest: Digest, message: Mapping[str, Any] | None, now: datetime) -> list[dict[str, Any]]:
    request = message["request"] if message else None
    told = [{"id": one, "message": request, "dropped_at": None} for one in digest.told]
    return [*told, *({"id": one, "message": None, "dropped_at": now} for one in digest.dropped)]
