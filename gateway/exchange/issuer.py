"""The issuer's correction: what a department knows better replaces what the form says (design 5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.cases import board
from gateway.cases.answers import conditions_of, wishes_of
from gateway.cases.forms import changed_pointers, occurred_at, with_changes
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import Corrected
from gateway.cases.standing import Standing
from gateway.exchange.results import Correction
from kernel.messaging.transaction import Transaction


class IssuerCorrections:
    """`await issuer_corrections(tx, corrections, at=…)`: version + 1 for each case whose form changes by it."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    async def __call__(self, tx: Transaction, corrections: Sequence[Correction], *, at: datetime) -> None:
        standing = await board.load(tx, {correction.case for correction in corrections}, self._moves.plans)
        for correction in corrections:
            given = self._rewritten(standing[correction.case], correction.changes)
            if given is not None:
                actor = f"department:{correction.department}"
                await self._moves.move_loaded(tx, [(standing[correction.case], [given])], at=at, actor=actor)

    def _rewritten(self, standing: Standing, changes: Mapping[str, Any]) -> Corrected | None:
        """The input for the planner, with the form rewritten; none when the form says so already."""
        before = standing.form(self._moves.sealer)
        after = with_changes(before, changes)
        changed = changed_pointers(before, after)
        if not changed:
            return None
        standing.rewrite(after, self._moves.sealer)
        standing.verified = tuple(sorted({*standing.verified, *changed}))
        event = standing.case.event
        return Corrected(
            conditions=conditions_of(event, after), wishes=wishes_of(event, after),
            occurred_at=occurred_at(event, after), changed=changed,
        )  # fmt: skip
