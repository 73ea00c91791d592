"""The record of human steps and of the facts that a decision was made on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from casework.procedure import Act, Ruling
from casework.rows import Row, json_text
from casework.settle import open_task
from kernel.messaging.transaction import Transaction


class Settled(NamedTuple):
    """One procedure before and after a ruling, and the act (if any) that led to it."""

    before: Row
    after: Row
    ruling: Ruling
    act: Act | None


_OPEN = text(
    """INSERT INTO procedure_tasks (id, procedure, step, opened_at)
       SELECT id, procedure, step, :at FROM unnest(CAST(:id AS uuid[]), CAST(:procedure AS uuid[]),
              CAST(:step AS text[])) AS new(id, procedure, step)
       ON CONFLICT (id) DO NOTHING"""
)
_CLOSE = text(
    """UPDATE procedure_tasks t SET closed_at = :at, decision = old.decision, reason = old.reason,
              data = CAST(old.data AS jsonb), decided_by = old.decided_by, facts = CAST(old.facts AS jsonb)
         FROM unnest(CAST(:id AS uuid[]), CAST(:decision AS text[]), CAST(:reason AS text[]), CAST(:data AS text[]),
              CAST(:decided_by AS text[]), CAST(:facts AS text[]))
              AS old(id, decision, reason, data, decided_by, facts)
        WHERE t.id = old.id AND t.closed_at IS NULL"""
)
_SEEN = text(
    """INSERT INTO decided_on (procedure, fact, person, fact_version)
       SELECT * FROM unnest(CAST(:procedure AS uuid[]), CAST(:fact AS text[]), CAST(:person AS uuid[]),
                            CAST(:version AS bigint[]))
       ON CONFLICT (procedure, fact, person) DO UPDATE SET fact_version = excluded.fact_version"""
)


async def keep_record(tx: Transaction, settled: Sequence[Settled], *, at: datetime) -> None:
    """Open new tasks, close decided or dropped ones, keep the facts seen: at most three statements."""
    opened = [each.after for each in settled if open_task(each.after) not in (None, open_task(each.before))]
    if opened:
        columns = {"id": [row.task_id for row in opened], "procedure": [row.id for row in opened]}
        await tx.execute(_OPEN, {**columns, "step": [row.step for row in opened], "at": at})
    closed = [each for each in settled if open_task(each.before) not in (None, open_task(each.after))]
    if closed:
        await tx.execute(_CLOSE, {**_closed(closed), "at": at})
    await _keep_seen(tx, settled)


async def _keep_seen(tx: Transaction, settled: Sequence[Settled]) -> None:
    seen = {
        (each.after.id, fact.fact, fact.person): fact.version for each in settled for fact in each.ruling.seen
    }
    if not seen:
        return
    keys = sorted(seen)
    columns = {
        name: [key[place] for key in keys] for place, name in enumerate(("procedure", "fact", "person"))
    }
    await tx.execute(_SEEN, {**columns, "version": [seen[key] for key in keys]})


def _closed(closed: Sequence[Settled]) -> dict[str, list[Any]]:
    acts = [each.act if each.act is not None and each.act.kind == "decision" else None for each in closed]
    return {
        "id": [each.before.task_id for each in closed],
        "decision": [act.decision if act else None for act in acts],
        "reason": [act.reason if act else None for act in acts],
        "data": [json_text(dict(act.data)) if act else None for act in acts],
        "decided_by": [act.by if act else None for act in acts],
        "facts": [json_text(dict(each.before.task_facts)) for each in closed],
    }
