"""The issuer's correction: what a department knows better replaces what the form says (design 5)."""

from collections.abc import Sequence
from datetime import datetime

from gateway.cases import board
from gateway.cases.acts import perform
from gateway.cases.corrections import Corrections
from gateway.cases.forms import changed_pointers, with_changes
from gateway.cases.standing import Standing
from gateway.exchange.results import Correction
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor, Role

_EVERYWHERE = "000000"
_REASON = "签发部门更正 · corrected by the issuer"


class IssuerCorrections:
    """`await issuer_corrections(tx, corrections, at=…)`: version + 1 for each case whose form changes by it."""

    def __init__(self, corrections: Corrections) -> None:
        self._corrections = corrections

    async def __call__(self, tx: Transaction, corrections: Sequence[Correction], *, at: datetime) -> None:
        """Raises FormInvalid, CaseClosed or AnotherPersonsNumber; a correction that changes nothing is none."""
        moves = self._corrections.moves
        standing = await board.load(tx, {correction.case for correction in corrections}, moves.plans)
        for correction in corrections:
            await self._correct(tx, standing[correction.case], correction, at)

    async def _correct(
        self, tx: Transaction, standing: Standing, correction: Correction, at: datetime
    ) -> None:
        before = standing.form(self._corrections.moves.sealer)
        if not changed_pointers(before, with_changes(before, correction.changes)):
            return
        actor = Actor(
            f"department:{correction.department}", Role.DEPARTMENT, _EVERYWHERE, owner=correction.department
        )
        act = await self._corrections.act(tx, standing, actor, correction.changes, _REASON, at=at)
        await perform(tx, self._corrections.moves, standing, act, at=at)
