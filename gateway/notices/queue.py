"""From committed changes to notices that wait: after the mover's commit, by a cursor of its own (decision 0014).

One holder of the cursor's row works at a time. A page of changes costs a dozen statements, however many cases it names.
Changes are read strictly below the oldest running transaction, as the feed does; what had been forgotten before it was
read (`gateway/cases/feed_retention.py`) is made up by looking at every case, which tells nothing twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from gateway.cases import board
from gateway.cases.board import as_json
from gateway.cases.plans import Plans
from gateway.cases.standing import parsed
from gateway.notices.contacts import Contacts
from gateway.notices.derive import Seen, Shown, ended, news
from gateway.notices.topics import Matter, Statement, Told, Topic
from kernel.messaging.transaction import Transaction

_MOST = 500
_LOCK = text("SELECT xid, seq FROM notice_cursor WHERE id = 1 FOR UPDATE")
_MOVE = text("UPDATE notice_cursor SET xid = :xid, seq = :seq WHERE id = 1")
_AFTER = "(xid, seq) > (CAST(CAST(:xid AS text) AS xid8), :seq)"
_CHANGES = text(f"""
    SELECT CAST(CAST(xid AS text) AS bigint) AS xid, seq, case_id FROM case_changes
    WHERE {_AFTER} AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY case_changes.xid, case_changes.seq LIMIT :most""")
_BEHIND = text(f"SELECT EXISTS (SELECT FROM case_changes WHERE {_AFTER})")
_CURSOR = text("SELECT xid, seq FROM notice_cursor WHERE id = 1")
_CASES_AFTER = text("""
    SELECT id FROM cases WHERE id > :after AND status NOT IN ('withdrawn', 'revoked') ORDER BY id LIMIT :most""")
_OLDEST = text("""
    SELECT CAST(CAST(xid AS text) AS bigint) AS xid, seq FROM case_changes ORDER BY case_changes.xid, seq LIMIT 1""")
_SHOWN = text("""
    SELECT p.id, p.due_at, p.step, p.result FROM case_procedures p
    WHERE p.case_id = ANY(CAST(:cases AS uuid[])) AND p.outcome_version > 0""")
_CHANGED_AT = text("SELECT id, changed_at FROM cases WHERE id = ANY(CAST(:cases AS uuid[]))")
_TOLD = text("""
    SELECT case_id, role, topic, procedure, mark, turn, message, dropped_at FROM notices
    WHERE case_id = ANY(CAST(:cases AS uuid[])) ORDER BY turn""")
# A notice needs its contact: an heir who is not known as a relative, or nobody at all, is told nothing.
_ADD = text("""
    INSERT INTO notices (id, case_id, role, topic, procedure, type, mark, turn, ready_at)
    SELECT n.id, n.case_id, n.role, n.topic, n.procedure, n.type, n.mark, n.turn, n.ready_at
    FROM json_populate_recordset(NULL::notices, CAST(:notices AS json)) n
    JOIN notice_contacts c USING (case_id, role)
    ON CONFLICT DO NOTHING""")
_DROP = text("""
    UPDATE notices SET dropped_at = :at
    WHERE case_id = ANY(CAST(:cases AS uuid[])) AND message IS NULL AND dropped_at IS NULL
      AND topic NOT IN ('withdrawn', 'revoked')""")


@dataclass(frozen=True, slots=True)
class Queue:
    """Reads changes and keeps what is to be told."""

    plans: Plans
    contacts: Contacts

    async def take_page(self, tx: Transaction, *, now: datetime) -> int:
        """Look at the next changes; how many they were. The cursor moves in the same transaction."""
        cursor = (await tx.execute(_LOCK)).one()
        rows = (await tx.execute(_CHANGES, {"xid": str(cursor.xid), "seq": cursor.seq, "most": _MOST})).all()
        if not rows:
            return 0
        await self.look_at(tx, {row.case_id for row in rows}, now=now)
        await tx.execute(_MOVE, {"xid": rows[-1].xid, "seq": rows[-1].seq})
        return len(rows)

    async def look_at(self, tx: Transaction, cases: Iterable[UUID], *, now: datetime) -> int:
        """Keep what is to be told of these cases as they stand; how many notices are new."""
        seen = await self._seen(tx, sorted(cases))
        fresh = {case: found for case, one in seen.items() if (found := news(one))}
        await self.contacts.settle(
            tx, {case: (one.standing, _roles(one, fresh.get(case, ()))) for case, one in seen.items()}
        )
        if not fresh:
            return 0
        final = [case for case, found in fresh.items() if ended(found)]
        if final:
            await tx.execute(_DROP, {"cases": final, "at": now})
        records = [record for case, found in fresh.items() for record in _records(seen[case], case, found)]
        added = await tx.execute(_ADD, {"notices": as_json(records)})
        count: int = added.rowcount
        return count

    async def _seen(self, tx: Transaction, cases: Sequence[UUID]) -> dict[UUID, Seen]:
        standings = await board.load(tx, cases, self.plans, lock=False)
        given = {"cases": list(cases)}
        changed_at = {row.id: row.changed_at for row in await tx.execute(_CHANGED_AT, given)}
        shown = {
            row.id: Shown(row.due_at, row.step, parsed(row.result) or {})
            for row in await tx.execute(_SHOWN, given)
        }
        told: Mapping[UUID, dict[Matter, Told]] = defaultdict(dict)
        for row in await tx.execute(_TOLD, given):
            matter = Matter(row.role, Topic(row.topic), row.procedure)
            before = told[row.case_id].get(matter, Told("", -1))
            # What was dropped untold is no last word, but its turn is taken.
            mark = before.mark if row.dropped_at else row.mark
            told[row.case_id][matter] = Told(mark, row.turn, before.sent or row.message is not None)
        return {
            case: Seen(standing, shown, told[case], changed_at[case]) for case, standing in standings.items()
        }


def _roles(seen: Seen, fresh: Sequence[Statement]) -> frozenset[str]:
    """Whom there is something to tell, and whom something waits for: a number corrected meanwhile is the one called."""
    return frozenset({one.matter.role for one in fresh} | {matter.role for matter in seen.told})


def _records(seen: Seen, case: UUID, fresh: Sequence[Statement]) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid4(), "case_id": case, "role": one.matter.role, "topic": one.matter.topic,
            "procedure": one.matter.procedure, "type": one.type, "mark": one.mark, "ready_at": one.ready_at,
            "turn": seen.told[one.matter].turn + 1 if one.matter in seen.told else 0,
        }
        for one in fresh
    ]  # fmt: skip


async def behind(tx: Transaction) -> bool:
    """Whether changes have been committed that nobody has looked at: a cheap question for an idle loop."""
    cursor = (await tx.execute(_CURSOR)).one()
    found: bool = (await tx.execute(_BEHIND, {"xid": str(cursor.xid), "seq": cursor.seq})).scalar_one()
    return found


async def forgotten(tx: Transaction) -> bool:
    """Whether changes after the cursor have been forgotten: then every case must be looked at."""
    cursor = (await tx.execute(_CURSOR)).one()
    oldest = (await tx.execute(_OLDEST)).first()
    return oldest is not None and (oldest.xid, oldest.seq) > (cursor.xid, cursor.seq)


async def cases_after(tx: Transaction, after: UUID) -> list[UUID]:
    """A page of live cases in the order of their keys."""
    rows = await tx.execute(_CASES_AFTER, {"after": after, "most": _MOST})
    return list(rows.scalars())
