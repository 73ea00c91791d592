"""The issuer's correction: what a department knows better replaces what the form says (design 5).

What another issuer vouches for is not replaced: a person at the county compares the two (gateway/cases/vouching.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.conditions import value_at
from gateway.cases import asks, board
from gateway.cases.acts import Act, perform
from gateway.cases.corrections import Corrections
from gateway.cases.forms import changed_pointers, with_changes
from gateway.cases.planner.inputs import IdentityDoubted
from gateway.cases.problems import AnotherCaseStands, AnotherPersonsNumber
from gateway.cases.standing import Standing
from gateway.cases.vouching import default_of, may_replace
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
        """A correction that changes nothing is none.

        One that would turn a registered person into another leaves the identity in doubt (design 1: a human corrects).
        Raises FormInvalid or CaseClosed.
        """
        moves = self._corrections.moves
        standing = await board.load(tx, {correction.case for correction in corrections}, moves.plans)
        for correction in corrections:
            await self._correct(tx, standing[correction.case], correction, at)

    async def _correct(
        self, tx: Transaction, standing: Standing, correction: Correction, at: datetime
    ) -> None:
        before = standing.form(self._corrections.moves.sealer)
        changes = _said(standing, before, correction)
        if not changed_pointers(before, with_changes(before, changes)):
            return
        actor = Actor(
            f"department:{correction.department}", Role.DEPARTMENT, _EVERYWHERE, owner=correction.department
        )
        try:
            act = await self._corrections.act(tx, standing, actor, changes, _REASON, at=at)
        except (AnotherPersonsNumber, AnotherCaseStands):
            act = await self._doubt(tx, standing, correction.department, changes, at)
        await perform(tx, self._corrections.moves, standing, act, at=at)

    async def _doubt(
        self, tx: Transaction, standing: Standing, department: str, changes: Mapping[str, Any], at: datetime
    ) -> Act:
        """Another registered person is meant: nothing is taken over; a person compares, and the county may move it."""
        moves = self._corrections.moves
        await asks.ask_about(
            tx, standing, changes, at, sealer=moves.sealer, calendar=moves.calendar, said_by=department
        )
        event = standing.case.event
        rows = [kind for kind, by in event.evidence.confirmed_by.items() if department in by]
        words = {"reason": _REASON, "changes": dict(changes)}
        inputs = [IdentityDoubted(rows[0])] if rows else []
        return Act("correction", f"department:{department}", words, inputs)


def _said(standing: Standing, before: Mapping[str, Any], correction: Correction) -> dict[str, Any]:
    """The changes without defaults that only fill the department's form: those contradict nobody's answer."""
    event, department = standing.case.event, correction.department
    return {
        pointer: value
        for pointer, value in correction.changes.items()
        if value != default_of(event, pointer)
        or may_replace(event, standing.vouchers, department, pointer, value_at(before, pointer))
    }
