"""What follows when sources have answered: the query that asked them goes on, or its list gets a new edition.

Called by the exchange with the cases locked and the deliveries written. A query that still waits for others is not
woken: its board moves once, when the last one has answered or at the promise's end, not once per source.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from casework.office import Office
from casework.procedure import Act
from casework.tasks import act_on
from contracts.outcomes import OutcomesReported
from gateway.cases.planner.inputs import Input, OutcomeArrived
from gateway.exchange.delivery import Delivery
from kernel.messaging.transaction import Transaction

GUIDE = "gateway.estate_guide"
ANSWERED = Act("answer", "sources", by="exchange")
# `delivered`: a late answer, which makes a new edition and reaches the guide of the same case.
_READY = text("""
    SELECT p.id, p.state = 'done' AS delivered,
           ARRAY(SELECT g.id FROM procedures g
                 WHERE g.case_id = p.case_id AND g.type = :guide AND g.state = 'done') AS guides
    FROM procedures p
    WHERE p.id = ANY(CAST(:asking AS uuid[])) AND p.state IN ('open', 'done')
      AND (p.state = 'done' OR NOT EXISTS (
          SELECT 1 FROM deliveries d
          WHERE d.asked_by = p.id AND d.current AND d.kind <> 'undo' AND d.state IN ('pending', 'sent')))
    ORDER BY p.id""")


class CollectAnswers:
    """`await collect(tx, heard, at=…)` → what the cases move by."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def __call__(
        self, tx: Transaction, heard: Sequence[Delivery], *, at: datetime
    ) -> list[tuple[UUID, list[Input]]]:
        asking = {row.asked_by for row in heard if row.answer is not None and row.kind != "undo"}
        if not asking:
            return []
        ready = (await tx.execute(_READY, {"asking": list(asking), "guide": GUIDE})).all()
        moved = await self._act(tx, {row.id: ANSWERED for row in ready}, at)
        late = {guide: ANSWERED for row in ready if row.delivered for guide in row.guides}
        return moved + await self._act(tx, late, at)

    async def _act(
        self, tx: Transaction, acts: Mapping[UUID, Act], at: datetime
    ) -> list[tuple[UUID, list[Input]]]:
        reports: Sequence[OutcomesReported] = ()
        if acts:
            reports = await act_on(acts, tx=tx, office=self._office, at=at, done_too=True)
        return [(one.case, [OutcomeArrived(outcome) for outcome in one.outcomes]) for one in reports]
