"""Pending messages become sent ones: taken with a lease, handed to the sender, marked (design 6, as for departments).

At least once to the sender, under one request id, so once to the person. A page is sent by being there; a letter waits
to be printed (`to_print`) until a person says that it is on its way (letters.py). Leases and retries are technical
time, so the real clock's; what a person may be told at which hour is legal time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import text

from gateway.cases.standing import parsed
from gateway.notices.contacts import OWNER
from gateway.notices.hours import civil
from gateway.notices.senders import Outgoing, Sender, SenderAway
from kernel.messaging.transaction import Transactions
from kernel.public_service.sealing import Sealed, Sealer

log = structlog.get_logger(__name__)

_MOST = 50
_LEASE = timedelta(minutes=2)
_LONGEST = timedelta(hours=1)
_TAKE = text("""
    UPDATE messages m SET next_try_at = :until, attempts = m.attempts + 1
    FROM (SELECT id FROM messages WHERE state = 'pending' AND channel = ANY(CAST(:channels AS text[]))
              AND (next_try_at IS NULL OR next_try_at <= :now)
          ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED) AS due
    WHERE m.id = due.id RETURNING m.id, m.request, m.case_id, m.channel, m.sealed, m.attempts""")
_SENT = text("""
    UPDATE messages m SET state = g.state, sent_at = CASE g.state WHEN 'sent' THEN CAST(:at AS timestamptz) END,
        next_try_at = NULL
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[])) AS g (id, state) WHERE m.id = g.id""")
_LATER = text("""
    UPDATE messages m SET next_try_at = g.at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:ats AS timestamptz[])) AS g (id, at) WHERE m.id = g.id""")


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Sends what is pending. `senders` by channel; a channel without one keeps its messages."""

    transactions: Transactions
    sealer: Sealer
    senders: Mapping[str, Sender]

    async def send_page(self, *, now: datetime) -> int:
        """Send up to 50 messages at the legal instant `now`; how many left our hands. None at night, nor retries."""
        if not civil(now):
            return 0
        taken = await self._take()
        sent: list[tuple[int, str]] = []
        later: list[tuple[int, int]] = []
        for row in taken:
            try:
                await self._send(row)
                sent.append((row.id, self._then(row.channel)))
            except SenderAway as away:
                log.warning(
                    "message_waits", request=str(row.request), attempts=row.attempts, reason=str(away)
                )
                later.append((row.id, row.attempts))
        await self._mark(sent, later, now)
        return len(sent)

    async def _take(self) -> Sequence[Any]:
        real = datetime.now(UTC)
        given = {"until": real + _LEASE, "now": real, "channels": [*self.senders, "page"], "most": _MOST}
        async with self.transactions.begin() as tx:
            return (await tx.execute(_TAKE, given)).all()

    async def _send(self, row: Any) -> None:
        if row.channel == "page":
            return
        words = self.sealer.open(Sealed.model_validate(parsed(row.sealed)), row.case_id, OWNER)
        await self.senders[row.channel].send(
            Outgoing(row.request, row.channel, words["to"], words["text"], words["text_en"])
        )

    def _then(self, channel: str) -> str:
        return "sent" if channel == "page" else self.senders[channel].then

    async def _mark(
        self, sent: Sequence[tuple[int, str]], later: Sequence[tuple[int, int]], now: datetime
    ) -> None:
        if not sent and not later:
            return
        real = datetime.now(UTC)
        async with self.transactions.begin() as tx:
            if sent:
                ids, states = [one for one, _ in sent], [state for _, state in sent]
                await tx.execute(_SENT, {"ids": ids, "states": states, "at": now})
            if later:
                ats = [real + min(_LONGEST, timedelta(seconds=15 * 2**attempts)) for _, attempts in later]
                await tx.execute(_LATER, {"ids": [one for one, _ in later], "ats": ats})
