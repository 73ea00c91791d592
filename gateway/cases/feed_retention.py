"""Forgets old changes of the feed, so that `case_changes` holds days, not years.

What a listener may resume from is forgotten from the oldest end on, never from the middle: a listener whose
`Last-Event-ID` is not older than the oldest change kept has missed nothing (`Feed.missed`). The last change past its
time stays as that mark.
"""

from datetime import datetime

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

KEPT_DAYS = 7
_MOST = 5000
# The oldest by the feed's own index: no index on `recorded_at` burdens the submission path. A change goes when the
# one behind it has passed its time as well, and all before it, and only where the feed may read already.
_FORGET = text("""
    WITH oldest AS (
        SELECT seq, xid, recorded_at FROM case_changes
        WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, seq LIMIT :most
    ), marked AS (
        SELECT seq, lead(seq) OVER places IS NOT NULL AND bool_and(recorded_at < :before) OVER (
            places ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING) AS goes
        FROM oldest WINDOW places AS (ORDER BY xid, seq)
    )
    DELETE FROM case_changes WHERE seq IN (SELECT seq FROM marked WHERE goes)""")


async def forget_changes(tx: Transaction, before: datetime, *, most: int = _MOST) -> int:
    """Delete up to `most` - 1 changes recorded before that instant (real time); returns how many went."""
    result = await tx.execute(_FORGET, {"before": before, "most": most})
    count: int = result.rowcount
    return count
