"""Row 9d at every owner of money: what was paid for months after a death (R24, R95; decision 0010).

The owner's stop has found it and booked it; here people decide. The township proposes, the county signs, and the step
`quiet` waits until the family may be written to (catalogue, region file). Before that nothing of it is in the public
result and no letter goes out. What the owner keeps of it stands in its own records, behind `Records`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done, opened, too_late, unchanged, undone
from casework.steps import find_step, waits_until
from contracts.outcomes import OwnerState
from contracts.terms import QUIET
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_text

EXAMINE, DECIDE = "examine", "decide"
# Unjust enrichment: what was paid without a legal ground is given back. The ground ends with the month of death.
LEGAL_BASIS = "民法典第九百八十五条；待遇发至去世当月（R24）"
PAID_TWICE_BASIS = "民法典第九百八十五条；同一月份发放两次"

Facts = TypeVar("Facts", contravariant=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """One holding that was paid for too long: fen by month (its first day)."""

    hold: UUID
    kind: str
    months: Mapping[date, int]

    @property
    def amount_fen(self) -> int:
        return sum(self.months.values())


@dataclass(frozen=True, slots=True)
class Signed:
    """The county's word. `instalments` and `letter_from` (the first day of a letter) are none for a waiver.

    A `letter_from` that has come already is told at once: `Records.told` follows a wait only.
    """

    decision: str
    by: str
    at: datetime
    instalments: int | None = None
    letter_from: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the owner writes of an act, and what its records need to take it back: both may be nothing."""

    effects: tuple[object, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)


class Records(Protocol[Facts]):
    """An owner's records of overpayments. Pure: each answers with effects for the owner's own `apply`."""

    def claims(self, procedure: Procedure, facts: Facts) -> Sequence[Claim]:
        """What was paid for months after the death, as the case's newest version dates it."""
        ...

    def proposed(self, procedure: Procedure, facts: Facts, way: str, act: Act) -> Kept: ...

    def sent_back(self, procedure: Procedure, facts: Facts, act: Act, at: datetime) -> Kept: ...

    def signed(self, procedure: Procedure, facts: Facts, word: Signed) -> Kept: ...

    def dated_anew(self, procedure: Procedure, facts: Facts, letter_from: date) -> Kept:
        """The day of death moved within the same months: the decision stands, the letter waits until another day."""
        ...

    def told(self, procedure: Procedure, facts: Facts, at: datetime) -> Kept:
        """The wait is over and the result public."""
        ...

    def taken_back(self, procedure: Procedure, facts: Facts) -> Kept:
        """Proposal and decision are void: other months, or nobody has died."""
        ...


