"""`funeral.eco_burial_award` (row 8): kind × amount of the region, once in a life, signed by the county (R22, FN-015).

The kind is the one that was carried out, the amount the region's on the day of death. Whoever enjoyed an award in life
gets none after death, or the difference, as the region says. Granted it is owed; paid it leaves the fund. A correction
of the kind pays the difference, or (signed) recovers it; an undo cancels what is owed or recovers what was paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done, opened, too_late, unchanged
from casework.steps import SIGN_CORRECTION, sign_correction
from contracts.catalog_files import load_catalogue
from contracts.catalog_regions import EcoAward
from contracts.outcomes import OwnerState
from kernel.public_service.clock import TZ
from services.funeral.commands.afterwards import apply_awards as apply
from services.funeral.domain.effects import Award, AwardCancelled, AwardChanged, AwardPaid, BookMoney
from services.funeral.domain.facts import AwardFacts, GivenAward
from services.funeral.problems import AwardedBefore, NoAward, fault
from services.funeral.procedures.taken_back import taken_back
from services.funeral.queries.afterwards import gather_awards as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "undo", "withdraw"]

PAY = "pay"
REASON = "eco_burial_award"
OWED, NEXT = "owed_fen", "next"


def open(procedure: Procedure, facts: AwardFacts, *, at: datetime) -> Ruling:
    """Waits for the county, with kind and amount found by the system, and an award enjoyed in life."""
    return _shown(procedure, facts, generic.open(procedure, facts, at=at))


def advance(procedure: Procedure, facts: AwardFacts, act: Act, *, at: datetime) -> Ruling:
    """Granted by the county, paid by finance, refused with a reason; or a signed correction."""
    if act.kind == "decision" and act.decision == "grant":
        return _granted(procedure, facts, act.data)
    if act.kind == "decision" and act.decision == "paid":
        return _paid(procedure, facts)
    if act.kind == "decision" and procedure.step == SIGN_CORRECTION:
        return _signed(procedure, facts, act)
    return generic.advance(procedure, facts, act, at=at)


def withdraw(procedure: Procedure, facts: AwardFacts, *, at: datetime) -> Ruling:
    """What was granted and not paid is owed no more; once something is paid it is too late."""
    own = facts.own(procedure.id)
    if own is not None and own.amount_fen > _owed(procedure):
        return too_late(procedure, at)
    return taken_back(generic.withdraw(procedure, facts, at=at), *_taken_back(procedure, facts))


def correct(procedure: Procedure, facts: AwardFacts, *, at: datetime) -> Ruling:
    """Another kind was carried out: the difference is owed at once, or recovered with a signature (R73)."""
    own = facts.own(procedure.id)
    if own is None or procedure.state not in (OwnerState.OPEN, OwnerState.DONE):
        return _shown(procedure, facts, generic.correct(procedure, facts, at=at))
    due = _due(procedure, facts)
    if due is None or (due.kind, due.amount_fen) == (own.kind, own.amount_fen):
        return unchanged(procedure)
    if due.amount_fen >= own.amount_fen:
        return _changed(procedure, own, due)
    step = sign_correction("签批奖补更正")
    shown = {"before_fen": own.amount_fen, "after_fen": due.amount_fen, "kind": due.kind}
    memory = {OWED: _owed(procedure), NEXT: {"kind": due.kind, "amount_fen": due.amount_fen}}
    return opened(step.id, extra_step=step, memory=memory, task_facts=shown)


def undo(procedure: Procedure, facts: AwardFacts, *, at: datetime) -> Ruling:
    """Owed: owed no more. Paid: recovered."""
    return taken_back(generic.undo(procedure, facts, at=at), *_taken_back(procedure, facts))


@dataclass(frozen=True, slots=True)
class _Due:
    """What the person is due: kind, amount, whose budget."""

    kind: str
    amount_fen: int
    funding_source: str


def _due(procedure: Procedure, facts: AwardFacts, named: str | None = None) -> _Due | None:
    """The award for the kind that was carried out; none: the region has none for it, or nothing was carried out."""
    placement = facts.placement
    # Buried by others, the proof is before the county, which names the kind; what we did ourselves we know.
    kind = named if placement is None else placement.eco_kind
    if kind is None:
        return None
    award = _award(procedure, kind)
    if award is None:
        return None
    enjoyed = facts.in_life()
    amount = award.amount_fen
    if enjoyed is not None:
        amount = max(0, amount - enjoyed.amount_fen) if award.after_in_life == "difference" else 0
    return _Due(kind, amount, award.funded_by)


def _award(procedure: Procedure, kind: str) -> EcoAward | None:
    tree, on = load_catalogue().tree, procedure.occurred_at.astimezone(TZ).date()
    return tree.eco_award(kind, "after_death", procedure.region, on) if procedure.region in tree else None


def _granted(procedure: Procedure, facts: AwardFacts, data: Mapping[str, Any]) -> Ruling:
    if facts.other_after_death(procedure.id) is not None:
        raise AwardedBefore()
    due = _due(procedure, facts, data.get("kind"))
    if due is None:
        raise NoAward()
    if data.get("kind") not in (None, due.kind):
        raise fault(
            "/data/kind", "kind_differs", "与实际的安葬方式不一致。", "This is not the kind that was carried out.",
            f"实际为：{due.kind}", f"It was: {due.kind}",
        )  # fmt: skip
    if due.amount_fen == 0:
        raise AwardedBefore()
    if data.get("amount_fen") not in (None, due.amount_fen):
        raise fault(
            "/data/amount_fen", "amount_differs", "与当地公布的奖补标准不一致。", "This is not the region's amount.",
            f"应为 {due.amount_fen} 分；也可以不填。", f"It is {due.amount_fen} fen; it may be left out.",
        )  # fmt: skip
    payee = procedure.persons.get("applicant")
    award = Award(due.kind, due.amount_fen, due.funding_source, payee)
    owed = _money(procedure, "eco_award", "award_payable", due.amount_fen, due.funding_source, payee)
    result = {"kind": due.kind, "amount_fen": due.amount_fen, "paid": False}
    return opened(PAY, result=result, memory={OWED: due.amount_fen}, effects=(award, owed))


def _paid(procedure: Procedure, facts: AwardFacts) -> Ruling:
    """What is still owed is paid: the whole, or the difference of a correction."""
    own = facts.own(procedure.id)
    assert own is not None, "paid without a grant"
    owed = _owed(procedure)
    paid = _money(procedure, "award_payable", "paid", owed, own.funding_source, own.payee)
    return done({**procedure.result, "paid": True}, memory={OWED: 0}, effects=(AwardPaid(), paid))


def _owed(procedure: Procedure) -> int:
    """Fen granted and not paid yet."""
    return int(procedure.memory.get(OWED, 0))


def _changed(procedure: Procedure, own: GivenAward, due: _Due) -> Ruling:
    """More is owed and paid by finance; less is owed no more, and what was paid of it has to be given back."""
    more, owed = due.amount_fen - own.amount_fen, _owed(procedure)
    money = _more(procedure, own, more) if more > 0 else _less(procedure, own, -more, owed)
    owed = owed + more if more > 0 else max(0, owed + more)
    result: dict[str, Any] = {"kind": due.kind, "amount_fen": due.amount_fen, "paid": owed == 0}
    back = sum(line.amount_fen for line in money if line.debit == "recoverable")
    if back:
        result["recoverable_fen"] = back
    effects = (AwardChanged(due.kind, due.amount_fen), *money)
    if owed:
        return opened(PAY, result=result, memory={OWED: owed}, effects=effects)
    return done(result, memory={OWED: 0}, effects=effects)


def _more(procedure: Procedure, own: GivenAward, fen: int) -> tuple[BookMoney, ...]:
    return (_money(procedure, "eco_award", "award_payable", fen, own.funding_source, own.payee),)


def _less(procedure: Procedure, own: GivenAward, fen: int, owed: int) -> tuple[BookMoney, ...]:
    """First from what is still owed, then from what was paid."""
    parts = (("award_payable", min(fen, owed)), ("recoverable", fen - min(fen, owed)))
    return tuple(
        _money(procedure, debit, "eco_award", part, own.funding_source, own.payee)
        for debit, part in parts if part
    )  # fmt: skip


def _signed(procedure: Procedure, facts: AwardFacts, act: Act) -> Ruling:
    own = facts.own(procedure.id)
    assert own is not None, "a correction of no award"
    owed = _owed(procedure)
    if act.decision == "keep":
        return opened(PAY, memory={OWED: owed}) if owed else done(memory={OWED: 0}, reason=act.reason)
    after = procedure.memory[NEXT]
    return _changed(procedure, own, _Due(after["kind"], after["amount_fen"], own.funding_source))


def _taken_back(procedure: Procedure, facts: AwardFacts) -> tuple[object, ...]:
    own = facts.own(procedure.id)
    if own is None:
        return ()
    return (AwardCancelled(), *_less(procedure, own, own.amount_fen, _owed(procedure)))


def _money(
    procedure: Procedure, debit: str, credit: str, amount_fen: int, funding_source: str, payee: Any
) -> BookMoney:
    return BookMoney(debit, credit, amount_fen, funding_source, REASON, procedure.subject, payee)


def _shown(procedure: Procedure, facts: AwardFacts, ruling: Ruling) -> Ruling:
    """What the county signs: kind, amount, and what was enjoyed in life."""
    if ruling.state is not OwnerState.OPEN:
        return ruling
    due, enjoyed = _due(procedure, facts), facts.in_life()
    known: dict[str, Any] = {"amount_fen": due.amount_fen if due else None, "kind": due.kind if due else None}
    if enjoyed is not None:
        known["enjoyed_in_life_fen"] = enjoyed.amount_fen
    return replace(ruling, task_facts={**known, **ruling.task_facts})
