"""Which deliveries are to be sent now: leased to one pusher or puller at a time, no leader needed (design 6).

Leases and back-off are technical time, handed in as `now`, never the demo's clock. A lease that runs out gives the
row back; it is then sent again with the same request id.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.exchange import rows
from gateway.exchange.delivery import Delivery
from kernel.messaging.transaction import Transaction

MOST_IN_A_LIST = 200
# Said beside the one state that is asked for, so that the planner may use the index of unanswered deliveries.
_UNANSWERED = "d.state IN ('pending', 'sent', 'cancelling', 'told')"
# A payment step is not sent while a hold of its kind stands on the case; an undo always is.
_FREE_OF_HOLDS = """(d.kind = 'undo' OR d.held_by = '{}'
    OR NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = d.case_id AND c.holds && d.held_by))"""
_PUSH = text(f"""
    WITH picked AS MATERIALIZED (
        SELECT found.id FROM unnest(CAST(:departments AS text[]), CAST(:most AS integer[])) AS line (department, most)
        CROSS JOIN (VALUES ('pending'), ('cancelling')) AS wanted (state)
        CROSS JOIN LATERAL (
            SELECT d.id FROM deliveries AS d
            WHERE d.department = line.department AND d.state = wanted.state AND {_UNANSWERED}
              AND (d.leased_until IS NULL OR d.leased_until < CAST(:now AS timestamptz)) AND {_FREE_OF_HOLDS}
            ORDER BY d.due_at, d.id LIMIT line.most FOR UPDATE OF d SKIP LOCKED
        ) AS found
        WHERE NOT EXISTS (SELECT 1 FROM demo_departments m WHERE m.department = line.department AND m.mode = 'manual')
    )
    UPDATE deliveries AS d
    SET leased_until = CAST(:until AS timestamptz), attempts = d.attempts + 1,
        sent_at = coalesce(d.sent_at, CAST(:now AS timestamptz))
    FROM picked WHERE d.id = picked.id RETURNING d.id, d.attempts""")
_PULL = text(f"""
    WITH picked AS MATERIALIZED (
        SELECT d.id FROM deliveries AS d
        WHERE d.department = :department AND {_UNANSWERED}
          AND (d.leased_until IS NULL OR d.leased_until < CAST(:now AS timestamptz)) AND {_FREE_OF_HOLDS}
        ORDER BY d.due_at, d.id LIMIT :most FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE deliveries AS d
    SET leased_until = CAST(:until AS timestamptz), attempts = d.attempts + 1,
        sent_at = coalesce(d.sent_at, CAST(:now AS timestamptz))
    FROM picked WHERE d.id = picked.id RETURNING d.id, d.attempts""")
_TAKEN = text("""
    UPDATE deliveries SET leased_until = NULL, failure = NULL,
        state = CASE state WHEN 'pending' THEN 'sent' WHEN 'cancelling' THEN 'told' ELSE state END
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state IN ('pending', 'cancelling')""")
_FREED = text("""
    UPDATE deliveries SET leased_until = NULL
    WHERE department = :department AND leased_until IS NOT NULL
      AND state IN ('pending', 'sent', 'cancelling', 'told')""")
# Not reached at all: nobody can have heard of it, so a withdrawal need not ask.
_FAILED = text("""
    UPDATE deliveries
    SET leased_until = CAST(:until AS timestamptz), failure = :failure,
        sent_at = CASE WHEN CAST(:unreached AS boolean) AND attempts = 1 THEN NULL ELSE sent_at END
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state IN ('pending', 'cancelling')""")


async def lease_for_push(
    tx: Transaction, lines: Sequence[tuple[str, int]], *, now: datetime, until: datetime
) -> tuple[list[Delivery], dict[UUID, int]]:
    """Up to so many requests and as many cancellations per department, soonest due first; attempts by id."""
    parameters = {
        "departments": [name for name, _ in lines], "most": [most for _, most in lines], "now": now,
        "until": until,
    }  # fmt: skip
    return await _leased(tx, _PUSH, parameters)


async def lease_for_pull(
    tx: Transaction, department: str, *, most: int, now: datetime, until: datetime
) -> tuple[list[Delivery], dict[UUID, int]]:
    """What the department still owes an answer to and nobody of it has leased."""
    parameters = {"department": department, "most": most, "now": now, "until": until}
    return await _leased(tx, _PULL, parameters)


async def _leased(
    tx: Transaction, statement: Any, parameters: dict[str, Any]
) -> tuple[list[Delivery], dict[UUID, int]]:
    attempts = {row.id: row.attempts for row in await tx.execute(statement, parameters)}
    if not attempts:
        return [], {}
    found = await rows.by_ids(tx, attempts)
    return sorted(found, key=_queue), attempts


def _queue(delivery: Delivery) -> tuple[bool, float, UUID]:
    due = delivery.due_at.timestamp() if delivery.due_at else float("inf")
    return delivery.kind != "undo", due, delivery.id


async def taken(tx: Transaction, ids: Sequence[UUID]) -> None:
    """The department has them and answers later."""
    await tx.execute(_TAKEN, {"ids": list(ids)})


async def freed(tx: Transaction, department: str) -> None:
    """Nobody of the department works on them any more, and nobody waits before trying again."""
    await tx.execute(_FREED, {"department": department})


async def failed(
    tx: Transaction, ids: Sequence[UUID], *, failure: str, until: datetime, unreached: bool
) -> None:
    """To be sent again with the same ids."""
    parameters = {"ids": list(ids), "failure": failure[:300], "until": until, "unreached": unreached}
    await tx.execute(_FAILED, parameters)