class Recovery(Generic[Facts]):
    """The verbs of row 9d over an owner's records. Pure."""

    def __init__(self, records: Records[Facts]) -> None:
        self._records = records

    def open(self, procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
        """The township's task, with what was paid for which months."""
        return self._examine(procedure, facts)

    def advance(self, procedure: Procedure, facts: Facts, act: Act, *, at: datetime) -> Ruling:
        """Proposed, signed, and told when the quiet period is over. Any other act moves nothing."""
        if not procedure.running:
            return unchanged(procedure)
        if act.kind == "clock":
            return self._waited(procedure, facts, at)
        if act.kind != "decision":
            return generic.still(procedure)
        if act.decision == "propose":
            return self._propose(procedure, facts, act)
        if act.decision == "recover":
            return self._recover(procedure, facts, act, at)
        if act.decision == "waive":
            return self._waive(procedure, facts, act, at)
        if act.decision == "examine_again":
            kept = self._records.sent_back(procedure, facts, act, at)
            return self._examine(procedure, facts).with_effects(*kept.effects)
        raise generic.DecisionUnknown(f"{procedure.type} {procedure.step}: {act.decision}")

    def correct(self, procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
        """Other months, another amount: whatever was proposed or signed is put to people again."""
        if not (procedure.running or procedure.state is OwnerState.DONE):
            return unchanged(procedure)
        if self._amounts(procedure, facts) != procedure.memory.get("amounts"):
            kept = self._records.taken_back(procedure, facts)
            return self._examine(procedure, facts).with_effects(*kept.effects)
        if procedure.running and procedure.step == QUIET:
            return self._dated_anew(procedure, facts, at)
        return generic.still(procedure)

    def withdraw(self, procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
        """What the state must do runs on (G5)."""
        recorded = procedure.running or procedure.state is OwnerState.DONE
        return too_late(procedure, at) if recorded else unchanged(procedure)

    def undo(self, procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
        """Nothing is claimed any more, which needs no signature. What came back is to be returned."""
        if procedure.ended and procedure.state is not OwnerState.DONE:
            return unchanged(procedure)
        kept = self._records.taken_back(procedure, facts)
        return undone(procedure.terms.undo, result={}, memory={}, effects=kept.effects)

    def _examine(self, procedure: Procedure, facts: Facts) -> Ruling:
        memory = {"amounts": self._amounts(procedure, facts)}
        return opened(EXAMINE, result={}, task_facts=self._facts(procedure, facts), memory=memory)

    def _propose(self, procedure: Procedure, facts: Facts, act: Act) -> Ruling:
        way = str(act.data["way"])
        kept = self._records.proposed(procedure, facts, way, act)
        return opened(
            DECIDE,
            task_facts={**self._facts(procedure, facts), "proposal": way},
            memory={**procedure.memory, "proposal": way, **kept.memory},
            effects=kept.effects,
        )

    def _recover(self, procedure: Procedure, facts: Facts, act: Act, at: datetime) -> Ruling:
        """Signed: the claim stands, and is told as soon as the quiet period allows."""
        letter_from, instalments = _letter_from(procedure, at), int(act.data["instalments"])
        kept = self._records.signed(procedure, facts, Signed("recover", act.by, at, instalments, letter_from))
        told = {
            "decision": "recover",
            "overpaid_fen": sum(each.amount_fen for each in self._records.claims(procedure, facts)),
            "instalments": instalments,
            "letter_from": letter_from.isoformat(),
        }
        memory = {**procedure.memory, "told": told, "reason": act.reason, **kept.memory}
        ruling = generic.enter(procedure, QUIET, at=at, memory=memory, effects=kept.effects)
        return _told(ruling, memory)

    def _waive(self, procedure: Procedure, facts: Facts, act: Act, at: datetime) -> Ruling:
        """Signed: nobody is asked for anything, and no letter is needed."""
        kept = self._records.signed(procedure, facts, Signed("waive", act.by, at))
        memory = {**procedure.memory, **kept.memory}
        return done({"decision": "waive"}, reason=act.reason, memory=memory, effects=kept.effects)

    def _waited(self, procedure: Procedure, facts: Facts, at: datetime) -> Ruling:
        ruling = generic.wait_over(procedure, at)
        if ruling.state is not OwnerState.DONE:
            return ruling
        return _told(ruling, procedure.memory).with_effects(*self._records.told(procedure, facts, at).effects)

    def _dated_anew(self, procedure: Procedure, facts: Facts, at: datetime) -> Ruling:
        """Signed and waiting: the wait ends, and the letter goes out, as the newest day of death has it."""
        letter_from = _letter_from(procedure, at)
        told = {**procedure.memory.get("told", {}), "letter_from": letter_from.isoformat()}
        kept = self._records.dated_anew(procedure, facts, letter_from)
        still = replace(generic.still(procedure), memory={**procedure.memory, "told": told})
        return still.with_effects(*kept.effects)

    def _amounts(self, procedure: Procedure, facts: Facts) -> dict[str, int]:
        return {str(each.hold): each.amount_fen for each in self._records.claims(procedure, facts)}

    def _facts(self, procedure: Procedure, facts: Facts) -> dict[str, Any]:
        """For the desks that decide: holdings, months and fen; the day before which no letter goes out."""
        lines = [
            {
                "hold": str(each.hold),
                "kind": each.kind,
                "months": [month_text(month) for month in sorted(each.months)],
                "overpaid_fen": each.amount_fen,
                "legal_basis": LEGAL_BASIS,
            }
            for each in self._records.claims(procedure, facts)
        ]
        return {"overpaid": lines, "no_letter_before": _quiet_until(procedure).isoformat()}


def _told(ruling: Ruling, memory: Mapping[str, Any]) -> Ruling:
    """The result and its reason become public with the end, never before."""
    if ruling.state is not OwnerState.DONE:
        return ruling
    return replace(ruling, result=memory.get("told", {}), reason=memory.get("reason"))


def _letter_from(procedure: Procedure, at: datetime) -> date:
    return max(_quiet_until(procedure), at.astimezone(TZ).date())


def _quiet_until(procedure: Procedure) -> date:
    """The first day after the quiet period, as the case's plan has it."""
    step = find_step(procedure.terms, QUIET)
    until = waits_until(procedure, step) if step is not None else None
    return (until or procedure.occurred_at).astimezone(TZ).date()
